"""Let the applications of tests share the code that Werkzeug makes of URL rules.

It writes, and has Python compile, two functions for each rule of each application, which say how to
build its URLs: four fifths of the time in which an application is made. They are the same for the
same rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

_builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


class RememberedRule(Rule):
    """A rule that finds the functions that were made for its like."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # All that the functions are made of; the rule itself is given to them with each call.
        defaults = repr(sorted((self.defaults or {}).items()))
        key = self.rule, tuple(self._trace), defaults, append_unknown
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


def remember_rules() -> None:
    """Have all applications that this process makes from now on share them."""
    kind: Any = Flask
    kind.url_rule_class = RememberedRule
