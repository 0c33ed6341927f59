"""Parameters of commands that a function reads: what it raises is a usage error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from fmhost.errors import InvalidInput

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # generic since click 8.3 only


class Checked(_ParamType):
    """A parameter that a function reads.

    :param name: what help pages call such a value, e.g. ``"datetime"``.
    :param read: makes the value of the text; an :class:`~fmhost.errors.InvalidInput` that it raises
        becomes a usage error, which names the option and ends the program with 2.
    """

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; one that is no text (a default) is left as it is."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except InvalidInput as error:
            self.fail(str(error), param, ctx)
