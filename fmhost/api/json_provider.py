"""JSON as it stands in RFC 8259: no NaN, no infinity, and nothing that the parser chokes on."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask.json.provider import DefaultJSONProvider


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


class StrictJSONProvider(DefaultJSONProvider):
    """Reads and writes JSON; refuses what is none with a :class:`ValueError`."""

    sort_keys = False
    ensure_ascii = True

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a JSON text in UTF-8.

        :raises ValueError: where it is no JSON, nested too deeply, or has a number with more
            digits than Python reads.
        """
        text = s.decode("utf-8") if isinstance(s, bytes | bytearray) else s
        try:
            return json.loads(text, parse_constant=_no_such_number, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """The value as JSON.

        :raises ValueError: where it has a number that is not finite: an error of ours.
        """
        return super().dumps(obj, allow_nan=False, **kwargs)
