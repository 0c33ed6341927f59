"""The site of a case in a database, and the request for its schedule."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.host.host import Composition, Host
from fmhost.model import Account, Asset, Sensor, Source
from fmhost.model.database import Database
from fmhost.services import plugin_tables, recording
from fmhost.services.assets import get_or_create_asset_type
from fmhost.services.installation import Installation
from fmhost.services.sources import create_source
from fmhost.testing.databases import Kind, fresh_database
from fmhost.testing.web import settings_for_tests
from planning.cases import START, Case, Given

#: When this process begins to ask for schedules: all series are known by then.
NOW = START - timedelta(hours=1)
_BEGAN = time.monotonic()


@dataclass(frozen=True)
class Stored:
    """A site, and what to ask of it.

    :param asset: the id of the asset of the site.
    :param sensors: ids of the power sensors of its devices.
    :param request: start, duration, resolution, flex-model and flex-context.
    """

    asset: int
    sensors: list[int]
    request: dict[str, Any]


@contextmanager
def installation(kind: Kind = "sqlite") -> Iterator[Installation]:
    """An installation on a fresh database, with a clock that begins at `NOW`."""
    with fresh_database(kind) as database, installation_on(database) as opened:
        yield opened


@contextmanager
def installation_on(database: Database) -> Iterator[Installation]:
    """The same on a database that is there."""
    with TemporaryDirectory(prefix="fmhost-bench-") as folder:
        uri = database.url.render_as_string(hide_password=False)
        settings = settings_for_tests(Path(folder), SQLALCHEMY_DATABASE_URI=uri)
        host = Host(Composition.from_settings(settings))
        opened = Installation.open(settings, host, clock=_clock)
        plugin_tables.upgrade(host, database)
        try:
            yield opened
        finally:
            opened.close()


def _clock() -> datetime:
    return NOW + timedelta(seconds=time.monotonic() - _BEGAN)


def store(installation: Installation, case: Case, account: int | None = None) -> Stored:
    """Make the site of a case, in an account of its own or in that one."""
    with installation.database.transaction() as session:
        owner = account or _account(session, case.name)
        kind = get_or_create_asset_type(session, "building")
        site = Asset(
            name=case.name,
            account_id=owner,
            generic_asset_type=kind,
            attributes={"custom-scheduler": "StorageScheduler"},
        )
        session.add(site)
        session.flush()
        ids = {
            name: _series(installation, session, site, name, given)
            for name, given in case.series.items()
        }
        sensors = _devices(session, case, site)
        session.flush()
        numbers = [sensor.id for sensor in sensors]
        flex_model = [
            {**case.filled(device, ids), "sensor": number}
            for device, number in zip(case.devices, numbers, strict=True)
        ]
        context = case.filled(case.context, ids)
        listed = context.get("inflexible-device-sensors", [])
        if listed:
            context["inflexible-device-sensors"] = [each["sensor"] for each in listed]
        request = {
            "start": START,
            "duration": case.duration,
            "resolution": timedelta(minutes=case.minutes),
            "flex_model": flex_model,
            "flex_context": context,
        }
        return Stored(site.id, numbers, request)


def _account(session: Session, name: str) -> int:
    made = Account(name=name)
    session.add(made)
    session.flush()
    return made.id


def _devices(session: Session, case: Case, site: Asset) -> list[Sensor]:
    """A power sensor for each device, on an asset of its own."""
    made = []
    kind = get_or_create_asset_type(session, "heat-storage")
    for number, _ in enumerate(case.devices):
        asset = Asset(
            name=f"device {number}",
            account_id=site.account_id,
            generic_asset_type=kind,
            parent_asset=site,
        )
        made.append(_sensor(asset, "power", "MW", case.minutes))
    session.add_all(made)
    return made


def _sensor(asset: Asset, name: str, unit: str, minutes: int) -> Sensor:
    return Sensor(
        name=name,
        unit=unit,
        timezone="Europe/Amsterdam",
        event_resolution=timedelta(minutes=minutes),
        generic_asset=asset,
    )


def _market(session: Session) -> Source:
    found = session.scalars(select(Source).where(Source.name == "market")).first()
    return found or create_source(session, name="market", source_type="market")


def _series(
    installation: Installation, session: Session, site: Asset, name: str, given: Given
) -> int:
    sensor = _sensor(site, name, given.unit, given.minutes)
    session.add(sensor)
    session.flush()
    source = _market(session)
    recording.record(
        installation,
        session,
        sensor,
        source,
        start=START,
        values=[float(value) for value in given.values],
        belief_time=NOW - timedelta(hours=1),
    )
    return sensor.id
