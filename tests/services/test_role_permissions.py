"""Permissions of plugins that the operator adds to roles."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.auth.plugin_permissions import holds
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import AuditLog, Role, User
from fmhost.services import role_permissions, roles
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

WEATHER = plugin(
    "weather",
    """
    manifest = Manifest(
        name="weather",
        permissions=["read-weather", "write-weather"],
        grants={"meteorologist": ["read-weather"]},
    )
    """,
)


@pytest.fixture
def weather(site: Any, open_installation: Any, tenant: Any) -> Any:
    """An installation with the plugin, where the member is a meteorologist."""
    site.install(WEATHER)
    installation = open_installation()
    with installation.database.transaction() as session:
        role = Role(name="meteorologist")
        member = session.get_one(User, tenant.member.id)
        member.roles.append(role)
    return installation


def held(installation: Any, tenant: Any) -> list[str]:
    """What the member holds, of what is asked for in these tests."""
    with installation.database.reading() as session:
        user = session.get_one(User, tenant.member.id)
        return [
            name
            for name in ("read-weather", "write-weather", "elsewhere")
            if holds(user, name, installation.host)
        ]


def change(installation: Any, how: Any, *permissions: str) -> list[str]:
    with installation.database.transaction() as session:
        return list(how(installation, session, "meteorologist", permissions))


def test_what_is_added_is_held_besides_what_the_manifest_grants(weather, tenant):
    assert held(weather, tenant) == ["read-weather"]
    added = change(weather, role_permissions.add, "write-weather", "write-weather", "elsewhere")
    assert added == ["write-weather", "elsewhere"]
    # What no active plugin brings is stored, and without effect.
    assert held(weather, tenant) == ["read-weather", "write-weather"]
    assert change(weather, role_permissions.add, "write-weather") == []
    removed = change(weather, role_permissions.remove, "write-weather", "read-weather")
    assert removed == ["write-weather"]
    assert held(weather, tenant) == ["read-weather"]
    with weather.database.reading() as session:
        role = roles.named(session, Role, "meteorologist")
        assert role.permissions == ["elsewhere"]
        assert role_permissions.granted(weather.host, role) == ["read-weather"]
        entries = session.execute(select(AuditLog.event, AuditLog.affected_user_id)).all()
    assert entries == [
        (
            "Added permission(s) of role 'meteorologist': ['write-weather', 'elsewhere']",
            tenant.member.id,
        ),
        ("Removed permission(s) of role 'meteorologist': ['write-weather']", tenant.member.id),
    ]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_it_goes_with_the_plugin_and_for_the_inactive(weather, installation, tenant):
    change(weather, role_permissions.add, "write-weather")
    # The same database without the plugin.
    assert held(installation, tenant) == []
    with weather.database.transaction() as session:
        session.get_one(User, tenant.member.id).active = False
    assert held(weather, tenant) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_no_plugin_brings_is_told(weather):
    told = role_permissions.without_effect(weather.host, ["elsewhere", "read-weather"])
    assert told is not None
    assert told.startswith("No active plugin brings 'elsewhere', which")
    assert told.endswith("Known are: 'read-weather', 'write-weather'.")
    assert role_permissions.without_effect(weather.host, ["read-weather"]) is None


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", [role_permissions.add, role_permissions.remove])
def test_a_role_and_a_permission_are_named(weather, how):
    with (
        pytest.raises(NotFound, match="'nobody' does not exist"),
        weather.database.transaction() as session,
    ):
        how(weather, session, "nobody", ["x"])
    with pytest.raises(InvalidInput, match="No permission is named"):
        change(weather, how)
