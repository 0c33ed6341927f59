"""Let the applications of tests share what Werkzeug makes of URL rules.

It takes each rule of each application apart, and writes, and has Python compile, two functions that
say how to build its URLs: four fifths of the time in which an application is made. What comes of it
is the same for the same rule.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import Rule

#: What there is of a rule after `compile`, by all that it is made of.
_compiled: dict[tuple[object, ...], dict[str, Any]] = {}


class RememberedRule(Rule):
    """A rule that finds what was made of its like."""

    def compile(self) -> None:
        """Take the rule apart, unless that was done before."""
        key = (
            (self.rule, self.host, self.subdomain, self.merge_slashes),
            repr(sorted((self.defaults or {}).items())),
            tuple(self.map.converters.items()),
            self.map.host_matching,
        )
        made = _compiled.get(key)
        if made is None:
            super().compile()
            build: Any = self._build
            build_unknown: Any = self._build_unknown
            made = _compiled[key] = {
                "arguments": frozenset(self.arguments),
                "_parts": self._parts,
                "_trace": self._trace,
                "_converters": self._converters,
                "_build": build.__func__,
                "_build_unknown": build_unknown.__func__,
            }
        # The functions are given the rule itself with each call.
        vars(self).update(
            made,
            arguments=set(made["arguments"]),
            _build=made["_build"].__get__(self),
            _build_unknown=made["_build_unknown"].__get__(self),
        )


def remember_rules() -> None:
    """Have all applications that this process makes from now on share them."""
    kind: Any = Flask
    kind.url_rule_class = RememberedRule
