"""Ranges of plugin-API versions, such as ``">=1.0,<2"``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from fmhost.errors import PluginError

_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_COMPARISON = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)\s*")


def _numbers(text: str) -> tuple[int, ...]:
    """``"1.0"`` and ``"1"`` are one version: trailing zeros do not count."""
    numbers = [int(part) for part in text.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _comparisons(version_range: str) -> list[tuple[str, tuple[int, ...]]]:
    found = []
    for part in version_range.split(","):
        match = _COMPARISON.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no comparison such as '>=1.0'")
        found.append((match[1], _numbers(match[2])))
    return found


def require_range(value: object, field: str) -> None:
    """:raises PluginError: where `value` is no range that :func:`contains` can read."""
    try:
        _comparisons(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise PluginError(
            f"{field} is {value!r}: {error}.", field=field, hint="Write a range such as '>=1.0,<2'."
        ) from None


def contains(version_range: str, version: tuple[int, ...]) -> bool:
    """Whether `version` lies in `version_range`, a comma-separated list of comparisons.

    :raises ValueError: where it is not such a list.
    """
    wanted = _numbers(".".join(map(str, version)))
    return all(_COMPARE[symbol](wanted, bound) for symbol, bound in _comparisons(version_range))
