"""What the value of a setting may look like: simple values.

A value type does three things: it checks a Python value (from a config file or an argument), it
reads text (from an environment variable) and it writes a value as such text. Writing and reading
again gives the same value, which the tests hold every type to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

TRUE_WORDS = frozenset({"true", "yes", "on", "1"})
FALSE_WORDS = frozenset({"false", "no", "off", "0"})
LOG_LEVELS = {"CRITICAL": 50, "ERROR": 40, "WARNING": 30, "INFO": 20, "DEBUG": 10, "NOTSET": 0}

# Patterns stay text until first used: compiling them all would cost a third of the import time.
_INTEGER = r"[+-]?\d+"
_IMPORT_PATH = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"


class ValueType:
    """One kind of value; subclasses say which.

    ``title`` completes the sentence "this is not ..."; ``example`` is a value as the text of an
    environment variable; ``empty`` tells whether an empty text is a value (otherwise an empty
    environment variable counts as not set).
    """

    title: str = ""
    example: str = ""
    empty: bool = False

    @property
    def literal(self) -> str:
        """The example as it stands in a config file."""
        return self.written(self.convert(self.example))

    def convert(self, value: object) -> Any:
        """The value in its canonical form, from text or from a Python value.

        :raises ValueError: where the value is not of this type.
        """
        return self.parse(value) if isinstance(value, str) else self.check(value)

    def parse(self, text: str) -> Any:
        """The value that a text stands for. :raises ValueError: where it stands for none."""
        raise ValueError(text)

    def check(self, value: object) -> Any:
        """A Python value other than text, in canonical form. :raises ValueError: if unfit."""
        raise ValueError(value)

    def format(self, value: Any) -> str:
        """The text that :meth:`parse` reads back as ``value``."""
        return str(value)

    def written(self, value: Any) -> str:
        """The value as it stands in a config file."""
        return repr(value)


class Text(ValueType):
    """Text, free or one of a few words."""

    def __init__(self, *choices: str, example: str = "") -> None:
        self.choices = choices
        self.title = "one of " + ", ".join(f'"{word}"' for word in choices) if choices else "text"
        self.example = example or (choices[0] if choices else "some text")
        self.empty = not choices

    def parse(self, text: str) -> str:
        if self.choices and text not in self.choices:
            raise ValueError(text)
        return text


class Boolean(ValueType):
    """True or false; as text ``true``, ``yes``, ``on``, ``1`` and their opposites, in any case."""

    title = "a boolean"
    example = "true"

    def parse(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in TRUE_WORDS and word not in FALSE_WORDS:
            raise ValueError(text)
        return word in TRUE_WORDS

    def check(self, value: object) -> bool:
        if value in (0, 1):  # True and False are among them
            return bool(value)
        raise ValueError(value)

    def format(self, value: bool) -> str:
        return "true" if value else "false"


class Integer(ValueType):
    """A whole number, from ``minimum`` on."""

    def __init__(self, minimum: int | None = None, *, example: str = "10") -> None:
        self.minimum = minimum
        self.title = "a whole number" + ("" if minimum is None else f" of at least {minimum}")
        self.example = example

    def parse(self, text: str) -> int:
        if not re.fullmatch(_INTEGER, text.strip()):
            raise ValueError(text)
        return self.check(int(text))

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
            raise ValueError(value)
        if self.minimum is not None and value < self.minimum:
            raise ValueError(value)
        return int(value)


class Number(ValueType):
    """A finite number, from ``minimum`` on."""

    def __init__(self, minimum: float | None = None, *, example: str = "2.5") -> None:
        self.minimum = minimum
        self.title = "a number" + ("" if minimum is None else f" of at least {minimum:g}")
        self.example = example

    def parse(self, text: str) -> float:
        return self.check(float(text))

    def check(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(value)
        if not math.isfinite(value) or (self.minimum is not None and value < self.minimum):
            raise ValueError(value)
        return float(value)

    def format(self, value: float) -> str:
        return repr(value)


class LogLevel(ValueType):
    """The severity from which messages are logged, as the number that Python's logging uses."""

    title = "a log level"
    example = "INFO"

    def parse(self, text: str) -> int:
        name = text.strip().upper()
        if name in LOG_LEVELS:
            return LOG_LEVELS[name]
        return Integer(0).parse(text)

    def check(self, value: object) -> int:
        return Integer(0).check(value)

    def format(self, value: int) -> str:
        names = {number: name for name, number in LOG_LEVELS.items()}
        return names.get(value, str(value))

    def written(self, value: int) -> str:
        return repr(self.format(value))


class ImportPath(ValueType):
    """Where a class stands: ``package.module:Class``."""

    title = "an import path"
    example = "my_company.schedulers:TankScheduler"

    def parse(self, text: str) -> str:
        if not re.fullmatch(_IMPORT_PATH, text.strip()):
            raise ValueError(text)
        return text.strip()


class OrNone(ValueType):
    """A value of another type, or none; an empty text and ``None`` stand for none."""

    empty = True

    def __init__(self, inner: ValueType) -> None:
        self.inner = inner
        self.title = f"{inner.title} or None"
        self.example = inner.example

    def written(self, value: Any) -> str:
        return "None" if value is None else self.inner.written(value)

    def parse(self, text: str) -> Any:
        if text.strip() in ("", "None"):
            return None
        value = self.inner.parse(text)
        return None if value == [] else value  # nothing but separators

    def check(self, value: object) -> Any:
        return None if value is None else self.inner.check(value)

    def format(self, value: Any) -> str:
        return "" if value is None else self.inner.format(value)


class OneOf(ValueType):
    """A value of the first type that takes it."""

    def __init__(self, *types: ValueType) -> None:
        self.types: Sequence[ValueType] = types
        self.title = " or ".join(each.title for each in types)
        self.example = types[0].example
        self.empty = any(each.empty for each in types)

    def parse(self, text: str) -> Any:
        return self._first(text)

    def check(self, value: object) -> Any:
        return self._first(value)

    def _first(self, value: object) -> Any:
        for each in self.types:
            try:
                return each.convert(value)
            except ValueError:
                continue
        raise ValueError(value)

    def format(self, value: Any) -> str:
        return self._type_of(value).format(value)

    def written(self, value: Any) -> str:
        return self._type_of(value).written(value)

    def _type_of(self, value: Any) -> ValueType:
        """The type of a canonical value."""
        for each in self.types:
            try:
                if each.convert(value) == value:
                    return each
            except ValueError:
                continue
        raise ValueError(value)
