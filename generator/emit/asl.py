"""The definition as a file: JSON that is a Terraform template at the same time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from generator.asl.write import to_json
from generator.lower.text import SHIELD

if TYPE_CHECKING:
    from generator.asl.model import StateMachine

FILE = "definition.asl.json"


def template_text(text: str) -> str:
    r"""Make JSON text safe as a Terraform template, in which only placeholders start with ``${``.

    An author's ``${`` and every ``%{`` get their first character as a JSON escape: Terraform's ``templatefile`` reads no JSON
    escapes, and whoever reads the JSON gets the author's text back.

    >>> template_text('{"a": "%{ if }", "b": "${arn}"}')
    '{"a": "\\u0025{ if }", "b": "${arn}"}'
    """
    return text.replace("$" + SHIELD + "{", "\\u0024{").replace(SHIELD, "").replace("%{", "\\u0025{")


def definition_text(machine: StateMachine) -> str:
    r"""Write a compiled definition as ``definition.asl.json``.

    >>> from generator.asl.model import Pass, StateMachine
    >>> print(definition_text(StateMachine(start_at="A", states={"A": Pass(comment="50%{x}", end=True)})), end="")
    {
      "StartAt": "A",
      "States": {
        "A": {
          "Type": "Pass",
          "Comment": "50\u0025{x}",
          "End": true
        }
      }
    }
    """
    return template_text(json.dumps(to_json(machine), indent=2, ensure_ascii=False)) + "\n"
