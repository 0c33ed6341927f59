"""Who may do what: the whole table, for every role."""

from __future__ import annotations

import pytest

from fmhost.auth.policy import (
    History,
    Permission,
    Platform,
    allowed,
    check_access,
    may_assign_role,
    principals,
)
from fmhost.errors import NotAuthenticated, NotAuthorized
from fmhost.model import Account, AccountRole, Asset, Role, Sensor, User

CONSULTANCY = Account(id=1, name="Advice")
CONSULTANCY.account_roles = [AccountRole(id=1, name="Consultancy")]
CLIENT = Account(id=2, name="Acme", consultancy_account_id=1)
OTHER = Account(id=3, name="Other")


def user(number: int, account: Account, *roles: str, active: bool = True) -> User:
    made = User(id=number, account_id=account.id, active=active, username=f"user {number}")
    made.account = account
    made.roles = [Role(name=role) for role in roles]
    return made


USERS = {
    "admin": user(1, OTHER, "admin"),
    "reader": user(2, OTHER, "admin-reader"),
    "boss": user(3, CLIENT, "account-admin"),
    "member": user(4, CLIENT),
    "other": user(5, OTHER, "account-admin", "consultant"),
    "consultant": user(6, CONSULTANCY, "consultant"),
    "clerk": user(7, CONSULTANCY),
    "inactive": user(8, CLIENT, "admin", active=False),
}


def asset(number: int, account: Account | None) -> Asset:
    made = Asset(id=number, name=f"asset {number}", account_id=account.id if account else None)
    made.account = account
    return made


ASSET, PUBLIC = asset(1, CLIENT), asset(2, None)

ENTITIES = {
    "platform": Platform(),
    "account": CLIENT,
    "user": USERS["member"],
    "account history": History(CLIENT),
    "user history": History(USERS["member"]),
    "asset": ASSET,
    "sensor": Sensor(id=1, name="power", generic_asset=ASSET),
    "public asset": PUBLIC,
    "public sensor": Sensor(id=2, name="price", generic_asset=PUBLIC),
}

MEMBERS = {"boss", "member", "consultant"}
LOGGED_IN = set(USERS) - {"inactive"}

#: Who may, besides the admin, who always may, and the admin-reader, who may always read.
TABLE = {
    "platform": {"create-children": {"consultant"}},
    "account": {
        "create-children": {"boss", "consultant"},
        "read": MEMBERS,
        "update": MEMBERS,
    },
    "user": {"read": MEMBERS, "update": MEMBERS},
    "account history": {"read": {"boss", "consultant"}},
    "user history": {"read": MEMBERS},
    "asset": {
        "create-children": MEMBERS,
        "read": MEMBERS,
        "update": MEMBERS,
        "delete": {"boss", "consultant"},
    },
    "sensor": {
        "create-children": MEMBERS,
        "read": MEMBERS,
        "update": {"boss", "consultant"},
        "delete": {"boss", "consultant"},
    },
    "public asset": {"read": LOGGED_IN},
    "public sensor": {"read": LOGGED_IN},
}


@pytest.mark.parametrize("who", USERS)
@pytest.mark.parametrize("what", ENTITIES)
@pytest.mark.parametrize("permission", [str(permission) for permission in Permission])
def test_the_table_of_permissions(who, what, permission):
    expected = who == "admin" or who in TABLE[what].get(permission, set())
    if permission == "read" and who == "reader":
        expected = True
    assert allowed(USERS[who], ENTITIES[what], permission) is expected


def test_a_user_updates_and_reads_the_history_of_oneself_only():
    colleague = user(9, CLIENT)
    assert not allowed(colleague, USERS["member"], "update")
    assert not allowed(colleague, History(USERS["member"]), "read")
    assert allowed(colleague, USERS["member"], "read")


def test_who_is_nobody_or_inactive_is_not_authenticated():
    for nobody in (None, USERS["inactive"]):
        with pytest.raises(NotAuthenticated):
            check_access(nobody, PUBLIC, "read")


@pytest.mark.parametrize(
    ("entity", "permission"), [(ASSET, "steal"), (None, "read"), ("x", "read")]
)
def test_unknown_permissions_and_missing_entities_are_refused(entity, permission):
    with pytest.raises(NotAuthorized):
        check_access(USERS["member"], entity, permission)


def test_a_refusal_does_not_tell_entities_apart():
    messages = set()
    for entity in (ASSET, asset(99, CLIENT)):
        with pytest.raises(NotAuthorized) as caught:
            check_access(USERS["other"], entity, "read")
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_an_asset_whose_account_is_unknown_is_not_public():
    assert not allowed(USERS["member"], Asset(id=5, account_id=2), "read")


def test_consultants_of_an_account_without_consultancy_are_nobody():
    assert not allowed(USERS["consultant"], OTHER, "read")


def test_principals_name_account_roles():
    assert {"account-role:Consultancy", "role:consultant", "user:6", "account:1"} <= principals(
        USERS["consultant"]
    )


@pytest.mark.parametrize(
    ("role", "assigners"),
    [
        ("admin", set()),
        ("admin-reader", {"admin"}),
        ("account-admin", {"admin", "consultant"}),
        ("consultant", {"admin", "boss"}),
        ("task-runner", set()),
    ],
)
def test_who_may_assign_a_role(role, assigners):
    found = {name for name, each in USERS.items() if may_assign_role(each, role, USERS["member"])}
    assert found == assigners


def test_nobody_changes_own_roles():
    assert not may_assign_role(USERS["admin"], "account-admin", USERS["admin"])
