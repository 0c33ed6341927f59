"""Accounts with users of every role, assets and sensors: enough to ask who may do what."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from fmhost.auth.passwords import hash_password
from fmhost.model import Account, Asset, AssetType, Role, Sensor, User
from fmhost.model.database import Database
from fmhost.settings import Settings
from fmhost.testing.web import settings_for_tests

#: Password of every user.
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Tenant:
    """What `create_tenant` makes. Entities stay usable after the session, as far as loaded.

    :param account: a client of `consultancy`; `other_account` has nothing to do with either.
    :param member: a user of `account` without a role; likewise `other_member`.
    :param consultant: a user of `consultancy` with that role; `clerk` one without it.
    :param inactive: a user of `account` who cannot log in.
    :param battery: an asset of `account`, with the sensors `power` [kW, 15 minutes] and `level`
        [kWh, instantaneous]; `inverter` is its child asset, with the sensor `status` [%].
    :param other_battery: an asset of `other_account` with the sensor `other_power`.
    :param market: a public asset with the sensor `prices` [EUR/MWh, 1 hour].
    """

    account: Account
    other_account: Account
    consultancy: Account
    admin: User
    admin_reader: User
    account_admin: User
    member: User
    other_member: User
    consultant: User
    clerk: User
    inactive: User
    battery: Asset
    inverter: Asset
    other_battery: Asset
    market: Asset
    power: Sensor
    level: Sensor
    status: Sensor
    other_power: Sensor
    prices: Sensor

    @property
    def users(self) -> tuple[User, ...]:
        """All users, the inactive one last."""
        return (
            self.admin,
            self.admin_reader,
            self.account_admin,
            self.member,
            self.other_member,
            self.consultant,
            self.clerk,
            self.inactive,
        )


#: The tenants that `store_tenant` wrote, by the kind of database; loading is faster than asking.
_stored: dict[str, bytes] = {}


def store_tenant(database: Database) -> None:
    """Make the tenant that `stored_tenant` finds in this database and in copies of it."""
    with TemporaryDirectory() as folder:
        settings = settings_for_tests(Path(folder))
    with database.transaction() as session:
        tenant = create_tenant(session, settings)
    _stored[database.dialect] = pickle.dumps(tenant)


def stored_tenant(session: Session) -> Tenant | None:
    """What `store_tenant` wrote, detached; None where the database is no copy of that."""
    known = _stored.get(session.get_bind().dialect.name)
    if known is None or not session.scalar(select(exists().where(User.email == _email("admin")))):
        return None
    tenant: Tenant = pickle.loads(known)
    return tenant


def create_tenant(session: Session, settings: Settings) -> Tenant:
    """Make the accounts, users, assets and sensors; the caller commits."""
    consultancy = Account(name="Advice Ltd")
    host = Account(name="Host")
    session.add_all((consultancy, host))
    session.flush()
    account = Account(name="Acme", consultancy_account_id=consultancy.id)
    other = Account(name="Other Inc")
    session.add_all((account, other))
    session.flush()
    people = _People(session, hash_password(settings, PASSWORD))
    owner = _Owner(session, AssetType(name="battery", description="stationary battery"))
    battery = owner.asset("battery", account)
    inverter = owner.asset("inverter", account, parent=battery)
    other_battery = owner.asset("battery", other)
    market = owner.asset("market", None)
    quarter, moment = timedelta(minutes=15), timedelta(0)
    tenant = Tenant(
        account=account,
        other_account=other,
        consultancy=consultancy,
        admin=people.user("admin", host, "admin"),
        admin_reader=people.user("reader", host, "admin-reader"),
        account_admin=people.user("boss", account, "account-admin"),
        member=people.user("member", account),
        other_member=people.user("other", other),
        consultant=people.user("consultant", consultancy, "consultant"),
        clerk=people.user("clerk", consultancy),
        inactive=people.user("gone", account, active=False),
        battery=battery,
        inverter=inverter,
        other_battery=other_battery,
        market=market,
        power=owner.sensor(battery, "power", "kW", quarter),
        level=owner.sensor(battery, "level", "kWh", moment),
        status=owner.sensor(inverter, "status", "%", quarter),
        other_power=owner.sensor(other_battery, "power", "kW", quarter),
        prices=owner.sensor(market, "prices", "EUR/MWh", timedelta(hours=1)),
    )
    session.flush()
    return tenant


def _email(name: str) -> str:
    return f"{name}@example.org"


class _People:
    def __init__(self, session: Session, hashed: str) -> None:
        self._session = session
        self._hashed = hashed

    def user(self, name: str, account: Account, *roles: str, active: bool = True) -> User:
        user = User(
            email=_email(name),
            username=name,
            password=self._hashed,
            account_id=account.id,
            active=active,
            fs_uniquifier=f"uniquifier of {name}",
        )
        user.roles = [Role(name=role) for role in roles]
        self._session.add(user)
        return user


class _Owner:
    def __init__(self, session: Session, asset_type: AssetType) -> None:
        self._session = session
        self._type = asset_type

    def asset(self, name: str, account: Account | None, parent: Asset | None = None) -> Asset:
        asset = Asset(
            name=name, account=account, parent_asset=parent, generic_asset_type=self._type
        )
        self._session.add(asset)
        self._session.flush()
        return asset

    def sensor(self, asset: Asset, name: str, unit: str, resolution: timedelta) -> Sensor:
        sensor = Sensor(
            name=name,
            unit=unit,
            event_resolution=resolution,
            timezone="Europe/Amsterdam",
            generic_asset=asset,
        )
        self._session.add(sensor)
        return sensor
