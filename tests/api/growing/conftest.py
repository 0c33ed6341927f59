"""An installation that has more and more of everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import (
    Account,
    AccountRole,
    Annotation,
    ApiKey,
    Asset,
    AssetAuditLog,
    AssetType,
    AuditLog,
    Automation,
    Job,
    Role,
    Sensor,
    Source,
    User,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def grow(installation: Any, tenant: Any) -> Callable[[int], None]:
    """``grow(number)``: so many more rows of each kind, about the battery, its power and people."""
    numbers = count()

    def more(number: int) -> None:
        with installation.database.transaction() as session:
            for _ in range(number):
                _add_one_of_each(session, tenant, installation.now(), next(numbers))

    return more


def _add_one_of_each(session: Any, tenant: Any, now: Any, number: int) -> None:
    account = session.get_one(Account, tenant.account.id)
    battery = session.get_one(Asset, tenant.battery.id)
    power = session.get_one(Sensor, tenant.power.id)
    member = session.get_one(User, tenant.member.id)
    admin = session.get_one(User, tenant.admin.id)

    # People, each with roles of their own.
    account.account_roles.append(AccountRole(name=f"account role {number}"))
    member.roles.append(Role(name=f"role {number}"))
    client = Account(name=f"client {number}", consultancy_account=account)
    client.account_roles = [AccountRole(name=f"client role {number}")]
    session.add(client)
    for owner in (account, client):
        user = User(email=f"{number}@{owner.name}.org".replace(" ", ""), password="no hash")
        user.username, user.account = f"{owner.name} {number}", owner
        user.roles = [Role(name=f"role {number} of {owner.name}")]
        session.add(user)
    key = {"user": admin, "name": f"key {number}", "prefix": "fmhost_", "key_hash": uuid4().hex}
    session.add(ApiKey(**key, scopes=["read"], created_at=now))

    # Assets, each of a type of its own, with a sensor.
    for owner, parent in ((account, battery), (account, None), (client, None), (None, None)):
        asset = Asset(name=f"asset {number}", account=owner, parent_asset=parent)
        asset.generic_asset_type = AssetType(name=f"type {uuid4().hex}")
        asset.sensors = [Sensor(name="a", unit="kW", event_resolution=HOUR)]
        session.add(asset)
    daily = Sensor(name=f"cost {number}", unit="EUR", event_resolution=24 * HOUR)
    daily.generic_asset = battery
    source = Source(name=f"source {number}", type=f"type {number}", account=account)
    session.add_all([daily, source])
    session.flush()
    shown = {"title": f"graph {number}", "sensors": [daily.id]}
    battery.sensors_to_show = [*battery.sensors_to_show, shown]
    figure = {"title": f"figure {number}", "sensor": daily.id, "function": "sum"}
    battery.sensors_to_show_as_kpis = [*battery.sensors_to_show_as_kpis, figure]

    # What is said about them.
    starts = moment64(now) + duration64(HOUR) * np.arange(2)
    for sensor in (power, daily):
        horizon = duration64(HOUR * number)
        save(session, sensor, Beliefs.of(starts, horizon, source.id, np.full(2, float(number))))
    remark = Annotation(content=f"remark {number}", start=now, end=now + HOUR, source=source)
    for entity in (account, battery, power):
        entity.annotations.append(remark)
    by = {"event_datetime": now, "active_user_name": "admin", "event": f"event {number}"}
    about = {"affected_account_id": account.id, "affected_user_id": member.id}
    session.add(AuditLog(**by, **about, active_user_id=admin.id))
    session.add(AssetAuditLog(**by, affected_asset_id=battery.id, active_user_id=admin.id))
    for kind, queue in (("schedule", "scheduling"), ("forecast", "forecasting")):
        times = {"created_at": now, "started_at": now, "ended_at": now}
        about = {"sensor_id": power.id, "asset_id": battery.id, "requester_user_id": member.id}
        digest = uuid4().hex
        session.add(
            Job(kind=kind, queue=queue, state="finished", arguments_hash=digest, **times, **about)
        )
    recurring = Automation(name=f"plan {number}", kind="schedule", asset_id=battery.id)
    recurring.sensor_id, recurring.user_id, recurring.by_operator = power.id, member.id, False
    recurring.parameters, recurring.interval, recurring.timezone = {}, "PT1H", "UTC"
    recurring.starts_at = recurring.created_at = recurring.next_at = now
    session.add(recurring)
