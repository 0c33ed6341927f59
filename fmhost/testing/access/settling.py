"""Give owners their things: assets, sensors, data, annotations, histories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import (
    Account,
    Annotation,
    Asset,
    AssetAuditLog,
    AssetType,
    AuditLog,
    Sensor,
    Source,
)
from fmhost.testing.access.estates import START, Estate, Numbers, World, mark_of, value_of
from fmhost.testing.access.rules import OTHER, PUBLIC
from fmhost.testing.access.steady import STEADY

_QUARTER: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

#: What the parts ask for: the scheduler of the storage plugin, where it is installed.
BATTERY_SCHEDULER: Final = "StorageScheduler"

#: How many events of each sensor have a value.
_SIZE: Final = 4


def settle(session: Session, estate: Estate, kind: AssetType, numbers: Numbers) -> None:
    """Give an owner an asset with a part, sensors, data, annotations and a history."""
    owner, mark = estate.owner, estate.mark
    own = {"note": mark, "custom-scheduler": STEADY, "custom-forecaster": STEADY}
    asset = Asset(
        id=numbers(owner),
        name=f"site {mark}",
        description=f"about {mark}",
        external_id=f"external {mark}",
        account_id=estate.account_id,
        generic_asset_type=kind,
        attributes=own,
    )
    part = Asset(
        id=numbers(owner),
        name=f"part {mark}",
        account_id=estate.account_id,
        generic_asset_type=kind,
        parent_asset=asset,
        attributes={"custom-scheduler": BATTERY_SCHEDULER},
    )
    power = _sensor(numbers(owner), asset, f"power {mark}", "kW", _QUARTER, own)
    daily = _sensor(numbers(owner), asset, f"cost {mark}", "EUR", _DAY)
    price = _sensor(numbers(owner), asset, f"price {mark}", "EUR/MWh", _HOUR)
    inner = _sensor(numbers(owner), part, f"inner {mark}", "kW", _QUARTER)
    source = Source(
        id=numbers(owner), name=f"meter {mark}", type="gateway", account_id=estate.account_id
    )
    session.add_all([asset, part, power, daily, price, inner, source])
    session.flush()
    asset.sensors_to_show = [{"title": f"graph {mark}", "sensors": [power.id]}]
    asset.sensors_to_show_as_kpis = [{"title": f"figure {mark}", "sensor": daily.id}]
    for sensor in (power, daily, price):
        record(session, sensor, source, value_of(owner))
    estate.asset_id, estate.part_id, estate.source_id = asset.id, part.id, source.id
    estate.inner_id = inner.id
    estate.sensor_id, estate.daily_id, estate.price_id = power.id, daily.id, price.id
    _annotate(session, estate, (asset, power), source, numbers(owner))
    _remember(session, estate)


def record(session: Session, sensor: Sensor, source: Source, value: float) -> None:
    """Store a few beliefs about a sensor, formed by the source, that all have the same value."""
    step = sensor.event_resolution
    starts = moment64(START) + duration64(step) * np.arange(_SIZE)
    values = np.full(_SIZE, value, dtype=np.float64)
    save(session, sensor, Beliefs.of(starts, duration64(timedelta(0)), source.id, values))


def show_to_the_public(session: Session, world: World, numbers: Numbers) -> None:
    """Have the public asset show a sensor of somebody, and have an asset of somebody below it.

    An admin can do so; what it is about must not come out.
    """
    public, other = world.estates[PUBLIC], world.estates[OTHER]
    site = session.get_one(Asset, public.asset_id)
    mark = mark_of(OTHER)
    theirs = session.get_one(Asset, other.asset_id)
    shown = _sensor(numbers(OTHER), theirs, f"shown {mark}", "EUR", _DAY)
    annex = Asset(
        id=numbers(OTHER),
        name=f"annex {mark}",
        account_id=other.account_id,
        generic_asset_type_id=world.type_id,
        parent_asset=site,
    )
    hidden = _sensor(numbers(OTHER), annex, f"hidden {mark}", "kW", _QUARTER)
    session.add_all([shown, annex, hidden])
    session.flush()
    source = session.get_one(Source, other.source_id)
    for sensor in (shown, hidden):
        record(session, sensor, source, value_of(OTHER))
    _annotate(session, Estate(OTHER), (annex, hidden), source, numbers(OTHER))
    site.sensors_to_show = [*site.sensors_to_show, {"title": "more", "sensors": [shown.id]}]
    site.sensors_to_show_as_kpis = [
        *site.sensors_to_show_as_kpis,
        {"title": "more", "sensor": shown.id, "function": "max"},
    ]
    world.shown_id = shown.id


def _sensor(
    number: int,
    asset: Asset,
    name: str,
    unit: str,
    resolution: timedelta,
    attributes: dict[str, Any] | None = None,
) -> Sensor:
    return Sensor(
        id=number,
        name=name,
        unit=unit,
        event_resolution=resolution,
        timezone="Europe/Amsterdam",
        generic_asset=asset,
        attributes=attributes or {},
    )


def _annotate(
    session: Session,
    estate: Estate,
    entities: Iterable[Asset | Sensor],
    source: Source,
    number: int,
) -> None:
    annotation = Annotation(
        id=number,
        content=f"remark {number} {estate.mark}",
        start=START,
        end=START + _DAY,
        source=source,
    )
    session.add(annotation)
    for entity in entities:
        entity.annotations.append(annotation)
    if estate.account_id is not None:
        session.get_one(Account, estate.account_id).annotations.append(annotation)


def _remember(session: Session, estate: Estate) -> None:
    """Write a history."""
    mark = estate.mark
    by = {
        "event_datetime": START,
        "active_user_name": f"somebody {mark}",
        "active_user_id": estate.user_id,
    }
    asset_event = f"Something happened to {mark}"
    session.add(AssetAuditLog(**by, event=asset_event, affected_asset_id=estate.asset_id))
    if estate.account_id is not None:
        account_event, user_event = f"{mark}-account-log", f"{mark}-user-log"
        session.add(AuditLog(**by, event=account_event, affected_account_id=estate.account_id))
        session.add(AuditLog(**by, event=user_event, affected_user_id=estate.user_id))
