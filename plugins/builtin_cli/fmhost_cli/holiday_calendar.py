"""Which days are holidays where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

from fmhost.plugin import InvalidInput


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off.

    :param place: where: ``NL``, ``DE-BY``; or the class of the calendar.
    """

    day: date
    name: str
    place: str


def holidays_of(place: str, years: Sequence[int], categories: Sequence[str]) -> list[Holiday]:
    """The holidays of a country or a part of it, in their order.

    :param place: ISO 3166 code of a country (``NL``), or of a part of one (``DE-BY``).
    :param categories: such as ``public``, ``school`` or ``bank``; empty: the usual ones.
    :raises InvalidInput: where there is no such place, or it has no such category.
    """
    import holidays  # has a module for each country

    country, _, part = place.upper().partition("-")
    try:
        found = holidays.country_holidays(
            country, subdiv=part or None, years=years, categories=tuple(categories) or None
        )
    except (NotImplementedError, ValueError) as error:
        raise InvalidInput(
            f"The holidays of '{place}' are not known: {error}.",
            field="country",
            hint="Write ISO codes, such as NL or DE-BY.",
        ) from error
    return [Holiday(day, name, place.upper()) for day, name in sorted(found.items())]


def holidays_by_workalendar(place: str, years: Sequence[int]) -> list[Holiday]:
    """The holidays of a country or a part of it, as the package ``workalendar`` knows them.

    :param place: ISO code: ``NL``, ``DE-BY``.
    :raises InvalidInput: where the package is not installed, or there is no such place.
    """
    try:
        registry = import_module("workalendar.registry").registry
    except ImportError as error:
        raise InvalidInput(
            "The package workalendar is not installed.",
            field="package",
            hint="Install it, or leave --package out.",
        ) from error
    found = registry.get(place.upper())
    if found is None:
        raise InvalidInput(
            f"The holidays of '{place}' are not known.",
            field="country",
            hint="Write ISO codes, such as NL or DE-BY.",
        )
    return list(_days(found(), place.upper(), years))


def holidays_of_calendar(
    path: str, arguments: Mapping[str, Any], years: Sequence[int]
) -> list[Holiday]:
    """The holidays of a calendar that is a class.

    :param path: of the class: ``workalendar.europe.Netherlands``. Its objects have a method
        ``holidays(year)``, which gives days with names; or it is one of the package ``holidays``.
    :param arguments: with which the object is made.
    :raises InvalidInput: where there is no such class, or it is no calendar.
    """
    module, _, name = path.rpartition(".")
    try:
        calendar = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidInput(
            f"There is no calendar '{path}': {error}.",
            field="calendar-class",
            hint="Such as workalendar.europe.Netherlands or holidays.NL.",
        ) from error
    place = name[:80]
    try:
        if hasattr(calendar, "holidays"):
            return list(_days(calendar(**arguments), place, years))
        made = calendar(**{**arguments, "years": list(years)})
        return [Holiday(day, str(text), place) for day, text in sorted(made.items())]
    except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
        raise InvalidInput(
            f"'{path}' does not work as a calendar: {error}.", field="calendar-kwargs"
        ) from error


def _days(calendar: Any, place: str, years: Sequence[int]) -> Iterator[Holiday]:
    for year in years:
        for day, name in calendar.holidays(year):
            yield Holiday(day, str(name), place)
