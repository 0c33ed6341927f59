"""What assets do at present: the latest power that was recorded of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, contains_eager

from fmhost.auth.visibility import readable_sensors
from fmhost.beliefs import Query, read_several, selection
from fmhost.domain.common_units import ratio
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
_MICROSECOND: Final = timedelta(microseconds=1)
#: More sensors are not looked at.
_MOST_SENSORS: Final = 5000


@dataclass(frozen=True, slots=True)
class LatestPower:
    """The latest power of an asset.

    :param at: start of the event; aware, UTC.
    :param power: [kW, consumption positive].
    """

    sensor: Sensor
    at: datetime
    power: float


def latest_powers(
    session: Session, user: User, now: datetime, *, ahead: bool = False
) -> dict[int, LatestPower]:
    """The latest recorded power of each asset that `user` may read, by its id.

    Of an asset with several powers that of the sensor with the lowest id. Assets of which nothing
    was recorded in the last seven days have no entry.

    :param now: aware.
    :param ahead: whether what is recorded of the next seven days counts, too.
    """
    found = _newest(session, user, now - OLDEST, now + FARTHEST if ahead else now)
    queries = [
        Query(
            sensor=sensor,
            start=at,
            end=at + _MICROSECOND,
            exclude_source_types=_TYPES,
            one_source=True,
        )
        for sensor, at in found
    ]
    powers: dict[int, LatestPower] = {}
    for (sensor, at), beliefs in zip(found, read_several(session, queries), strict=True):
        known = selection.medians(beliefs).event_value
        factor = ratio(sensor.unit, "kW")
        if factor is None or not len(known):
            continue
        sign = 1.0 if sensor.get_attribute("consumption_is_positive", False) else -1.0
        power = LatestPower(sensor, at, sign * factor * float(known[-1]) + 0.0)
        powers.setdefault(sensor.generic_asset_id, power)
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


def _newest(
    session: Session, user: User, first: datetime, last: datetime
) -> Sequence[tuple[Sensor, datetime]]:
    """Powers with the start of the last event of which something was recorded, by their ids."""
    units = [unit for unit in session.scalars(select(Sensor.unit).distinct()) if _is_power(unit)]
    at = _last_event(first, last).label("at")
    query = (
        select(Sensor, at)
        .join(Asset, Sensor.generic_asset_id == Asset.id)
        .where(readable_sensors(user), Sensor.unit.in_(units))
        .options(contains_eager(Sensor.generic_asset))
        .order_by(Sensor.id)
        .limit(_MOST_SENSORS)
    )
    return [(sensor, moment) for sensor, moment in session.execute(query) if moment is not None]


def _is_power(unit: str) -> bool:
    return ratio(unit, "kW") is not None


def _last_event(first: datetime, last: datetime) -> ScalarSelect[datetime]:
    others = select(Source.id).where(Source.type.in_(_TYPES))
    return (
        select(table.c.event_start)
        .where(
            table.c.sensor_id == Sensor.id,
            table.c.event_start >= first,
            table.c.event_start <= last,
            table.c.source_id.not_in(others),
        )
        .order_by(table.c.event_start.desc())
        .limit(1)
        .correlate(Sensor)
        .scalar_subquery()
    )
