"""Quantities as people write them: a number and a unit, such as `12.5 kWh` or `3 * 230V * 16A`."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np

from fmhost.domain.conversion import convert
from fmhost.domain.unit_classes import currency_of
from fmhost.domain.unit_parsing import dimensions, parse_unit, plain_expression, registry
from fmhost.errors import InvalidInput

_SIMPLE: Final = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(?P<unit>[^0-9.*/^(].*)?"
)
_BASE_FORMS: Final = ("m", "h", "kg", "W", "N", "Wh", "m²", "m³", "V", "A")
_PREFIXED: Final = ("W", "N", "Wh", "V", "A")
_PREFIXES: Final = ("k", "M", "G")


def quantity(
    value: str | float,
    default_unit: str,
    to_unit: str,
    *,
    field: str | None = None,
    capacity: float | None = None,
) -> float:
    """The magnitude of a quantity in `to_unit`.

    :param value: text such as `"12.5 kWh"`, `"3 * 230V * 16A"` or `"90%"`, or a bare number.
    :param default_unit: the unit of a number that comes without one.
    :param field: name of the field, for the message.
    :param capacity: what 100 % stands for, in `to_unit`, where percentages are allowed.
    :raises InvalidInput: where the text is not a quantity.
    :raises UnitMismatch: where its unit does not convert to `to_unit`.
    """
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _unreadable(value)
        return _magnitude(value, default_unit, to_unit, capacity)
    except InvalidInput as error:
        error.field = error.field or field
        raise


# The devices of a site have much in common; numbers of different types are told apart.
@lru_cache(maxsize=4096, typed=True)
def _magnitude(
    value: str | float, default_unit: str, to_unit: str, capacity: float | None
) -> float:
    number, unit = parse_quantity(value, default_unit)
    return float(convert(np.array([number]), unit, to_unit, capacity=capacity)[0])


def parse_quantity(value: str | float, default_unit: str) -> tuple[float, str]:
    """A quantity as its number and its unit; a number without a unit has the default unit.

    :raises InvalidInput: where the text is not a quantity, or its number is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _unreadable(value)
    number, unit = (float(value), "") if not isinstance(value, str) else _parse(value)
    if not math.isfinite(number):
        raise _unreadable(value)
    return number, unit or default_unit


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[float, str]:
    simple = _SIMPLE.fullmatch(text.strip())
    if simple and not any(sign in (simple["unit"] or "") for sign in "0123456789"):
        unit = (simple["unit"] or "").strip()
        parse_unit(unit)
        return float(simple["number"]), unit
    if "," in text or not re.search("[0-9]", text):
        # The expression parser would drop a comma and read `1,5` as 15.
        raise _unreadable(text)
    try:
        found = registry().Quantity(plain_expression(text.strip()))
        return float(found.magnitude), f"{found.units:~P}"
    except Exception as error:
        # The parser signals unreadable text in about ten ways, from tokenizer to attribute errors.
        raise _unreadable(text) from error


def _unreadable(value: object) -> InvalidInput:
    return InvalidInput(
        f"Cannot convert value '{value}' to a valid quantity.",
        hint="Give a number and a unit, such as '12.5 kWh' or '90%', with a decimal point.",
    )


def format_quantity(value: float, unit: str) -> str:
    """A quantity as text, number and compact unit: `12.5 kWh`; without a unit where it has none.

    :raises UnitMismatch: where the text is not a unit.
    """
    symbol, factor = _compact(unit)
    scaled = value * factor
    number = repr(int(scaled)) if scaled == int(scaled) and abs(scaled) < 1e15 else repr(scaled)
    return f"{number} {symbol}" if symbol else number


def compact(unit: str) -> str:
    """The shortest customary unit that measures the same, such as `EUR/h` for `kW*EUR/MWh`.

    The size of the unit may change with it; :func:`format_quantity` takes that into account.

    :raises UnitMismatch: where the text is not a unit.
    """
    return _compact(unit)[0]


@lru_cache(maxsize=1024)
def _compact(unit: str) -> tuple[str, float]:
    """The compact unit, and by how much a number in the given unit is multiplied for it."""
    parsed = parse_unit(unit)
    own = f"{parsed:~P}"
    factors = len(parsed._units)
    if factors <= 1:
        return own, 1.0
    currency = currency_of(unit)
    single = (*_BASE_FORMS, currency) if currency else _BASE_FORMS
    candidates = [""]
    if factors > 1:
        candidates += [*single, *(f"1/{form}" for form in single)]
    if factors > 2:
        candidates += [f"{over}/{under}" for over, under in product(single, single)]
    wanted = dimensions(unit)
    for candidate in candidates:
        if dimensions(candidate) == wanted:
            return _with_prefix(unit, candidate, currency)
    return own, 1.0


def _with_prefix(unit: str, candidate: str, currency: str | None) -> tuple[str, float]:
    """The candidate with the SI prefix that leaves numbers as they are, where there is one."""
    factor = _size(unit, candidate)
    if factor == 1:
        return candidate, 1.0
    forms = candidate.split("/")
    for position, prefix in product(reversed(range(len(forms))), _PREFIXES):
        if forms[position] in (*_PREFIXED, currency):
            prefixed = [*forms[:position], prefix + forms[position], *forms[position + 1 :]]
            if _size(unit, "/".join(prefixed)) == 1:
                return "/".join(prefixed), 1.0
    return candidate, factor


def _size(unit: str, other: str) -> float:
    return float(convert(np.ones(1), unit, other)[0])
