"""Users and their passwords."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fmhost.auth.passwords import verify_password
from fmhost.model import AuditLog, User
from fmhost.services import users
from fmhost.testing.tenants import PASSWORD


def test_another_password_ends_all_access(installation: Any, tenant: Any) -> None:
    before = tenant.member.fs_uniquifier
    with installation.database.transaction() as session:
        users.set_password(
            installation, session, session.get_one(User, tenant.member.id), "another password"
        )
    with installation.database.reading() as session:
        user = session.get_one(User, tenant.member.id)
        events = list(session.scalars(select(AuditLog.event)))
    assert user.fs_uniquifier != before
    assert verify_password(installation.settings, "another password", user.password)
    assert events == ["Password changed for user member"]


def test_the_same_password_changes_nothing(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        user = session.get_one(User, tenant.member.id)
        before = user.password, user.fs_uniquifier
        users.set_password(installation, session, user, PASSWORD)
        assert (user.password, user.fs_uniquifier) == before
