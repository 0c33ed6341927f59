"""Which days are holidays where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fmhost.plugin import InvalidInput


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off.

    :param place: where: ``NL``, ``DE-BY``.
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
