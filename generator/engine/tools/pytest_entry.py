"""The module that pytest loads by itself, because the package is installed: it registers the plugin.

So the plugin is registered once, also if a project names it with ``-p`` or in ``pytest_plugins``; ``-p no:sfn-generator`` switches
it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.engine.tools import pytest_plugin

if TYPE_CHECKING:
    import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the plugin, unless it is registered."""
    if not pluginmanager.is_registered(pytest_plugin):
        pluginmanager.import_plugin(pytest_plugin.__name__)
