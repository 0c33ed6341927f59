"""Forms as templates show them: what was entered, and what the API says is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, request

Messages = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Form:
    """What a form has.

    :param values: texts by the name of the field.
    :param errors: texts by field, with dots between a field and what is within it.
    """

    values: Mapping[str, str]
    errors: Messages = field(default_factory=dict)

    def value(self, name: str) -> str:
        """What is in a field."""
        return self.values.get(name, "")

    def wrong(self, name: str) -> list[str]:
        """What is wrong with a field, or within it."""
        return [
            text if place == name else f"{place.removeprefix(f'{name}.')}: {text}"
            for place, texts in self.errors.items()
            for text in texts
            if place == name or place.startswith(f"{name}.")
        ]

    @property
    def rest(self) -> list[str]:
        """What is wrong with no field of the form."""
        return [
            f"{place}: {text}" if place else text
            for place, texts in self.errors.items()
            for text in texts
            if place.split(".")[0] not in self.values
        ]


def entered(names: Sequence[str]) -> dict[str, str]:
    """What was entered in these fields, without blanks around it."""
    return {name: request.form.get(name, "").strip() for name in names}


def is_rehearsal() -> bool:
    """Whether a script only asks what would be wrong with what is in the form so far."""
    return bool(request.form.get("rehearse"))


def rehearsed(messages: Messages) -> Response:
    """The answer to such a question."""
    return jsonify({"messages": messages})


def pretty(value: Any) -> str:
    """JSON as people write it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
