"""A site with a battery, its sensors and a market, and the prices of that market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from fmhost.model import Account, Asset, Sensor
from fmhost.services import recording, sources
from fmhost.services.assets import get_or_create_asset_type
from fmhost.services.installation import Installation

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

#: Hourly prices of a day [EUR/MWh]: cheap at night and at noon, dear in the morning and evening.
DAY_OF_PRICES = (
    *(42.0, 38.0, 35.0, 31.0, 30.0, 36.0, 55.0, 78.0, 84.0, 71.0, 52.0, 34.0),
    *(21.0, 12.0, -3.0, 9.0, 33.0, 68.0, 95.0, 104.0, 91.0, 76.0, 60.0, 48.0),
)


@dataclass(frozen=True, slots=True)
class BatterySite:
    """What `create_battery_site` makes. Entities stay usable after the session, as far as loaded.

    :param battery: an asset of 5 kW and 10 kWh.
    :param power: its power, 15 minutes; [kW] if nobody asks for another unit.
    :param level: its state of charge [kWh, instantaneous].
    :param market: a public asset.
    :param prices: its prices [EUR/MWh, 1 hour].
    """

    battery: Asset
    power: Sensor
    level: Sensor
    market: Asset
    prices: Sensor


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Prices that are stored.

    :param start: of the first event; aware. Consecutive events follow each `resolution`.
    :param values: one price per event, in the unit of `sensor`.
    """

    sensor: Sensor
    start: datetime
    resolution: timedelta
    values: Sequence[float]


def create_battery_site(
    session: Session,
    *,
    name: str = "home battery",
    account: Account | None = None,
    unit: str = "kW",
    resolution: timedelta = QUARTER,
    timezone: str = "Europe/Amsterdam",
    attributes: Mapping[str, Any] | None = None,
) -> BatterySite:
    """Make (and flush) the assets and sensors; the caller commits.

    :param account: the battery's owner; None for a public battery.
    :param unit: of the power sensor, and `resolution` the length of its events.
    :param timezone: of all sensors.
    :param attributes: of the power sensor.
    """

    def sensor(of: Asset, called: str, unit: str, step: timedelta, **more: Any) -> Sensor:
        return Sensor(
            name=called,
            unit=unit,
            event_resolution=step,
            timezone=timezone,
            generic_asset=of,
            **more,
        )

    storage, zone = (
        get_or_create_asset_type(session, kind) for kind in ("battery", "transmission zone")
    )
    battery = Asset(
        name=name,
        account=account,
        generic_asset_type=storage,
        attributes={"capacity_in_mw": 0.005, "min_soc_in_mwh": 0, "max_soc_in_mwh": 0.01},
    )
    market = Asset(name=f"market of {name}", generic_asset_type=zone)
    site = BatterySite(
        battery=battery,
        power=sensor(battery, "power", unit, resolution, attributes=dict(attributes or {})),
        level=sensor(battery, "level", "kWh", timedelta(0)),
        market=market,
        prices=sensor(market, "prices", "EUR/MWh", HOUR),
    )
    session.add_all([site.power, site.level, site.prices])
    session.flush()
    return site


def record_series(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    start: datetime,
    values: Sequence[float],
    *,
    source: str = "market",
    source_type: str = "market",
) -> PriceSeries:
    """Store one value per event of the sensor, from `start` on, recorded now; NaN is left out."""
    made = sources.create_source(session, name=source, source_type=source_type)
    recording.record(
        installation,
        session,
        sensor,
        made,
        start=start,
        values=values,
        belief_time=installation.now(),
    )
    return PriceSeries(sensor, start, sensor.event_resolution, values)
