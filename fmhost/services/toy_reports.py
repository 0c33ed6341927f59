"""What reports need in a toy account: a connection to the grid, and sensors for results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import NotFound
from fmhost.model import Account, Asset, Sensor
from fmhost.model.sources import get_or_create_source
from fmhost.services.accounts import find_account
from fmhost.services.installation import Installation
from fmhost.services.recording import record
from fmhost.services.sensors import create_sensor
from fmhost.services.toy import DEFAULT_NAME, TIMEZONE, create_battery_account, day_ahead_market

#: What the connection of the toy building to the grid can take [MW].
GRID_CAPACITY = 0.5


@dataclass(frozen=True, slots=True)
class ToyReports:
    """What reports of a toy account are about, and where they go.

    :param load: power of the battery; production positive.
    :param capacity: of the building's connection to the grid, known for this year and the next.
    :param headroom: for what the capacity leaves.
    :param profit: for what the battery earns.
    """

    account: Account
    load: Sensor
    prices: Sensor
    capacity: Sensor
    headroom: Sensor
    profit: Sensor

    def ids(self) -> dict[str, int]:
        """The ids by names that suit variables of a shell."""
        return {
            "ACCOUNT_ID": self.account.id,
            "BATTERY_SENSOR_ID": self.load.id,
            "PRICE_SENSOR_ID": self.prices.id,
            "GRID_CAPACITY_SENSOR_ID": self.capacity.id,
            "HEADROOM_SENSOR_ID": self.headroom.id,
            "PROFIT_SENSOR_ID": self.profit.id,
        }


def create_reports(
    installation: Installation, session: Session, *, name: str = DEFAULT_NAME
) -> ToyReports:
    """Make sensors for reports about the battery of a toy account, which is made where missing.

    :param name: the account's name.
    :raises NotFound: where the account is there without the toy battery.
    :raises InvalidInput: where it has such sensors already.
    """
    account = find_account(session, name)
    if account is None:
        account = create_battery_account(installation, session, name=name).account
    building, battery = (_part(session, account, kind) for kind in ("building", "battery"))
    power = next(each for each in battery.sensors if each.name == "discharging")

    def sensor(of: Asset, called: str, unit: str, resolution: timedelta) -> Sensor:
        return create_sensor(
            installation,
            session,
            name=called,
            unit=unit,
            event_resolution=resolution,
            timezone=TIMEZONE,
            asset_id=of.id,
        )

    capacity = sensor(building, "grid connection capacity", "MW", timedelta(days=1))
    headroom = sensor(building, "headroom", "MW", timedelta(minutes=15))
    profit = sensor(battery, "profit", "EUR", timedelta(days=1))
    _record_capacity(installation, session, account, capacity)
    battery.sensors_to_show_as_kpis = [{"title": "Profit", "sensor": profit.id, "function": "sum"}]
    session.flush()
    prices = day_ahead_market(installation, session)
    return ToyReports(account, power, prices, capacity, headroom, profit)


def _part(session: Session, account: Account, kind: str) -> Asset:
    query = select(Asset).where(Asset.account_id == account.id, Asset.name == f"toy-{kind}")
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(
            f"Account '{account.name}' has no toy {kind}.",
            field="name",
            hint="Name an account that `fmhost add toy-account` has made, or a new one.",
        )
    return found


def _record_capacity(
    installation: Installation, session: Session, account: Account, capacity: Sensor
) -> None:
    """The same every day of this year and the next; known from the beginning."""
    year = installation.now().astimezone(ZoneInfo(TIMEZONE)).year
    first, last = (datetime(each, 1, 1, tzinfo=ZoneInfo(TIMEZONE)) for each in (year, year + 2))
    days = (last.date() - first.date()).days
    record(
        installation,
        session,
        capacity,
        get_or_create_source(session, account.users[0]),
        start=first,
        values=[GRID_CAPACITY] * days,
        belief_time=first,
    )
