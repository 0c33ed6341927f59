"""JSON as it stands in RFC 8259: no NaN, no infinity, and nothing that the parser chokes on.

The keys of an object are different from each other: which of two equal ones counts, every parser
decides for itself.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask.json.provider import DefaultJSONProvider

#: How much of a key to quote.
_LONGEST_KEY = 100


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"an object has the key {twice[:_LONGEST_KEY]!r} twice")
    return found


class StrictJSONProvider(DefaultJSONProvider):
    """Reads and writes JSON; refuses what is none with a :class:`ValueError`."""

    sort_keys = False
    ensure_ascii = True

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a JSON text in UTF-8.

        :raises ValueError: where it is no JSON, nested too deeply, or has a number with more
            digits than Python reads, or an object that has a key twice.
        """
        text = s.decode("utf-8") if isinstance(s, bytes | bytearray) else s
        try:
            return json.loads(
                text,
                parse_constant=_no_such_number,
                object_pairs_hook=_object,
                **kwargs,
            )
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """The value as JSON.

        :raises ValueError: where it has a number that is not finite: an error of ours.
        """
        return super().dumps(obj, allow_nan=False, **kwargs)
