"""What the database refuses, whoever writes to it; the same on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fmhost.model import (
    Account,
    AccountRole,
    Annotation,
    Asset,
    AssetAuditLog,
    AssetType,
    Job,
    Plan,
    Role,
    Sensor,
    Source,
    TaskRun,
    User,
    beliefs,
)
from fmhost.model.accounts import roles_accounts
from fmhost.model.annotations import (
    annotations_accounts,
    annotations_assets,
    annotations_sensors,
)
from fmhost.model.database import Database
from fmhost.model.users import roles_users

if TYPE_CHECKING:
    from tests.model.conftest import World

MISSING = 99_999
HOUR = timedelta(hours=1)


def user(w: World, **values: Any) -> User:
    given = {"email": "b@example.com", "username": "bob", "password": "x", "account_id": w.account}
    return User(**{**given, **values})


def asset(w: World, **values: Any) -> Asset:
    return Asset(**{"name": "new", "generic_asset_type_id": w.asset_type, **values})


def sensor(w: World, **values: Any) -> Sensor:
    return Sensor(**{"name": "new", "generic_asset_id": w.battery, **values})


def annotation(w: World, **values: Any) -> Annotation:
    given = {"content": "x", "start": w.now, "end": w.now + HOUR, "source_id": w.source}
    return Annotation(**{**given, **values})


def job(w: World, **values: Any) -> Job:
    given = {"kind": "k", "queue": "q", "state": "queued", "arguments_hash": "0"}
    return Job(**{**given, "created_at": w.now, **values})


def belief(w: World, **values: Any) -> Any:
    given = {"sensor_id": w.sensor, "event_start": w.now, "source_id": w.source}
    return insert(beliefs).values(
        **{**given, "belief_horizon": 1, "cumulative_probability": 0.5, "event_value": 1, **values}
    )


#: Constraint (for the reader) and one or more rows of which the last violates it.
VIOLATIONS: dict[str, Callable[[World], list[Any]]] = {
    "account name is unique": lambda w: [Account(name="Home")],
    "account plan exists": lambda w: [Account(name="x", plan_id=MISSING)],
    "consultancy exists": lambda w: [Account(name="x", consultancy_account_id=MISSING)],
    "account role name is unique": lambda w: [AccountRole(name="Prosumer")],
    "role name is unique": lambda w: [Role(name="account-admin")],
    "plan name is unique": lambda w: [Plan(name="p"), Plan(name="p")],
    "plan counts by a known key": lambda w: [Plan(name="p", rate_limit_key="colour")],
    "linked account role exists": lambda w: [
        insert(roles_accounts).values(account_id=w.account, role_id=MISSING)
    ],
    "linked account exists": lambda w: [
        insert(roles_accounts).values(account_id=MISSING, role_id=1)
    ],
    "account has a role once": lambda w: [
        insert(roles_accounts).values(account_id=w.account, role_id=1)
    ],
    "linked role exists": lambda w: [insert(roles_users).values(user_id=w.user, role_id=MISSING)],
    "linked user exists": lambda w: [insert(roles_users).values(user_id=MISSING, role_id=1)],
    "user has a role once": lambda w: [insert(roles_users).values(user_id=w.user, role_id=1)],
    "e-mail is unique": lambda w: [user(w, email="ann@example.com")],
    "username is unique": lambda w: [user(w, username="ann")],
    "uniquifier is unique": lambda w: [
        user(w, fs_uniquifier="1"),
        user(w, email="c@example.com", username="c", fs_uniquifier="1"),
    ],
    "user has an account": lambda w: [user(w, account_id=None)],
    "user's account exists": lambda w: [user(w, account_id=MISSING)],
    "user has a password": lambda w: [user(w, password=None)],
    "asset type name is unique": lambda w: [AssetType(name="battery")],
    "asset has a type": lambda w: [asset(w, generic_asset_type_id=None)],
    "asset's type exists": lambda w: [asset(w, generic_asset_type_id=MISSING)],
    "asset's account exists": lambda w: [asset(w, account_id=MISSING)],
    "asset's parent exists": lambda w: [asset(w, parent_asset_id=MISSING)],
    "latitude up to 90": lambda w: [asset(w, latitude=90.1, longitude=0)],
    "latitude from -90": lambda w: [asset(w, latitude=-90.1, longitude=0)],
    "longitude up to 180": lambda w: [asset(w, latitude=0, longitude=180.1)],
    "longitude from -180": lambda w: [asset(w, latitude=0, longitude=-180.1)],
    "asset is not its own parent": lambda w: [asset(w, id=77, parent_asset_id=77)],
    "name is unique among children": lambda w: [
        asset(w, name="battery", account_id=w.account, parent_asset_id=w.site)
    ],
    "name is unique among children of public assets": lambda w: [
        asset(w, name="battery", parent_asset_id=w.site)
    ],
    "name is unique among roots of an account": lambda w: [
        asset(w, name="site", account_id=w.account)
    ],
    "name is unique among public roots": lambda w: [asset(w, name="p"), asset(w, name="p")],
    "external id is unique in an account": lambda w: [
        asset(w, name="p", account_id=w.account, external_id="e"),
        asset(w, name="q", account_id=w.account, external_id="e"),
    ],
    "sensor name is unique in an asset": lambda w: [sensor(w, name="power")],
    "sensor has an asset": lambda w: [sensor(w, generic_asset_id=None)],
    "sensor's asset exists": lambda w: [sensor(w, generic_asset_id=MISSING)],
    "resolution is not negative": lambda w: [sensor(w, event_resolution=-HOUR)],
    "source is unique": lambda w: [
        Source(name="s", type="forecaster", model="m", version="1"),
        Source(name="s", type="forecaster", model="m", version="1"),
    ],
    "source without model is unique": lambda w: [
        Source(name="s", type="forecaster"),
        Source(name="s", type="forecaster"),
    ],
    "source with attributes is unique": lambda w: [
        Source(name="s", type="forecaster", attributes={"a": 1, "b": 2}),
        Source(name="s", type="forecaster", attributes={"b": 2, "a": 1}),
    ],
    "user has one source": lambda w: [
        Source(name="ann", type="user", user_id=w.user),
        Source(name="ann under another name", type="user", user_id=w.user),
    ],
    "belief's key is unique": lambda w: [belief(w), belief(w, event_value=2)],
    "belief's sensor exists": lambda w: [belief(w, sensor_id=MISSING)],
    "belief's source exists": lambda w: [belief(w, source_id=MISSING)],
    "probability up to 1": lambda w: [belief(w, cumulative_probability=1.1)],
    "probability from 0": lambda w: [belief(w, cumulative_probability=-0.1)],
    "annotation ends after its start": lambda w: [annotation(w, end=w.now)],
    "annotation has a known type": lambda w: [annotation(w, type="rumour")],
    "annotation's source exists": lambda w: [annotation(w, source_id=MISSING)],
    "annotation is unique": lambda w: [
        annotation(w, belief_time=w.now),
        annotation(w, belief_time=w.now, end=w.now + 2 * HOUR),
    ],
    "annotation without belief time is unique": lambda w: [annotation(w), annotation(w)],
    "annotation of account exists": lambda w: [
        insert(annotations_accounts).values(account_id=w.account, annotation_id=MISSING)
    ],
    "annotated account exists": lambda w: [
        insert(annotations_accounts).values(account_id=MISSING, annotation_id=w.annotation)
    ],
    "annotation of asset exists": lambda w: [
        insert(annotations_assets).values(generic_asset_id=w.site, annotation_id=MISSING)
    ],
    "annotated asset exists": lambda w: [
        insert(annotations_assets).values(generic_asset_id=MISSING, annotation_id=w.annotation)
    ],
    "annotation of sensor exists": lambda w: [
        insert(annotations_sensors).values(sensor_id=w.sensor, annotation_id=MISSING)
    ],
    "annotated sensor exists": lambda w: [
        insert(annotations_sensors).values(sensor_id=MISSING, annotation_id=w.annotation)
    ],
    "asset of audit record exists": lambda w: [
        AssetAuditLog(event_datetime=w.now, event="e", affected_asset_id=MISSING)
    ],
    "user of audit record exists": lambda w: [
        AssetAuditLog(event_datetime=w.now, event="e", active_user_id=MISSING)
    ],
    "task has one latest run": lambda w: [
        insert(TaskRun).values(name="t", ran_at=w.now, status=True),
        insert(TaskRun).values(name="t", ran_at=w.now, status=True),
    ],
    "job is in a known state": lambda w: [job(w, state="dreaming")],
    "job's requester exists": lambda w: [job(w, requester_user_id=MISSING)],
    "job's sensor exists": lambda w: [job(w, sensor_id=MISSING)],
    "job's asset exists": lambda w: [job(w, asset_id=MISSING)],
    "job's parent exists": lambda w: [job(w, parent_id="none")],
    "job it depends on exists": lambda w: [job(w, depends_on_id="none")],
}


def write(session: Session, row: Any) -> None:
    if hasattr(row, "__table__"):
        session.add(row)
        session.flush()
    else:
        session.execute(row)


@pytest.mark.parametrize("rule", VIOLATIONS)
def test_refuses_what_breaks_the_rule(database: Database, world: World, rule: str) -> None:
    *allowed, forbidden = VIOLATIONS[rule](world)
    with database.transaction() as session:
        for row in allowed:
            write(session, row)
        with pytest.raises(IntegrityError):
            write(session, forbidden)
        session.rollback()


ALLOWED: dict[str, Callable[[World], list[Any]]] = {
    "same asset name below another parent": lambda w: [
        asset(w, name="battery", account_id=w.account, parent_asset_id=w.battery)
    ],
    "same asset name in another account": lambda w: [
        asset(w, name="site", account_id=w.consultancy)
    ],
    "same asset name as a public one": lambda w: [asset(w, name="site")],
    "same asset name for a child and a root": lambda w: [
        asset(w, name="battery", account_id=w.account)
    ],
    "same external id in another account": lambda w: [
        asset(w, name="p", account_id=w.account, external_id="e"),
        asset(w, name="p", account_id=w.consultancy, external_id="e"),
    ],
    "the poles and the date line": lambda w: [
        asset(w, name="p", latitude=90, longitude=180),
        asset(w, name="q", latitude=-90, longitude=-180),
    ],
    "same sensor name on another asset": lambda w: [
        sensor(w, name="power", generic_asset_id=w.site)
    ],
    "same source with another version": lambda w: [
        Source(name="s", type="forecaster", version="1"),
        Source(name="s", type="forecaster", version="2"),
    ],
    "same source with other attributes": lambda w: [
        Source(name="s", type="forecaster", attributes={"a": 1}),
        Source(name="s", type="forecaster", attributes={"a": 2}),
    ],
    "same source name of another type": lambda w: [
        Source(name="s", type="forecaster"),
        Source(name="s", type="scheduler"),
    ],
    "a model that a user made, beside what the user enters": lambda w: [
        Source(name="ann", type="user", user_id=w.user),
        Source(name="ann", type="user", user_id=w.user, model="spreadsheet"),
    ],
    "a belief for every horizon, source and probability": lambda w: [
        belief(w),
        belief(w, belief_horizon=2),
        belief(w, belief_horizon=-(2**60)),
        belief(w, cumulative_probability=0.1),
        belief(w, event_start=w.now + HOUR),
    ],
    "a belief without value": lambda w: [belief(w, event_value=None)],
    "same annotation at another belief time": lambda w: [
        annotation(w),
        annotation(w, belief_time=w.now),
        annotation(w, belief_time=w.now + HOUR),
    ],
    "a long annotation in any script": lambda w: [
        annotation(w, content="".join(chr(0x4E00 + n) for n in range(1024)))
    ],
}


@pytest.mark.parametrize("rule", ALLOWED)
def test_accepts_what_no_rule_forbids(database: Database, world: World, rule: str) -> None:
    with database.transaction() as session:
        for row in ALLOWED[rule](world):
            write(session, row)


@pytest.mark.parametrize("entity", [Source, AssetType, Plan])
def test_what_others_refer_to_cannot_be_deleted(
    database: Database, world: World, entity: type[Source | AssetType | Plan]
) -> None:
    with database.transaction() as session:
        plan = Plan(name="small")
        account = session.get_one(Account, world.account)
        account.plan = plan
        session.flush()
        key = {Source: world.source, AssetType: world.asset_type, Plan: plan.id}[entity]
        with pytest.raises(IntegrityError):
            session.execute(delete(entity).where(entity.id == key))
        session.rollback()
    with database.transaction() as session:
        found = session.get(entity, key)
        assert (found is None) == (entity is Plan)  # the plan was rolled back too
