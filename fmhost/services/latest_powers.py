"""What assets do at present: the latest power that was recorded of each."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ScalarSelect, Select, Subquery, and_, func, select
from sqlalchemy.orm import Session

from fmhost.auth.visibility import readable_sensors
from fmhost.domain.common_units import ratio
from fmhost.domain.zones import time_zone
from fmhost.model import Asset, AssetType, Sensor, Source, User
from fmhost.model.belief_table import beliefs as table
from fmhost.model.sources import TYPE_SYNONYMS

#: What is older than this says nothing about the present.
OLDEST: Final = timedelta(days=7)
#: How far ahead is looked where simulations record what is to come.
FARTHEST: Final = timedelta(days=7)

_NOT_RECORDED: Final = frozenset({"forecaster", "scheduler"})
_TYPES: Final = sorted(
    {*_NOT_RECORDED, *(old for old, new in TYPE_SYNONYMS.items() if new in _NOT_RECORDED)}
)
#: More sensors are not looked at.
_MOST_SENSORS: Final = 5000


@dataclass(frozen=True, slots=True)
class LatestPower:
    """The latest power of an asset.

    :param at: start of the event, on the clock of the sensor.
    :param power: [kW, consumption positive].
    """

    at: datetime
    power: float


def latest_powers(
    session: Session, user: User, now: datetime, *, ahead: bool = False
) -> dict[int, LatestPower]:
    """The latest recorded power of each asset that `user` may read, by its id.

    Of an asset with several powers that of the sensor with the lowest id. Assets of which nothing
    was recorded in the last seven days have no entry. It takes three statements.

    :param now: aware.
    :param ahead: whether what is recorded of the next seven days counts, too.
    """
    units = [unit for unit in session.scalars(select(Sensor.unit).distinct()) if _in_kw(unit)]
    newest = _newest(user, units, now - OLDEST, now + FARTHEST if ahead else now)
    sensors = (
        select(newest.c.asset, newest.c.id, newest.c.at, Sensor.unit, Sensor.timezone)
        .add_columns(Sensor.attributes, Asset.attributes.label("of_asset"))
        .join(Sensor, Sensor.id == newest.c.id)
        .join(Asset, Asset.id == newest.c.asset)
        .order_by(newest.c.id)
    )
    values = _values(session, newest)
    powers: dict[int, LatestPower] = {}
    for each in session.execute(sensors):
        if each.id in values and each.asset not in powers:
            attributes = {**(each.of_asset or {}), **(each.attributes or {})}
            sign = 1.0 if attributes.get("consumption_is_positive", False) else -1.0
            power = sign * (_in_kw(each.unit) or 0.0) * values[each.id] + 0.0
            powers[each.asset] = LatestPower(each.at.astimezone(time_zone(each.timezone)), power)
    return powers


def numbers_by_type(session: Session, *, but: Collection[Asset] = ()) -> dict[str, int]:
    """How many assets there are in all by the name of their type, without these.

    It is told whatever somebody may read.
    """
    query = (
        select(AssetType.name, func.count(Asset.id))
        .join(Asset, Asset.generic_asset_type_id == AssetType.id)
        .group_by(AssetType.name)
    )
    found = {kind: int(number) for kind, number in session.execute(query)}
    for asset in but:
        found[asset.generic_asset_type.name] -= 1
    return {name: number for name, number in found.items() if number > 0}


def _newest(user: User, units: Sequence[str], first: datetime, last: datetime) -> Subquery:
    """Powers with the start of the last event of which something was recorded."""
    found = (
        select(
            Sensor.id.label("id"),
            Sensor.generic_asset_id.label("asset"),
            _last_event(first, last).label("at"),
        )
        .where(readable_sensors(user), Sensor.unit.in_(units))
        .order_by(Sensor.id)
        .limit(_MOST_SENSORS)
        .subquery()
    )
    return select(found).where(found.c.at.is_not(None)).subquery()


def _values(session: Session, newest: Subquery) -> dict[int, float]:
    """What was believed last of these events, by the id of the sensor; the median, or near it."""
    columns = table.c
    query = (
        select(columns.sensor_id, columns.event_value)
        .join(
            newest,
            and_(columns.sensor_id == newest.c.id, columns.event_start == newest.c.at),
        )
        .where(columns.source_id.not_in(_others()), columns.event_value.is_not(None))
        .order_by(
            columns.sensor_id,
            columns.belief_horizon,
            columns.source_id.desc(),
            func.abs(columns.cumulative_probability - 0.5),
        )
    )
    values: dict[int, float] = {}
    for sensor_id, value in session.execute(query):
        values.setdefault(sensor_id, value)
    return {sensor_id: value for sensor_id, value in values.items() if not math.isnan(value)}


def _in_kw(unit: str) -> float | None:
    """How many kW one of the unit is; None for what is no power."""
    return ratio(unit, "kW")


def _others() -> Select[int]:
    """Sources of what was not recorded."""
    return select(Source.id).where(Source.type.in_(_TYPES))


def _last_event(first: datetime, last: datetime) -> ScalarSelect[datetime]:
    return (
        select(table.c.event_start)
        .where(
            table.c.sensor_id == Sensor.id,
            table.c.event_start >= first,
            table.c.event_start <= last,
            table.c.source_id.not_in(_others()),
        )
        .order_by(table.c.event_start.desc())
        .limit(1)
        .correlate(Sensor)
        .scalar_subquery()
    )
