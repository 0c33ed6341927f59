"""What goes and what stays when something is deleted, by entity and by plain SQL alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fmhost.model import (
    Account,
    AccountRole,
    Annotation,
    Asset,
    AssetAuditLog,
    Base,
    Job,
    Role,
    Sensor,
    Source,
    User,
    beliefs,
)
from fmhost.model.database import Database
from fmhost.model.job import request_job

if TYPE_CHECKING:
    from tests.model.conftest import World


@pytest.fixture(params=["as an entity", "by plain SQL"])
def way(request: pytest.FixtureRequest) -> str:
    """How things are deleted."""
    return str(request.param)


def remove(database: Database, way: str, entity: Any, key: Any) -> None:
    with database.transaction() as session:
        if way == "as an entity":
            session.delete(session.get_one(entity, key))
        else:
            session.execute(delete(entity).where(entity.id == key))


def count(session: Session, table: str) -> int:
    return session.scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {table: count(session, table) for table in Base.metadata.tables}


def test_account(database: Database, world: World, way: str) -> None:
    before = counts(database)
    remove(database, way, Account, world.account)
    after = counts(database)
    gone = {table: before[table] - after[table] for table in before if before[table] > after[table]}
    assert gone == {
        "account": 1,
        "roles_accounts": 1,
        "fm_user": 1,
        "roles_users": 1,
        "generic_asset": 2,
        "sensor": 2,
        "timed_belief": 2,
        "annotations_accounts": 1,
        "annotations_assets": 1,
        "annotations_sensors": 1,
        "job": 1,
    }
    with database.reading() as session:
        assert session.get(Source, world.source) is not None
        assert session.get(Annotation, world.annotation) is not None
        record = session.scalars(select(AssetAuditLog)).one()
        assert (record.affected_asset_id, record.active_user_id) == (None, None)
        assert (record.active_user_name, record.event) == ("ann", "Created asset 'battery': 2")


def test_consultancy_leaves_its_clients(database: Database, world: World, way: str) -> None:
    remove(database, way, Account, world.consultancy)
    with database.reading() as session:
        assert session.get_one(Account, world.account).consultancy_account_id is None


def test_user_leaves_source_with_its_number(database: Database, world: World, way: str) -> None:
    with database.transaction() as session:
        session.get_one(Source, world.source).user_id = world.user
    before = counts(database)
    remove(database, way, User, world.user)
    after = counts(database)
    assert {table for table in before if before[table] != after[table]} == {
        "fm_user",
        "roles_users",
    }
    with database.reading() as session:
        source = session.get_one(Source, world.source)
        assert (source.user_id, source.user) == (world.user, None)
        assert session.get_one(Job, world.job).requester_user_id is None


def test_a_new_user_never_inherits_the_number_of_a_deleted_one(
    database: Database, world: World, way: str
) -> None:
    remove(database, way, User, world.user)
    with database.transaction() as session:
        user = User(email="e@f.g", username="eve", password="x", account_id=world.account)
        session.add(user)
        session.flush()
        assert user.id > world.user


def test_asset_takes_descendants_sensors_beliefs_and_links(
    database: Database, world: World, way: str
) -> None:
    with database.transaction() as session:
        request_job(
            session,
            kind="schedule",
            queue="scheduling",
            arguments={},
            asset_id=world.battery,
            now=world.now,
        )
    remove(database, way, Asset, world.site)
    with database.reading() as session:
        for table in ("generic_asset", "sensor", "timed_belief", "job", "annotations_assets"):
            assert count(session, table) == 0, table
        assert count(session, "annotations_sensors") == 0
        assert count(session, "annotation") == 1
        assert count(session, "account") == 2
        assert session.scalars(select(AssetAuditLog)).one().affected_asset_id is None


def test_loaded_children_are_gone_for_the_session_too(database: Database, world: World) -> None:
    with database.transaction() as session:
        site = session.get_one(Asset, world.site)
        assert [child.id for child in site.child_assets] == [world.battery]
        assert [sensor.id for sensor in site.sensors] == [world.site_sensor]
        session.delete(site)
        session.flush()
        assert session.get(Asset, world.battery) is None
        assert session.get(Sensor, world.site_sensor) is None


def test_sensor_takes_its_own_beliefs_only(database: Database, world: World, way: str) -> None:
    remove(database, way, Sensor, world.sensor)
    with database.reading() as session:
        assert list(session.scalars(select(beliefs.c.sensor_id))) == [world.site_sensor]
        assert session.get(Asset, world.battery) is not None
        assert session.get(Job, world.job) is None


def test_annotation_takes_its_links_only(database: Database, world: World, way: str) -> None:
    remove(database, way, Annotation, world.annotation)
    with database.reading() as session:
        for table in ("annotations_accounts", "annotations_assets", "annotations_sensors"):
            assert count(session, table) == 0, table
        assert count(session, "generic_asset") == 2


@pytest.mark.parametrize("entity", [Role, AccountRole])
def test_role_is_taken_from_all_who_have_it(
    database: Database, world: World, way: str, entity: type[Role | AccountRole]
) -> None:
    with database.reading() as session:
        key = session.scalars(select(entity.id)).one()
    remove(database, way, entity, key)
    with database.reading() as session:
        assert session.get_one(User, world.user).has_role("account-admin") == (entity is not Role)
        account = session.get_one(Account, world.account)
        assert account.has_role("Prosumer") == (entity is not AccountRole)


def test_parent_job_leaves_its_parts(database: Database, world: World, way: str) -> None:
    with database.transaction() as session:
        part = request_job(
            session,
            kind="schedule",
            queue="scheduling",
            arguments={},
            parent_id=world.job,
            depends_on_id=world.job,
            now=world.now,
        )
    remove(database, way, Job, world.job)
    with database.reading() as session:
        found = session.get_one(Job, part.id)
        assert (found.parent_id, found.depends_on_id) == (None, None)
