"""What the value of a setting may look like: lists, pairs and dictionaries.

Checking copies the containers, so that a setting never shares one with its declaration or with a
config file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmhost.settings.value_types import Text, ValueType

TEXT = Text()


class ListOf(ValueType):
    """A list of one type; as text separated by commas, or a JSON list."""

    empty = True

    def __init__(self, item: ValueType = TEXT, *, example: str = "first,second") -> None:
        self.item = item
        self.title = "a list" if item is TEXT else f"a list, each {item.title}"
        self.example = example

    def parse(self, text: str) -> list[Any]:
        text = text.strip()
        if text.startswith("["):
            return self.check(_from_json(text))
        return [self.item.parse(part.strip()) for part in text.split(",") if part.strip()]

    def check(self, value: object) -> list[Any]:
        if isinstance(value, (list, tuple)):
            return [self.item.convert(each) for each in value]
        raise ValueError(value)

    def format(self, value: list[Any]) -> str:
        texts = [self.item.format(each) for each in value]
        plain = ",".join(texts)
        return plain if self._splits_into(plain, texts) else _to_json(texts)

    def _splits_into(self, plain: str, texts: list[str]) -> bool:
        parts = [part.strip() for part in plain.split(",") if part.strip()]
        return parts == texts and not plain.startswith("[")


class Pair(ValueType):
    """Two texts, as ``(a, b)``; as text separated by a comma, or a JSON list."""

    def __init__(self, first: str, second: str, *, example: str) -> None:
        self.title = f"a pair ({first}, {second})"
        self.example = example
        self.list_type = ListOf()

    def parse(self, text: str) -> tuple[str, str]:
        return self.check(self.list_type.parse(text))

    def check(self, value: object) -> tuple[str, str]:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise ValueError(value)
        first, second = (TEXT.convert(each) for each in value)
        return first, second

    def format(self, value: tuple[str, str]) -> str:
        return self.list_type.format(list(value))


class Dictionary(ValueType):
    """A dictionary, of any values or of one type; as text a JSON object."""

    def __init__(self, values: ValueType | None = None, *, example: str = '{"key": 1}') -> None:
        self.values = values
        self.title = "a dictionary" + (f", each value {values.title}" if values else "")
        self.example = example

    def parse(self, text: str) -> dict[Any, Any]:
        return self.check(_from_json(text))

    def check(self, value: object) -> dict[Any, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(value)
        convert = copied if self.values is None else self.values.convert
        return {_key(key): convert(each) for key, each in value.items()}

    def format(self, value: dict[Any, Any]) -> str:
        return _to_json(value)


class NamesForRoles(ValueType):
    """Names, each for all or for some account roles: ``["a", ("b", ["role"])]``.

    The canonical form is a list of names and of pairs (name, list of account roles). As text: names
    separated by commas, or a JSON list.
    """

    empty = True
    title = "a list of names and of pairs (name, [account roles])"
    example = "dashboard,assets"

    def parse(self, text: str) -> list[Any]:
        return self.check(ListOf().parse(text) if text.strip()[:1] != "[" else _from_json(text))

    def check(self, value: object) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise ValueError(value)
        if isinstance(value, tuple) and len(value) == 2 and _is_pair(value[0], value[1]):
            value = [value]  # one pair without the list around it
        return [self._entry(each) for each in value]

    def _entry(self, entry: object) -> str | tuple[str, list[str]]:
        if isinstance(entry, (list, tuple)) and len(entry) == 2 and _is_pair(*entry):
            name, roles = entry
            return self._name(name), [TEXT.convert(role) for role in roles]
        return self._name(entry)

    def _name(self, name: object) -> str:
        if isinstance(name, (list, tuple)) and len(name) == 1:
            name = name[0]
        return str(TEXT.convert(name))

    def format(self, value: list[Any]) -> str:
        if all(isinstance(each, str) for each in value):
            return ListOf().format(value)
        return _to_json(value)


class NameForRoles(ValueType):
    """One name for everybody, or names by account role."""

    empty = True
    title = "text or a list of names and of pairs (name, [account roles])"
    example = "My platform"

    def parse(self, text: str) -> Any:
        return NamesForRoles().parse(text) if text.strip().startswith("[") else text

    def check(self, value: object) -> Any:
        return NamesForRoles().check(value)

    def format(self, value: Any) -> str:
        return value if isinstance(value, str) else _to_json(value)


class BoundingBox(ValueType):
    """Two opposite corners of a map, ``((latitude, longitude), (latitude, longitude))`` [°]."""

    title = "a pair of corners ((latitude, longitude), (latitude, longitude))"
    example = "[[54, 2], [50.732, 7.808]]"

    def parse(self, text: str) -> Any:
        return self.check(_from_json(text))

    def check(self, value: object) -> tuple[tuple[float, float], tuple[float, float]]:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise ValueError(value)
        return _corner(value[0]), _corner(value[1])

    def format(self, value: Any) -> str:
        return _to_json(value)


def copied(value: Any) -> Any:
    """The value with every dictionary, list and tuple in it copied, and all else shared."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [copied(each) for each in value]
    if type(value) is tuple:
        return tuple(copied(each) for each in value)
    return value


def _key(key: object) -> str:
    if isinstance(key, bool) or not isinstance(key, (str, int)):
        raise ValueError(key)
    return str(key)


def _is_pair(first: object, second: object) -> bool:
    """Whether this is (name, [roles]) and not two names; a name may stand alone in a list."""
    is_name = isinstance(first, str) or (isinstance(first, (list, tuple)) and len(first) == 1)
    return is_name and isinstance(second, (list, tuple))


def _corner(value: object) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(value)
    latitude, longitude = value
    for degrees, limit in ((latitude, 90), (longitude, 180)):
        if isinstance(degrees, bool) or not isinstance(degrees, (int, float)):
            raise ValueError(value)
        if not -limit <= degrees <= limit:
            raise ValueError(value)
    return float(latitude), float(longitude)


def _from_json(text: str) -> Any:
    import json  # few settings are JSON, and it would be a fifth of the time of the import

    return json.loads(text)


def _to_json(value: Any) -> str:
    import json  # as above

    return json.dumps(value, default=str, ensure_ascii=False)
