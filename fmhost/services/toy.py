"""The toy account: all that the tutorial needs, made with one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.model import Account, Asset, Sensor, User
from fmhost.services.accounts import create_account, find_account
from fmhost.services.assets import create_asset, get_or_create_asset_type
from fmhost.services.installation import Installation
from fmhost.services.sensors import create_sensor
from fmhost.services.users import create_user

DEFAULT_NAME = "Toy Account"
EMAIL = "toy-user@flexmeasures.io"
USERNAME = "toy-user"
PASSWORD = "toy-password"
LATITUDE, LONGITUDE = 52.374, 4.88969
TIMEZONE = "Europe/Amsterdam"
#: How free the processes of a toy account are.
PROCESSES = ("inflexible", "breakable", "shiftable")
MARKET_ZONE = "NL transmission zone"
MARKET_SENSOR = "Day ahead prices"

#: Day-ahead prices of a day are known at noon of the day before, by the clock of the exchange.
DAY_AHEAD = (
    "x_days_ago_at_y_oclock",
    {"x": 1, "y": 12, "z": "Europe/Paris"},
)


@dataclass(frozen=True, slots=True)
class ToyAccount:
    """What was made (or found, for the market)."""

    account: Account
    user: User
    solar: Asset
    building: Asset
    battery: Asset
    production: Sensor
    discharging: Sensor
    prices: Sensor

    def ids(self) -> dict[str, int]:
        """The ids by names that suit variables of a shell."""
        return {
            "ACCOUNT_ID": self.account.id,
            "USER_ID": self.user.id,
            "SOLAR_ASSET_ID": self.solar.id,
            "BUILDING_ASSET_ID": self.building.id,
            "BATTERY_ASSET_ID": self.battery.id,
            "SOLAR_SENSOR_ID": self.production.id,
            "BATTERY_SENSOR_ID": self.discharging.id,
            "PRICE_SENSOR_ID": self.prices.id,
        }


def create_battery_account(
    installation: Installation, session: Session, *, name: str = DEFAULT_NAME
) -> ToyAccount:
    """Make an account with a user, a solar roof, a building, a battery, and a public market.

    In an empty database the battery's sensor gets id 2 and the market's id 3, as the tutorial
    says. An account of another name gets a user of its own; all share the market.

    :param name: the account's name.
    :raises Conflict: where the account exists already.
    """
    account = create_account(installation, session, name=name)
    user = _create_user(installation, session, account)

    def part(kind: str, attributes: dict[str, Any] | None = None) -> Asset:
        return create_asset(
            installation,
            session,
            name=f"toy-{kind}",
            asset_type_id=get_or_create_asset_type(session, kind).id,
            account_id=account.id,
            latitude=LATITUDE,
            longitude=LONGITUDE,
            attributes=attributes,
        )

    solar, building = part("solar"), part("building")
    battery = part(
        "battery", {"capacity_in_mw": 0.5, "min_soc_in_mwh": 0.05, "max_soc_in_mwh": 0.45}
    )
    production = _power_sensor(installation, session, "production", solar)
    discharging = _power_sensor(installation, session, "discharging", battery)
    prices = day_ahead_market(installation, session)
    battery.set_attribute("sensors_to_show", [prices.id, discharging.id])
    session.flush()
    return ToyAccount(account, user, solar, building, battery, production, discharging, prices)


@dataclass(frozen=True, slots=True)
class ToyProcesses:
    """The processes of a toy account: the power sensor of each, by how free the process is."""

    account: Account
    prices: Sensor
    power: Mapping[str, Sensor]

    def ids(self) -> dict[str, int]:
        """The ids by names that suit variables of a shell."""
        return {
            "ACCOUNT_ID": self.account.id,
            "PRICE_SENSOR_ID": self.prices.id,
            **{f"{kind.upper()}_SENSOR_ID": sensor.id for kind, sensor in self.power.items()},
        }


def create_processes(
    installation: Installation, session: Session, *, name: str = DEFAULT_NAME
) -> ToyProcesses:
    """Make three processes that run four hours a day, and a public market; an account if missing.

    One runs at once, one may be interrupted, one may be moved as a whole. Their flex-models are
    stored, so that a schedule needs nothing but a start and a duration.

    :param name: the account's name.
    :raises InvalidInput: where the account has such processes already.
    """
    account = find_account(session, name)
    if account is None:
        account = create_account(installation, session, name=name)
        _create_user(installation, session, account)
    prices = day_ahead_market(installation, session)
    process = get_or_create_asset_type(session, "process")
    power = {}
    for kind in PROCESSES:
        asset = create_asset(
            installation,
            session,
            name=f"toy-process-{kind}",
            asset_type_id=process.id,
            account_id=account.id,
            latitude=LATITUDE,
            longitude=LONGITUDE,
            flex_context={"consumption-price": {"sensor": prices.id}},
            flex_model={"process-type": kind.upper(), "duration": "PT4H", "power": "0.2 MW"},
        )
        power[kind] = _power_sensor(installation, session, "power", asset)
        asset.set_attribute("sensors_to_show", [prices.id, power[kind].id])
    session.flush()
    return ToyProcesses(account, prices, power)


def _create_user(installation: Installation, session: Session, account: Account) -> User:
    username, email = _login(account.name)
    return create_user(
        installation,
        session,
        username=username,
        email=email,
        password=PASSWORD,
        account=account,
        user_roles=["account-admin"],
        timezone=TIMEZONE,
    )


def _login(name: str) -> tuple[str, str]:
    """User name and e-mail address; those of the tutorial for the account of the tutorial."""
    if name == DEFAULT_NAME:
        return USERNAME, EMAIL
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name)
    slug = "-".join(words.lower().split()) or "other"
    return f"{USERNAME}-{slug}", EMAIL.replace("@", f"+{slug}@")


def _power_sensor(installation: Installation, session: Session, name: str, asset: Asset) -> Sensor:
    return create_sensor(
        installation,
        session,
        name=name,
        unit="MW",
        event_resolution=timedelta(minutes=15),
        timezone=TIMEZONE,
        asset_id=asset.id,
    )


def day_ahead_market(
    installation: Installation,
    session: Session,
    *,
    zone: str = MARKET_ZONE,
    name: str = MARKET_SENSOR,
    unit: str = "EUR/MWh",
) -> Sensor:
    """The sensor of a public day-ahead market with hourly prices, made where it is missing.

    :param zone: name of the public asset.
    """
    market_type = get_or_create_asset_type(session, "transmission zone")
    public = select(Asset).where(Asset.name == zone, Asset.account_id.is_(None))
    market = session.scalars(public.order_by(Asset.id)).first() or create_asset(
        installation, session, name=zone, asset_type_id=market_type.id
    )
    same_name = (Sensor.generic_asset_id == market.id, Sensor.name == name)
    return session.scalars(select(Sensor).where(*same_name)).first() or create_sensor(
        installation,
        session,
        name=name,
        unit=unit,
        event_resolution=timedelta(hours=1),
        timezone=TIMEZONE,
        asset_id=market.id,
        knowledge_horizon=DAY_AHEAD,
    )
