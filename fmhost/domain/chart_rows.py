"""What each row of an asset's graph is about: sensors, and fields of flex-contexts and -models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmhost.domain.graphs import NO_TITLE, checked_rows
from fmhost.errors import InvalidInput

#: An axis that has zero on it.
FROM_ZERO = "zero"


@dataclass(frozen=True, slots=True)
class FlexField:
    """A field of the flex-context of an asset, or of its flex-model (`model`)."""

    asset_id: int
    field: str
    model: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a graph.

    :param title: None where nobody has given one.
    :param y_axis: ``"zero"``, ``"data"``, ``[min, max]`` or ``{"min": a, "max": b}``.
    """

    title: str | None = None
    sensor_ids: tuple[int, ...] = ()
    flex_fields: tuple[FlexField, ...] = ()
    y_axis: Any = FROM_ZERO


def rows_of(value: Any) -> list[Row]:
    """The rows of a stored list `sensors_to_show`; what has none of its forms is left out."""
    found: list[Row] = []
    for each in value if isinstance(value, list) else ():
        try:
            found += map(_row, checked_rows([each]))
        except InvalidInput:  # an attribute of old that nobody has checked
            continue
    return found


def suggested_rows(sensors: Sequence[tuple[int, str]]) -> list[Row]:
    """The rows of an asset that does not say what it shows: its first two sensors.

    They share a row where they have the same unit.

    :param sensors: ids and units, in order.
    """
    first = sensors[:2]
    if len({unit for _, unit in first}) == 1:
        return [Row(sensor_ids=tuple(sensor_id for sensor_id, _ in first))]
    return [Row(sensor_ids=(sensor_id,)) for sensor_id, _ in first]


def _row(value: Any) -> Row:
    if isinstance(value, int):
        return Row(sensor_ids=(value,))
    if isinstance(value, list):
        return Row(sensor_ids=_distinct(value))
    plots = value.get("plots", value)
    plots = plots if isinstance(plots, list) else [plots]
    return Row(
        title=None if value["title"] == NO_TITLE else value["title"],
        sensor_ids=_distinct(each for plot in plots for each in _sensors(plot)),
        flex_fields=tuple(each for plot in plots for each in _flex_fields(plot)),
        y_axis=value.get("y-axis", FROM_ZERO),
    )


def _distinct(ids: Any) -> tuple[int, ...]:
    return tuple(dict.fromkeys(ids))


def _sensors(plot: Mapping[str, Any]) -> Iterator[int]:
    if "sensor" in plot:
        yield plot["sensor"]
    yield from plot.get("sensors", ())


def _flex_fields(plot: Mapping[str, Any]) -> Iterator[FlexField]:
    for name in ("flex-context", "flex-model"):
        if "asset" in plot and isinstance(plot.get(name), str):
            yield FlexField(plot["asset"], plot[name], model=name == "flex-model")
