"""Checks of the values in a manifest, so that a mistake is found where it is written.

Each function takes the value and the name of the field, and raises
:class:`~fmhost.errors.PluginError` with what is wrong and an example of what is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fmhost.errors import PluginError

_DOTTED = r"[A-Za-z_][\w-]*(\.[\w-]+)*"

NAME = re.compile(r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*"), "my-plugin"
OFFER = re.compile(r"\S.*\S|\S"), "MyScheduler"
OBJECT = re.compile(rf"{_DOTTED}:{_DOTTED}"), "my_plugin.module:name"
MODULE = re.compile(rf"{_DOTTED}(:{_DOTTED})?"), "my_plugin.module"
FOLDER = re.compile(rf"{_DOTTED}:[\w./-]+"), "my_plugin:migrations"
COMMAND_PATH = re.compile(r"[A-Za-z0-9][\w-]*( [A-Za-z0-9][\w-]*)*"), "add weather"
ROUTE = re.compile(r"/\S*"), "/weather/<int:id>"
SETTING_NAME = re.compile(r"[A-Z][A-Z0-9_]*"), "MY_PLUGIN_TOKEN"
TABLE_PREFIX = re.compile(r"[a-z][a-z0-9_]*_"), "my_plugin_"
LINE = re.compile(r"\S[^\n]*"), "One line of text."

#: How long names and descriptions of asset types and roles can be.
LONGEST = 80

Shape = tuple[re.Pattern[str], str]


def text(value: object, field: str, shape: Shape) -> None:
    """`value` is text of that shape."""
    pattern, example = shape
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise PluginError(
            f"{field} is {value!r}.", field=field, hint=f"It has to look like {example!r}."
        )


def optional_text(value: object, field: str, shape: Shape) -> None:
    """`value` is None or text of that shape."""
    if value is not None:
        text(value, field, shape)


def texts(value: object, field: str, shape: Shape) -> None:
    """`value` is a sequence of such texts, each once."""
    for index, item in enumerate(sequence(value, field, str)):
        text(item, f"{field}[{index}]", shape)


def sequence(value: object, field: str, member: type) -> Sequence[Any]:
    """`value` is a list or tuple of `member` objects."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise PluginError(
            f"{field} is {value!r}.",
            field=field,
            hint=f"It has to be a list or tuple of {member.__name__}, such as ({value!r},)."
            if isinstance(value, member)
            else f"It has to be a list or tuple of {member.__name__}.",
        )
    for index, item in enumerate(value):
        if not isinstance(item, member):
            raise PluginError(
                f"{field}[{index}] is {item!r}.",
                field=field,
                hint=f"It has to be a {member.__name__}.",
            )
    return value


def mapping(value: object, field: str, member: type) -> None:
    """`value` maps names of offers to `member` objects."""
    if not isinstance(value, Mapping):
        raise PluginError(
            f"{field} is {value!r}.",
            field=field,
            hint=f"It has to map names to {member.__name__} objects.",
        )
    for key, item in value.items():
        text(key, f"A name in {field}", OFFER)
        if not isinstance(item, member):
            raise PluginError(
                f"{field}[{key!r}] is {item!r}.",
                field=field,
                hint=f"It has to be a {member.__name__}.",
            )


def descriptions(value: object, field: str) -> None:
    """`value` maps names to descriptions, both short enough for the database."""
    mapping(value, field, str)
    assert isinstance(value, Mapping)
    for name, description in value.items():
        for said in (name, description):
            if len(said) > LONGEST:
                raise PluginError(
                    f"{field} has a text of {len(said)} characters: {said!r}.",
                    field=field,
                    hint=f"At most {LONGEST} fit.",
                )


def grants(value: object, field: str, permissions: Sequence[str]) -> None:
    """`value` maps names of roles to lists of some of these permissions."""
    if not isinstance(value, Mapping):
        raise PluginError(
            f"{field} is {value!r}.",
            field=field,
            hint="It has to map names of roles to lists of permissions.",
        )
    for role, granted in value.items():
        text(role, f"A role in {field}", OFFER)
        texts(granted, f"{field}[{role!r}]", OFFER)
        for permission in granted:
            if permission not in permissions:
                raise PluginError(
                    f"{field}[{role!r}] grants '{permission}', which is no permission of this "
                    "plugin.",
                    field=field,
                    hint="Name it in Manifest.permissions; those of others cannot be granted.",
                )


def together(one: object, name: str, other: object, other_name: str) -> None:
    """Both fields of the manifest are given, or neither is."""
    if bool(one) != bool(other):
        given, missing = (name, other_name) if one else (other_name, name)
        raise PluginError(
            f"Manifest.{given} is given, and Manifest.{missing} is not.",
            field=f"Manifest.{missing}",
            hint="They belong together.",
        )


def distinct(claims: Iterable[tuple[str, str]]) -> None:
    """No claim is made twice."""
    seen = set()
    for kind, name in claims:
        if (kind, name) in seen:
            raise PluginError(
                f"The manifest claims the {kind} '{name}' twice.",
                field=kind,
                hint="Give one of them another name.",
            )
        seen.add((kind, name))
