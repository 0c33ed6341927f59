"""Checks of single values, which several use cases share."""

from __future__ import annotations

import math
import re
from ipaddress import AddressValueError, IPv4Address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fmhost.errors import InvalidInput

_COLOR = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)


def required_text(text: str, field: str, *, longest: int) -> str:
    """The text without space around it.

    :raises InvalidInput: where nothing is left, or more than `longest` characters.
    """
    text = text.strip()
    if not text:
        raise InvalidInput(f"The {field} is empty.", field=field, hint="Give one.")
    return short_text(text, field, longest=longest)


def short_text(text: str, field: str, *, longest: int) -> str:
    """The text, if the database has room for it.

    :raises InvalidInput: where it has more than `longest` characters.
    """
    if len(text) > longest:
        raise InvalidInput(
            f"The {field} has {len(text)} characters, and at most {longest} are allowed.",
            field=field,
            hint="Shorten it.",
        )
    return text


def color(value: str | None, field: str) -> str | None:
    """A colour as ``#rgb`` or ``#rrggbb``; the ``#`` may be left out on input.

    :raises InvalidInput: for anything else.
    """
    if value is None:
        return None
    match = _COLOR.fullmatch(value.strip())
    if match is None:
        raise InvalidInput(f"{value} is not a valid hex color code.", field=field)
    return f"#{match[1]}"


def url(value: str | None, field: str) -> str | None:
    """The address of a picture: http, https or ftp, with a domain or an IPv4 address.

    :raises InvalidInput: for anything else, and for more than 255 characters.
    """
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        known_scheme = parts.scheme in ("http", "https", "ftp")
        # Reading the port raises where it is none.
        valid = known_scheme and parts.port != 0 and (_is_ipv4(host) or _DOMAIN.fullmatch(host))
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in value):
        raise InvalidInput(f"'{value}' is not a valid URL.", field=field)
    return required_text(value, field, longest=255)


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def timezone(name: str, field: str = "timezone") -> str:
    """The IANA name of a time zone.

    :raises InvalidInput: for a name that is none.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what zoneinfo raises depends on the name
        raise InvalidInput(
            f"Timezone {name} is unknown!",
            field=field,
            hint="Use an IANA name, such as Europe/Amsterdam.",
        ) from None
    return name


def coordinate(value: float | None, field: str, *, limit: float) -> float | None:
    """A latitude (`limit` 90) or longitude (`limit` 180) [degrees].

    :raises InvalidInput: outside of the limits, and with more than seven decimals.
    """
    if value is None:
        return None
    if math.isnan(value):
        raise InvalidInput(f"The {field} is not a number.", field=field)
    for sign, name in ((1, "maximum"), (-1, "minimum")):
        if sign * value > limit:
            raise InvalidInput(
                f"{field.capitalize()} {float(value)} exceeds the {name} {field} of "
                f"{sign * limit:g} degrees.",
                field=field,
            )
    if round(value, 7) != value:
        raise InvalidInput(
            f"The {field} {value} has more than 7 decimals.", field=field, hint="Round it."
        )
    return value


def json_object(value: Any, field: str) -> dict[str, Any]:
    """A JSON object; None is an empty one.

    :raises InvalidInput: for any other JSON value.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(
            f"{field.capitalize()} should be a dict.",
            field=field,
            hint='Write a JSON object, such as {"capacity_in_mw": 0.5}.',
        )
    return value
