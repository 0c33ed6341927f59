"""A small world of entities for the tests of the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from fmhost.model import (
    Account,
    AccountRole,
    Annotation,
    Asset,
    AssetAuditLog,
    AssetType,
    Role,
    Sensor,
    Source,
    User,
    beliefs,
)
from fmhost.model.database import Database
from fmhost.model.job import request_job

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Ids of one entity of each kind, all connected; and of others beside."""

    account: int
    consultancy: int
    user: int
    asset_type: int
    site: int
    battery: int
    sensor: int
    site_sensor: int
    source: int
    annotation: int
    job: str
    now: datetime = NOON


@pytest.fixture
def world(database: Database) -> World:
    """A consultancy and its client, with user, site, battery, sensors, beliefs, annotation, job."""
    with database.transaction() as session:
        return _populate(session)


def _populate(session: Session) -> World:
    consultancy = Account(name="Advice")
    account = Account(
        name="Home",
        consultancy_account=consultancy,
        account_roles=[AccountRole(name="Prosumer")],
    )
    user = User(
        email="ann@example.com",
        username="ann",
        password="hash",
        account=account,
        roles=[Role(name="account-admin")],
    )
    battery_type = AssetType(name="battery")
    site = Asset(name="site", generic_asset_type=AssetType(name="building"), account=account)
    battery = Asset(
        name="battery", generic_asset_type=battery_type, account=account, parent_asset=site
    )
    resolution = timedelta(minutes=15)
    sensor = Sensor(name="power", unit="MW", event_resolution=resolution, generic_asset=battery)
    site_sensor = Sensor(name="price", unit="EUR/MWh", generic_asset=site)
    source = Source(name="ann", type="user")
    session.add_all([user, sensor, site_sensor, source])
    session.flush()
    annotation = Annotation(
        content="maintenance",
        start=NOON,
        end=NOON + timedelta(hours=1),
        source=source,
        accounts=[account],
        assets=[battery],
        sensors=[sensor],
    )
    session.add(annotation)
    session.add(
        AssetAuditLog(
            event_datetime=NOON,
            event="Created asset 'battery': 2",
            active_user_name="ann",
            active_user_id=user.id,
            affected_asset_id=battery.id,
        )
    )
    session.execute(
        insert(beliefs),
        [
            {
                "sensor_id": one.id,
                "event_start": NOON,
                "source_id": source.id,
                "belief_horizon": 0,
                "event_value": 1.5,
            }
            for one in (sensor, site_sensor)
        ],
    )
    job = request_job(
        session,
        kind="schedule",
        queue="scheduling",
        arguments={"sensor": sensor.id},
        requester_user_id=user.id,
        sensor_id=sensor.id,
        now=NOON,
    )
    session.flush()
    return World(
        account=account.id,
        consultancy=consultancy.id,
        user=user.id,
        asset_type=battery_type.id,
        site=site.id,
        battery=battery.id,
        sensor=sensor.id,
        site_sensor=site_sensor.id,
        source=source.id,
        annotation=annotation.id,
        job=job.id,
    )
