"""The declaration of one setting."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from fmhost.settings.value_types import ValueType

REQUIRED = "required"
RECOMMENDED = "recommended"


class Setting(NamedTuple):
    """What is known about one setting before anybody sets it.

    :param name: upper case, as in config files and environment variables.
    :param type: how its values are checked, read from text and shown.
    :param default: its value where no source sets it, in canonical form.
    :param meaning: one or two sentences for the person who sets it, with the unit in brackets.
    :param from_environment: whether an environment variable of that name is read.
    :param by_environment: defaults in single environments (``{"testing": True}``).
    :param aliases: older names, which still work with a warning.
    :param secret: whether the value is never shown.
    :param only_from_environment: whether a config file cannot set it.
    :param importance: ``"required"`` or ``"recommended"`` for a server in production, or ``""``.
    :param default_text: how the documentation names a default that depends on other things.
    """

    name: str
    type: ValueType
    default: Any
    meaning: str
    from_environment: bool = False
    by_environment: Mapping[str, Any] = MappingProxyType({})
    aliases: tuple[str, ...] = ()
    secret: bool = False
    only_from_environment: bool = False
    importance: str = ""
    default_text: str = ""

    def default_in(self, environment: str) -> tuple[Any, str]:
        """The default in an environment, and where it comes from."""
        if environment in self.by_environment:
            return self.by_environment[environment], f"environment '{environment}'"
        return self.default, "default"
