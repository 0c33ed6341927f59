"""JSON values from outside: what every database stores and every client reads back."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from fmhost.errors import InvalidInput

#: Deeper than any configuration of ours.
DEEPEST = 50

#: NUL, and halves of surrogate pairs.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")

#: A list of these alone, which may be long, needs no look at each.
_NUMBERS_AND_NULL = {int, float, type(None)}


def read_json(text: str, field: str) -> Any:
    """The value of a JSON text, fit to be stored.

    :raises InvalidInput: where it is no JSON, or nobody can store it.
    """
    try:
        value = json.loads(text, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("Invalid JSON string.", field=field) from error
    require_storable(value, field)
    return value


def require_storable(value: Any, field: str) -> None:
    """See that a JSON value can be stored and sent.

    :raises InvalidInput: for numbers that are not finite, for texts with characters that no
        database takes, and for more than :data:`DEEPEST` levels.
    """
    level = [value]
    for _depth in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                below.extend(each.keys())
                below.extend(each.values())
            elif isinstance(each, list) and set(map(type, each)) <= _NUMBERS_AND_NULL:
                if math.inf in each or -math.inf in each:
                    raise _infinite(field)
                below.append(None)  # they are one level more
            elif isinstance(each, list):
                below.extend(each)
            else:
                _require_scalar(each, field)
        if not below:
            return
        level = below
    raise InvalidInput(f"Nested deeper than {DEEPEST} levels.", field=field)


def _require_scalar(value: Any, field: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise _infinite(field)
    if isinstance(value, str) and _NOT_STORABLE.search(value):
        raise InvalidInput("A text contains an invalid character.", field=field)


def _infinite(field: str) -> InvalidInput:
    return InvalidInput("A number is not finite, or too large.", field=field)


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
