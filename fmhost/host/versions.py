"""Ranges of plugin-API versions, such as ``">=1.0,<2"``."""

from __future__ import annotations

import operator
from collections.abc import Callable

_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def _numbers(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in text.strip().split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def contains(version_range: str, version: tuple[int, ...]) -> bool:
    """Whether `version` lies in `version_range`.

    :raises ValueError: where the range is not a comma-separated list of comparisons.
    """
    wanted = _numbers(".".join(map(str, version)))
    for part in version_range.split(","):
        text = part.strip()
        for symbol, compare in _COMPARE.items():
            if text.startswith(symbol):
                if not compare(wanted, _numbers(text[len(symbol) :])):
                    return False
                break
        else:
            raise ValueError(f"{part!r} is not a comparison such as '>=1.0'")
    return True
