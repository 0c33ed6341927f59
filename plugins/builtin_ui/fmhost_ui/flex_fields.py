"""The fields of flex-models and flex-contexts, as the JSON Schema of a scheduler describes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

#: The mark of fields that requests for a schedule usually say.
_ASKED_FOR: Final = "x-asked-for"


@dataclass(frozen=True, slots=True)
class FlexField:
    """A field.

    :param notations: how its value can be written: ``fixed`` (a quantity with a unit), ``sensor``
        (a reference), ``series`` (values with their times), ``flag``, ``choice``, ``text``,
        ``number``, ``id`` and ``ids`` (of sensors), ``sensors`` (references), ``json``.
    :param choices: the values of a ``choice``.
    :param is_asked_for: whether requests for a schedule usually say it.
    """

    name: str
    description: str
    notations: Sequence[str]
    example: str = ""
    choices: Sequence[str] = ()
    is_asked_for: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The field as scripts read it."""
        return asdict(self)


def fields_of(schema: Mapping[str, Any]) -> list[FlexField]:
    """The fields that a schema describes, in its order."""
    required = schema.get("required", ())
    return [
        FlexField(
            name=name,
            description=str(each.get("description", "")),
            notations=_notations(each),
            example=_example(each),
            choices=[str(choice) for choice in each.get("enum", ())],
            is_asked_for=bool(each.get(_ASKED_FOR)) or name in required,
        )
        for name, each in schema.get("properties", {}).items()
        if not each.get("deprecated") and "not" not in each
    ]


def _notations(schema: Mapping[str, Any]) -> list[str]:
    found = dict.fromkeys(_notation(each) for each in _alternatives(schema))
    return list(found) or ["json"]


def _alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "anyOf" not in schema:
        yield schema
    for each in schema.get("anyOf", ()):
        yield from _alternatives(each)


def _notation(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if "enum" in schema:
        return "choice"
    if isinstance(kind, list):
        return "fixed" if set(kind) == {"string", "number"} else "json"
    if kind == "object":
        return "sensor" if schema.get("required") == ["sensor"] else "json"
    if kind == "array":
        return _notation_of_list(schema.get("items", {}))
    names = {"boolean": "flag", "string": "text", "number": "number", "integer": "id"}
    return names.get(str(kind), "json")


def _notation_of_list(item: Mapping[str, Any]) -> str:
    if item.get("type") == "integer":
        return "ids"
    if item.get("required") == ["sensor"]:
        return "sensors"
    return "series" if "value" in item.get("properties", {}) else "json"


def _example(schema: Mapping[str, Any]) -> str:
    for each in _alternatives(schema):
        if each.get("examples"):
            return str(each["examples"][0])
    return ""


def read_value(text: str) -> Any:
    """What was entered in one line: JSON where it looks like that, else a text.

    :raises ValueError: where it looks like JSON and is none.
    """
    if text.startswith(("{", "[")) or text in ("true", "false"):
        return json.loads(text)
    return text
