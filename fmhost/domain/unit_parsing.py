"""Reading unit expressions: the one unit registry of the process, and a guarded parser for it.

Unit texts arrive from clients, so the parser refuses expressions that would keep the arithmetic
busy (`9**9**9`) and turns each of the many ways in which parsing can fail into one `UnitMismatch`.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fmhost.domain.currencies import CODES
from fmhost.errors import UnitMismatch

if TYPE_CHECKING:
    from pint import Unit, UnitRegistry

LONGEST: Final = 200
"""Longest unit or quantity expression that is read [characters]."""

_SUPERSCRIPT: Final = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_PLAIN_DIGITS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_AREA_OR_VOLUME: Final = re.compile(r"(?<![A-Za-z0-9_])([kdcm]?m)([23])(?![A-Za-z0-9_])")
_POWER: Final = re.compile(r"\*\*|\^")
_EXPONENT: Final = re.compile(r"\s*\(?\s*[+-]?\s*[0-9]{1,2}(\.[0-9]{1,3})?\s*\)?(?![0-9.eE_])")
_LARGEST: Final = 1e100
"""Units that are larger in base units, or smaller than its inverse, could not be converted."""
_MOST_POWERS_OF_BRACKETS: Final = 2

_building = threading.Lock()
_registry: UnitRegistry | None = None


def registry() -> UnitRegistry:
    """The unit registry, built at the first call [a quarter of a second] and then shared."""
    global _registry
    if _registry is None:
        with _building:
            if _registry is None:
                _registry = _build()
    return _registry


def _build() -> UnitRegistry:
    import pint  # heavy, and not needed by most commands

    built = pint.UnitRegistry(cache_folder=None)
    built.load_definitions([f"{code} = [currency_{code}]" for code in sorted(CODES)])
    return built


def plain_expression(text: str) -> str:
    """The expression with `²` and `m2` written as powers, once it is known to be cheap to evaluate.

    :raises ValueError: where a power is too large or nested, or the text is too long.
    """
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    plain = _SUPERSCRIPT.sub(lambda m: "**" + m.group().translate(_PLAIN_DIGITS), text)
    plain = _AREA_OR_VOLUME.sub(r"\1**\2", plain)
    parts = _POWER.split(plain)
    brackets = 0
    for position, (base, power) in enumerate(pairwise(parts)):
        exponent = _EXPONENT.match(power)
        if exponent is None:
            raise ValueError("exponents have at most two digits")
        is_last = position == len(parts) - 2
        if not is_last and not power[exponent.end() :].strip():
            raise ValueError("a power of a power needs brackets")
        brackets += base.rstrip().endswith(")")
    if brackets > _MOST_POWERS_OF_BRACKETS:
        raise ValueError("too many powers of brackets")
    return plain


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """A unit expression such as `kW`, `EUR/MWh`, `m³/h`, `%` or the empty string.

    :raises UnitMismatch: where the text is not a unit.
    """
    try:
        unit = registry().parse_units(plain_expression(text.strip()))
        size = abs(registry().Quantity(1.0, unit).to_root_units().magnitude)
        if not 1 / _LARGEST <= size <= _LARGEST:
            raise ValueError("beyond the range of numbers")
        return unit
    except Exception as error:
        # The parser signals unreadable text in about ten ways, from tokenizer to attribute errors.
        raise UnitMismatch(
            f"Unit '{text}' cannot be handled.",
            hint="Give a unit such as kW, MWh, EUR/MWh, °C, % or m³/h.",
        ) from error


@lru_cache(maxsize=4096)
def dimensions(text: str) -> dict[str, float]:
    """The exponents of the base dimensions of a unit, e.g. `{"[length]": 1, "[time]": -1}`.

    :raises UnitMismatch: where the text is not a unit.
    """
    return {name: float(power) for name, power in parse_unit(text).dimensionality.items()}
