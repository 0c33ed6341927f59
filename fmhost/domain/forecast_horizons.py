"""How far ahead sensors are forecast where nobody says."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fmhost.errors import InvalidInput

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

#: Prices are forecast beyond the next market clearing.
PRICE_HORIZONS: Final = (24 * _HOUR, 48 * _HOUR)

#: Up to which resolution, and how far ahead.
_BY_RESOLUTION: Final = (
    (timedelta(minutes=10), (_HOUR, 6 * _HOUR, 24 * _HOUR)),
    (_HOUR, (_HOUR, 6 * _HOUR, 24 * _HOUR, 48 * _HOUR)),
    (_DAY, (24 * _HOUR, 48 * _HOUR)),
    (7 * _DAY, (168 * _HOUR,)),
)

#: Longest horizon that can be asked for.
LONGEST: Final = timedelta(days=31)


def default_horizons(resolution: timedelta) -> tuple[timedelta, ...]:
    """How far ahead a sensor with events of that length is forecast.

    :raises InvalidInput: where events are moments, or longer than a week.
    """
    if resolution > timedelta(0):
        for longest, horizons in _BY_RESOLUTION:
            if resolution <= longest:
                return tuple(each for each in horizons if not each % resolution)
    raise InvalidInput(
        f"There are no usual horizons for events of {resolution}.",
        field="horizon",
        hint="Only sensors with events of up to a week are forecast.",
    )


def check_horizon(horizon: timedelta, resolution: timedelta) -> None:
    """:raises InvalidInput: where it is no whole number of events, or too long."""
    if not timedelta(0) < horizon <= LONGEST or horizon % resolution:
        raise InvalidInput(
            f"{horizon} is no horizon for events of {resolution}.",
            field="horizon",
            hint=f"Give a multiple of {resolution}, up to {LONGEST.days} days.",
        )
