"""Rules of accounts, users, plans, audit records and task runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from fmhost.model import Account, AccountRole, AssetAuditLog, AuditLog, Role, TaskRun, User
from fmhost.model.accounts import Branding
from fmhost.model.database import Database
from fmhost.model.tasks import record_task_run

if TYPE_CHECKING:
    from tests.model.conftest import World

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_entities_have_their_defaults_from_birth() -> None:
    user = User(email="a@b.c", username="a", password="x")
    assert (user.active, user.timezone, user.login_count) == (True, "Europe/Amsterdam", 0)
    assert user.tf_primary_method == "email"
    assert len(user.fs_uniquifier) == 64
    assert user.fs_uniquifier != User().fs_uniquifier
    first, second = Account(), Account()
    assert (first.name, first.attributes, first.secrets) == ("", {}, {})
    assert first.attributes is not second.attributes


def test_an_unknown_attribute_is_refused() -> None:
    with pytest.raises(TypeError, match="Account has no attribute 'colour'"):
        Account(colour="red")


def test_an_entity_is_shown_by_key_and_name() -> None:
    assert repr(Account(id=3, name="Home")) == "<Account id=3, name='Home'>"
    assert repr(TaskRun(name="t")) == "<TaskRun name='t'>"


def test_roles_are_asked_for_by_name_or_entity() -> None:
    admin = Role(name="admin")
    user = User(roles=[admin])
    assert user.has_role("admin")
    assert user.has_role(admin)
    assert not user.has_role("consultant")
    assert Account(account_roles=[AccountRole(name="MDC")]).has_role("MDC")


@pytest.mark.parametrize(("active", "expected"), [(True, True), (False, False), (None, False)])
def test_only_active_users_may_authenticate(active: bool | None, expected: bool) -> None:
    user = User(active=active)
    assert user.is_active is expected
    assert user.is_authenticated
    assert not user.is_anonymous


def test_revoking_access_changes_the_identity_in_tokens() -> None:
    user = User()
    before = user.get_id()
    user.revoke_access()
    assert user.get_id() != before


def test_links_are_stored(database: Database, world: World) -> None:
    with database.reading() as session:
        account = session.get_one(Account, world.account)
        assert [user.username for user in account.users] == ["ann"]
        assert [asset.name for asset in account.assets] == ["site", "battery"]
        assert account.consultancy_account is not None
        assert account.consultancy_account.client_accounts == [account]
        assert account.users[0].has_role("account-admin")


def test_branding_is_own_else_the_consultancys_else_the_products() -> None:
    consultancy = Account(primary_color="#111111", logo_url="https://a.b/c.png")
    client = Account(consultancy_account=consultancy, primary_color="#222222")
    assert client.branding() == Branding("#222222", "#f1a122", "https://a.b/c.png")
    assert Account().branding() == Branding("#1a3443", "#f1a122", None)


@pytest.mark.parametrize("log", [AuditLog, AssetAuditLog])
def test_long_audit_events_are_cut(database: Database, log: type[AuditLog | AssetAuditLog]) -> None:
    with database.transaction() as session:
        session.add(log(event="é" * 501, event_datetime=NOW))
    with database.reading() as session:
        assert session.scalars(select(log.event)).one() == "é" * 500


def test_a_task_has_one_latest_run(database: Database) -> None:
    for minutes, status in ((0, False), (5, True)):
        with database.transaction() as session:
            at = NOW + timedelta(minutes=minutes)
            record_task_run(session, "import prices", status=status, at=at)
    with database.reading() as session:
        run = session.scalars(select(TaskRun)).one()
        assert (run.name, run.status, run.ran_at) == (
            "import prices",
            True,
            NOW + timedelta(minutes=5),
        )
