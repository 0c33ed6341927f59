"""The price of consumption: read from one of its notations, and put on the grid.

It is written as

* a fixed quantity, ``"250 EUR/MWh"``; a bare number is in EUR/MWh;
* a sensor, ``{"sensor": 3}``, optionally with ``sources`` (ids), ``source-types``,
  ``exclude-source-types``, ``source-account`` (ids), and a ``default`` for where the sensor has no
  value;
* a list of segments, each with a ``value`` and either a ``datetime`` or two of ``start``, ``end``
  and ``duration``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fmhost.plugin import InvalidInput, SeriesReader, UnitMismatch, parse_moment, units
from fmhost_process.allocation import FloatArray
from fmhost_process.fields import (
    missing,
    placed,
    read_period,
    refuse_unknown,
    sensor_id,
    with_hyphens,
)
from fmhost_process.grid import Grid, Period

_DEFAULT_UNIT = "EUR/MWh"
#: Which sources count: the items of each filter, and its keyword of the reader.
_FILTERS = {
    "sources": (int, "source_ids"),
    "source-account": (int, "source_account_ids"),
    "source-types": (str, "source_types"),
    "exclude-source-types": (str, "exclude_source_types"),
}


@dataclass(frozen=True)
class Price:
    """A price of energy over time.

    :param numerator: what is paid per MWh: a currency, or ``kg`` of emissions.
    :param fixed: the value where nothing else tells one [numerator/MWh].
    :param sensor: the sensor that tells it; None where there is none.
    :param filters: which of the sensor's sources count, by keywords of the reader.
    :param segments: values that hold for a while [numerator/MWh]; of those that overlap the first
        counts.
    """

    numerator: str
    fixed: float = np.nan
    sensor: Any = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    segments: tuple[tuple[Period, float], ...] = ()

    @property
    def unit(self) -> str:
        """The unit of the values."""
        return f"{self.numerator}/MWh"

    def on(self, grid: Grid, reader: SeriesReader) -> FloatArray:
        """One value per step, shape (N,); NaN where none is known.

        A segment counts for every step that it overlaps, a moment for the step in which it lies.
        """
        values = np.full(grid.steps, np.nan)
        if self.sensor is not None:
            values = reader.values(
                self.sensor,
                grid.start,
                grid.end,
                resolution=grid.resolution,
                unit=self.unit,
                **self.filters,
            )
        for period, value in self.segments:
            part = values[grid.steps_of(period)]
            part[np.isnan(part)] = value
        return np.where(np.isnan(values), self.fixed, values)


def extended(values: FloatArray) -> FloatArray:
    """The values with gaps filled by the last known before, or else the first known.

    All NaN stays as it is.
    """
    known = ~np.isnan(values)
    if known.all() or not known.any():
        return values
    latest = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    return values[np.where(latest < 0, int(np.argmax(known)), latest)]


def read_price(value: Any, reader: SeriesReader, zone: str, name: str) -> Price:
    """A price in any of the three notations.

    :param zone: the time zone in which nominal durations (P1D) are resolved.
    :param name: of the field, for messages.
    :raises InvalidInput: where it cannot be understood; names the field.
    """
    if isinstance(value, Mapping):
        return _of_sensor(value, reader, name)
    if isinstance(value, list | tuple):
        return _of_segments(value, zone, name)
    numerator = _numerator_of([value], name)
    return Price(numerator, fixed=_amount(value, numerator, name))


def numerator_of(unit: str, name: str) -> str:
    """What is paid per energy in a unit: a currency, or ``kg`` of emissions.

    :raises UnitMismatch: where the unit is not that of a price per energy; names the field.
    """
    if units.is_energy_price(unit):
        return str(units.currency_of(unit))
    if units.convertible(unit, "kg/MWh"):
        return "kg"
    raise UnitMismatch(
        f"Invalid unit. A valid unit would be, for example, '{_DEFAULT_UNIT}' (an amount per "
        f"energy), instead of '{unit}'.",
        field=name,
    )


def _of_sensor(value: Mapping[str, Any], reader: SeriesReader, name: str) -> Price:
    given = with_hyphens(value, name)
    refuse_unknown(given, ("sensor", "default", *_FILTERS), f"{name}.")
    if "sensor" not in given:
        raise missing(f"{name}.sensor")
    sensor = reader.sensor(sensor_id(given["sensor"], name), field=name)
    numerator = numerator_of(sensor.unit, name)
    filters = {
        keyword: _items(given[key], item, f"{name}.{key}")
        for key, (item, keyword) in _FILTERS.items()
        if given.get(key) is not None
    }
    default = given.get("default")
    fixed = np.nan if default is None else _amount(default, numerator, f"{name}.default")
    return Price(numerator, fixed=fixed, sensor=sensor, filters=filters)


def _of_segments(value: list[Any] | tuple[Any, ...], zone: str, name: str) -> Price:
    if not value:
        raise InvalidInput("The list is empty.", field=name, hint="Leave the field out instead.")
    for number, entry in enumerate(value):
        place = f"{name}.{number}"
        if not isinstance(entry, Mapping):
            raise InvalidInput("Not a valid mapping type.", field=place)
        refuse_unknown(entry, ("value", "datetime", "start", "end", "duration"), f"{place}.")
        if "value" not in entry:
            raise missing(f"{place}.value")
    numerator = _numerator_of([entry["value"] for entry in value], name)
    parts = [
        (
            _segment_period(entry, f"{name}.{number}", zone),
            _amount(entry["value"], numerator, f"{name}.{number}.value"),
        )
        for number, entry in enumerate(value)
    ]
    return Price(numerator, segments=tuple(parts))


def _segment_period(entry: Mapping[str, Any], place: str, zone: str) -> Period:
    if "datetime" not in entry:
        return read_period(entry, place, zone)
    if len(entry) != 2:
        raise InvalidInput(
            "A segment needs either 'datetime' or two of 'start', 'end' and 'duration'.",
            field=place,
        )
    moment = parse_moment(entry["datetime"], field=f"{place}.datetime")
    return Period(moment, moment)


def _numerator_of(values: Sequence[Any], name: str) -> str:
    """What the first of the values that has a unit is paid in."""
    with placed(name):
        found = [units.parse_quantity(value, "")[1] for value in values]
    return numerator_of(next(filter(None, found), _DEFAULT_UNIT), name)


def _amount(value: Any, numerator: str, name: str) -> float:
    return units.quantity(value, f"{numerator}/MWh", f"{numerator}/MWh", field=name)


def _items(value: Any, item: type[Any], name: str) -> tuple[Any, ...]:
    listed = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(each, bool) or not isinstance(each, item) for each in listed):
        wanted = "integers" if item is int else "texts"
        raise InvalidInput(f"Not a list of {wanted}.", field=name)
    return tuple(listed)
