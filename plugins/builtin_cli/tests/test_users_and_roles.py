"""``fmhost users`` and ``fmhost roles``."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.auth.passwords import verify_password
from fmhost.model import AuditLog, User
from fmhost.settings import load

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


EMAIL = "toy-user@flexmeasures.io"


@pytest.fixture
def stored(database: Any) -> Any:
    """The user as the database has it now."""

    def read(user_id: int = 1) -> User:
        with database.reading() as session:
            return session.get_one(User, user_id)

    return read


def test_users_are_let_out_and_in(toy: Any, stored: Any, database: Any) -> None:
    before = stored().fs_uniquifier
    assert toy.ok("users", "deactivate", EMAIL) == "User toy-user is not active any more.\n"
    assert not stored().active
    assert stored().fs_uniquifier != before
    assert "as before" in toy.ok("users", "deactivate", "toy-user")
    assert toy.ok("users", "activate", "toy-user") == "User toy-user is active.\n"
    assert stored().active
    with database.reading() as session:
        events = list(session.scalars(select(AuditLog.event)))
    assert events.count("Active status set to 'False'.") == 1


def test_passwords_are_changed(toy: Any, stored: Any) -> None:
    before = stored()
    toy.ok("users", "change_password", EMAIL, stdin="another password\n")
    assert stored().password != before.password
    assert stored().fs_uniquifier != before.fs_uniquifier
    toy.ok("users", "change-password", EMAIL, "--password", "one more password")
    refused = toy.refused("users", "change-password", EMAIL, stdin="short\n")
    assert "at least 8 characters" in refused
    assert "standard input is empty" in toy.refused("users", "change-password", EMAIL)


def test_access_is_reset(toy: Any, stored: Any) -> None:
    before = stored()
    assert "no terminal" in toy.refused("users", "reset-access", EMAIL)
    assert stored().password == before.password
    toy.ok("users", "reset_access", EMAIL, "--force")
    assert stored().password != before.password


def test_users_are_created_by_attributes(toy: Any, stored: Any) -> None:
    new = ("users", "create", "--account", "1", "--password", "a good password")
    printed = toy.ok(*new, "email:ann@example.org", "username:Ann", "timezone:UTC", "--inactive")
    assert printed == "Successfully created user Ann (ID: 2).\n"
    assert (stored(2).active, stored(2).timezone) == (False, "UTC")
    assert "user bob (ID: 3)" in toy.ok(*new, "bob@example.org")
    for wrong in (("colour:red",), ("username:x",), ()):
        assert toy(*new, *wrong).exit_code == 2
    assert "already exists" in toy.refused(*new, "bob@example.org")


def test_roles_are_given_and_taken(toy: Any, stored: Any) -> None:
    printed = toy.ok("roles", "create", "bot", "-d", "A script")
    assert printed.startswith("User role 'bot' (ID: ")
    assert "already exists" in toy.refused("roles", "create", "bot")
    assert toy.ok("roles", "add", EMAIL, "bot") == "User toy-user has the role bot.\n"
    assert "as before" in toy.ok("roles", "add", EMAIL, "bot")
    (user,) = toy.json("show", "account", "--id", "1")["users"]
    assert sorted(user["roles"]) == ["account-admin", "bot"]
    printed = toy.ok("roles", "remove", "toy-user", "bot")
    assert printed == "User toy-user does not have the role bot.\n"
    assert "as before" in toy.ok("roles", "remove", EMAIL, "bot")


def shown(toy: Any, name: str) -> dict[str, Any]:
    """A role of users as `fmhost show roles` has it."""
    (role,) = (each for each in toy.json("show", "roles")["user"] if each["name"] == name)
    return dict(role)


def test_roles_get_and_lose_permissions(toy: Any) -> None:
    created = toy("roles", "create", "bot", "-d", "A script", "-p", "read-x, write-x")
    assert created.exit_code == 0
    assert "No active plugin brings 'read-x', 'write-x'" in created.stderr
    assert "Known are: none." in created.stderr
    assert shown(toy, "bot")["permissions"] == ["read-x", "write-x"]
    printed = toy.ok("roles", "add_permissions", "bot", "all-x,read-x")
    assert printed == "Role bot has the permissions all-x, read-x.\n"
    assert shown(toy, "bot")["permissions"] == ["read-x", "write-x", "all-x"]
    assert "read-x, write-x, all-x" in toy.ok("show", "roles")
    assert "as before" in toy.ok("roles", "add-permissions", "bot", "read-x")
    printed = toy.ok("roles", "remove_permissions", "bot", "read-x,all-x")
    assert printed == "Role bot does not store the permissions read-x, all-x.\n"
    assert shown(toy, "bot")["permissions"] == ["write-x"]
    assert "as before" in toy.ok("roles", "remove-permissions", "bot", "read-x")
    for word in ("add-permissions", "remove-permissions"):
        assert "User role 'x' does not exist." in toy.refused("roles", word, "x", "read-x")
        assert "No permission is named." in toy.refused("roles", word, "bot", " , ")
    assert "No permission is named." in toy.refused("roles", "create", "none", "-p", ",")
    assert all(role["name"] != "none" for role in toy.json("show", "roles")["user"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "activate"),
        ("users", "deactivate"),
        ("users", "change-password"),
        ("users", "reset-access"),
        ("roles", "add"),
        ("roles", "remove"),
    ],
)
def test_nobody_of_that_name(toy: Any, arguments: tuple[str, ...]) -> None:
    role = ("account-admin",) if arguments[0] == "roles" else ()
    assert "Could not find a user with the e-mail address or name 'nobody'." in toy.refused(
        *arguments, "nobody", *role
    )
    if role:
        assert "User role 'x' does not exist." in toy.refused(*arguments, EMAIL, "x")


def test_a_password_is_stored_as_a_hash(toy: Any, stored: Any) -> None:
    toy.ok("users", "change-password", EMAIL, "--password", "another password")
    settings = load(environ={"SECRET_KEY": "only for tests"}, environment="production")
    assert verify_password(settings, "another password", stored().password)
