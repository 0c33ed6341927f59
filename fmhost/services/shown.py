"""What the graph of an asset shows to somebody: only sensors and assets that this user may read."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.visibility import readable_assets, readable_sensors
from fmhost.domain import units
from fmhost.domain.chart_rows import FlexField, Row, rows_of, suggested_rows
from fmhost.domain.common_units import common_units
from fmhost.domain.flex_fields import (
    FLEX_CONTEXT,
    FLEX_MODEL,
    QUANTITIES,
    FlexKind,
    default_unit,
)
from fmhost.domain.graphs import SENSORS_TO_SHOW
from fmhost.domain.vega_lite import ChartRow, FixedValue
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor, User

logger = logging.getLogger(__name__)

_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Shown:
    """What a graph shows.

    :param sensors: those of all rows, each once, with asset and owner.
    :param factors: by what the values of each sensor are multiplied to be in the unit of their
        axis, by id. Sensors whose units differ in size only have one unit for their axes.
    """

    rows: Sequence[ChartRow]
    sensors: Sequence[Sensor]
    factors: Mapping[int, float]


def shown_by(
    session: Session, user: User | None, asset: Asset, *, suggested: Sequence[Row] | None = None
) -> Shown:
    """The rows of an asset's graph, as far as `user` may read what they name.

    What may not be read is left out like what does not exist any more, and so are rows in which
    nothing is left; both are logged.

    :param user: None for the operator, who may read everything.
    :param suggested: the rows where the asset says nothing; default its first two sensors.
    """
    rows = rows_of(asset.sensors_to_show or asset.attributes.get(SENSORS_TO_SHOW))
    if not rows and suggested is not None:
        rows = list(suggested)
    elif not rows:
        rows = suggested_rows([(sensor.id, sensor.unit) for sensor in asset.sensors])
    fields = [field for row in rows for field in row.flex_fields]
    assets = _readable_assets(session, user, {field.asset_id for field in fields})
    values = {field: _values(field, assets.get(field.asset_id)) for field in fields}
    wanted = [list(_possible(_sensor_ids(row, values))) for row in rows]
    sensors = sensors_among(session, user, {each for ids in wanted for each in ids})
    _log_what_is_left_out(
        asset,
        user,
        {each for ids in wanted for each in ids} - sensors.keys(),
        {field.asset_id for field in fields} - assets.keys(),
    )
    in_order = _in_order(wanted, sensors)
    fixed = {field: list(_fixed(field, values[field], assets)) for field in fields}
    common = common_units(
        [*(sensor.unit for sensor in in_order), *(v.unit for f in fixed.values() for v in f)]
    )
    drawn = [
        _chart_row(row, _in_order([ids], sensors), fixed, common)
        for row, ids in zip(rows, wanted, strict=True)
    ]
    return Shown(
        [row for row in drawn if row.sensors or row.fixed],
        in_order,
        {sensor.id: common[sensor.unit][1] for sensor in in_order},
    )


def _log_what_is_left_out(
    asset: Asset, user: User | None, sensor_ids: Collection[int], asset_ids: Collection[int]
) -> None:
    if sensor_ids or asset_ids:
        logger.warning(
            "The graph of asset %s is shown to user %s without sensors %s and assets %s, which are "
            "gone or may not be read.",
            asset.id,
            user.id if user else "(the operator)",
            sorted(sensor_ids),
            sorted(asset_ids),
        )


def shown_of(sensor: Sensor) -> Shown:
    """The graph of one sensor, in its own unit."""
    row = ChartRow(title_of(sensor), {sensor.id: sensor.unit})
    return Shown([row], [sensor], {sensor.id: 1.0})


def title_of(sensor: Sensor) -> str:
    """What a sensor is called where people look at it."""
    given = sensor.attributes.get("display_name")
    return given if isinstance(given, str) and given else sensor.name[:1].upper() + sensor.name[1:]


def _readable_assets(session: Session, user: User | None, ids: Collection[int]) -> dict[int, Asset]:
    if not ids:
        return {}
    query = select(Asset).where(Asset.id.in_(list(_possible(ids))), readable_assets(user))
    return {asset.id: asset for asset in session.scalars(query)}


def sensors_among(session: Session, user: User | None, ids: Collection[int]) -> dict[int, Sensor]:
    """Those sensors that exist and that `user` may read, by id, each with its asset and owner."""
    if not ids:
        return {}
    query = (
        select(Sensor)
        .where(Sensor.id.in_(ids), readable_sensors(user))
        .options(joinedload(Sensor.generic_asset).joinedload(Asset.account))
    )
    return {sensor.id: sensor for sensor in session.scalars(query)}


def _values(field: FlexField, asset: Asset | None) -> list[Any]:
    """What an asset says in a field; nothing where it does not, or nobody may know."""
    if asset is None:
        return []
    flex = asset.flex_model if field.model else asset.flex_context
    name = field.field.replace("_", "-")
    said = next((value for key, value in flex.items() if key.replace("_", "-") == name), None)
    return said if isinstance(said, list) else [said]


def _sensor_ids(row: Row, values: Mapping[FlexField, Sequence[Any]]) -> Iterator[int]:
    yield from row.sensor_ids
    for field in row.flex_fields:
        for value in values[field]:
            if isinstance(value, Mapping) and "sensor" in value:
                yield value["sensor"]


def _possible(ids: Iterable[Any]) -> Iterator[int]:
    """Those that can be ids; nobody checks what a plugin's scheduler has for a sensor."""
    return (each for each in ids if type(each) is int and 0 < each <= _LARGEST_ID)


def _in_order(wanted: Iterable[Iterable[int]], sensors: Mapping[int, Sensor]) -> list[Sensor]:
    ids = dict.fromkeys(each for one in wanted for each in one)
    return [sensors[each] for each in ids if each in sensors]


def _fixed(
    field: FlexField, values: Sequence[Any], assets: Mapping[int, Asset]
) -> Iterator[FixedValue]:
    kind = (FLEX_MODEL if field.model else FLEX_CONTEXT).get(field.field.replace("_", "-"))
    kind = FlexKind.POWER if kind is FlexKind.POWERS else kind
    unit = default_unit(kind) if kind in QUANTITIES else ""
    for value in values:
        if isinstance(value, str | int | float):
            try:
                number, own = units.parse_quantity(value, unit)
            except InvalidInput:  # a text, or yes and no
                continue
            yield FixedValue(f"{field.field} ({assets[field.asset_id].name})", number, own)


def _chart_row(
    row: Row,
    sensors: Sequence[Sensor],
    fixed: Mapping[FlexField, Sequence[FixedValue]],
    common: Mapping[str, tuple[str, float]],
) -> ChartRow:
    lines = []
    for field in row.flex_fields:
        for each in fixed[field]:
            unit, factor = common[each.unit]
            lines.append(FixedValue(each.label, each.value * factor, unit))
    titles = dict.fromkeys((*map(title_of, sensors), *(line.label for line in lines)))
    return ChartRow(
        title=row.title or ", ".join(titles),
        sensors={sensor.id: common[sensor.unit][0] for sensor in sensors},
        fixed=lines,
        y_axis=row.y_axis,
    )
