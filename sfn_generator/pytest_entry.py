"""The module that pytest loads in every test run of an environment: it registers the plugin, and imports nothing else.

The library is imported when a test uses a fixture of the plugin. So a test run is as it was for projects that do not use it, also if
they have a module named ``generator``. ``-p no:sfn-generator`` switches the plugin off.
"""

from __future__ import annotations

import re
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest

from sfn_generator import HOME, LIBRARY, HiddenLibraryError, advice, hidden_by, load_library

if TYPE_CHECKING:
    from types import ModuleType

PLUGIN = f"{LIBRARY}.engine.tools.pytest_plugin"
PLUGINS = (PLUGIN, f"{LIBRARY}.view.pytest_plugin")

_IMPORT_FAILED = re.compile(rf"ImportError|ModuleNotFoundError: No module named '{LIBRARY}[.']|module '{LIBRARY}' has no attribute")


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the plugins, unless the project names them itself."""
    for name in PLUGINS:
        if pluginmanager.get_plugin(name) is None:
            pluginmanager.register(_plugin(name), name)


def _plugin(name: str) -> ModuleType:
    """Load the module of a plugin from its file: an import would import the package, or another one of its name."""
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, HOME.joinpath(*name.split(".")).with_suffix(".py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> None:
    """Import the library before a fixture of the plugin is made."""
    if getattr(fixturedef.func, "__module__", "") == PLUGIN:
        try:
            load_library()
        except HiddenLibraryError as error:
            pytest.fail(str(error), pytrace=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Explain imports that failed because a module of the project hides the library."""
    reports = [*terminalreporter.stats.get("error", ()), *terminalreporter.stats.get("failed", ())]
    texts = [str(getattr(report, "longrepr", "")) for report in reports]
    if any(LIBRARY in text and _IMPORT_FAILED.search(text) for text in texts) and (hidden := hidden_by() or _found_first()):
        terminalreporter.section("sfn-generator")
        terminalreporter.line(advice(hidden))


def _found_first() -> str:
    """Return the file that ``import generator`` would import, if it is not the library."""
    spec = PathFinder.find_spec(LIBRARY)
    ours = str(HOME / LIBRARY / "__init__.py")
    return "" if spec is None or spec.origin in {None, ours} else str(spec.origin)
