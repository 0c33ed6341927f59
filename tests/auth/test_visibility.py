"""What queries find is what the policy allows to read."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmhost.auth import visibility
from fmhost.auth.policy import allowed
from fmhost.model import Account, Asset, Sensor, User


@pytest.mark.parametrize(
    ("entity", "condition"),
    [
        (Account, visibility.readable_accounts),
        (User, visibility.readable_users),
        (Asset, visibility.readable_assets),
        (Sensor, visibility.readable_sensors),
    ],
)
def test_lists_have_exactly_what_may_be_read(installation, tenant, entity, condition):
    with installation.database.reading() as session:
        everything = session.scalars(select(entity)).all()
        for user in session.scalars(select(User)):
            found = set(session.scalars(select(entity).where(condition(user))))
            assert found == {each for each in everything if allowed(user, each, "read")}, user
