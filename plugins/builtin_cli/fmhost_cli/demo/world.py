"""The demo's company: a building with a battery and a solar roof, and a day-ahead market."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fmhost.plugin import (
    Account,
    Asset,
    Installation,
    Sensor,
    User,
    accounts,
    assets,
    recording,
    sensors,
    sources,
    time_zone,
    toy,
    users,
)
from fmhost_cli.demo import profiles

COMPANY = "Demo Company"
MARKET = "Demo market"
USERNAME = "demo-user"
EMAIL = "demo@example.com"
ZONE = "Europe/Amsterdam"
LATITUDE, LONGITUDE = 52.3791, 4.9003
SOURCE = "fmhost demo"

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
#: Size of the solar roof [kW].
ROOF = 60.0
#: The battery, as its flex-model says it to the scheduler.
BATTERY = {
    "soc-min": "10 kWh",
    "soc-max": "100 kWh",
    "power-capacity": "50 kW",
    "roundtrip-efficiency": "90%",
}
#: What the grid connection bears.
GRID_CONNECTION = "100 kW"


@dataclass(frozen=True)
class World:
    """What the demo works with.

    :param prices: [EUR/MWh].
    :param roof: production of the solar roof [kW, production positive].
    :param load: consumption of the building [kW, consumption positive].
    :param power: power of the battery [kW, production positive].
    """

    account: Account
    user: User
    building: Asset
    battery: Asset
    prices: Sensor
    roof: Sensor
    load: Sensor
    power: Sensor


def password_of(installation: Installation) -> str:
    """The demo user's password: the same in every run, and another one in every installation."""
    key = installation.settings.require_secret_key().encode()
    digest = hmac.new(key, b"password of the demo user", hashlib.sha256).digest()
    letters = base64.b32encode(digest).decode().lower()
    return "-".join(letters[place : place + 4] for place in (0, 4, 8))


def make(installation: Installation, session: Any) -> World:
    """Make the company with user, assets and sensors; what exists is kept."""
    account = accounts.find_account(session, COMPANY) or accounts.create_account(
        installation, session, name=COMPANY
    )
    password = password_of(installation)
    user = users.find_user(session, EMAIL)
    if user is None:
        user = users.create_user(
            installation,
            session,
            username=USERNAME,
            email=EMAIL,
            password=password,
            account=account,
            user_roles=["account-admin"],
            timezone=ZONE,
        )
    else:
        users.set_password(installation, session, user, password)
    # A market of its own: bundled prices must never mix with real ones.
    prices = toy.day_ahead_market(installation, session, zone=MARKET)
    building = _asset(installation, session, account, "Office", "building")
    roof = _asset(installation, session, account, "Solar roof", "solar", parent=building)
    battery = _asset(installation, session, account, "Battery", "battery", parent=building)
    consuming = {"consumption_is_positive": True}
    world = World(
        account,
        user,
        building,
        battery,
        prices,
        roof=_sensor(installation, session, roof, "production"),
        load=_sensor(installation, session, building, "consumption", consuming),
        power=_sensor(installation, session, battery, "power"),
    )
    battery.flex_model = dict(BATTERY)
    building.flex_context = {
        "consumption-price": {"sensor": prices.id},
        "site-power-capacity": GRID_CONNECTION,
        "inflexible-device-sensors": [world.roof.id, world.load.id],
    }
    session.flush()
    return world


def _asset(
    installation: Installation,
    session: Any,
    account: Account,
    name: str,
    kind: str,
    parent: Asset | None = None,
) -> Asset:
    found = assets.list_assets(session, account.id)
    existing = next((asset for asset in found if asset.name == name), None)
    return existing or assets.create_asset(
        installation,
        session,
        name=name,
        asset_type_id=assets.get_or_create_asset_type(session, kind).id,
        account_id=account.id,
        parent_id=parent.id if parent else None,
        latitude=LATITUDE,
        longitude=LONGITUDE,
    )


def _sensor(
    installation: Installation,
    session: Any,
    asset: Asset,
    name: str,
    attributes: dict[str, Any] | None = None,
) -> Sensor:
    session.refresh(asset, ["sensors"])
    existing = next((sensor for sensor in asset.sensors if sensor.name == name), None)
    return existing or sensors.create_sensor(
        installation,
        session,
        name=name,
        unit="kW",
        event_resolution=QUARTER,
        timezone=ZONE,
        asset_id=asset.id,
        attributes=attributes,
    )


def load_forecasts(
    installation: Installation,
    session: Any,
    world: World,
    start: datetime,
    end: datetime,
    belief_time: datetime,
) -> int:
    """Store prices, sunshine and consumption for [start, end), as believed at `belief_time`.

    :return: the number of beliefs that were not stored yet.
    """
    source = sources.create_source(session, name=SOURCE, source_type="demo script")
    zone = time_zone(ZONE)
    stored = 0
    for sensor, name, factor in (
        (world.prices, "prices", 1.0),
        (world.roof, "solar", ROOF),
        (world.load, "load", 1.0),
    ):
        values = profiles.series(name, start, end, sensor.event_resolution, zone)
        saved = recording.record(
            installation,
            session,
            sensor,
            source,
            start=start,
            values=[value * factor for value in values],
            belief_time=belief_time,
        )
        stored += saved.stored
    return stored
