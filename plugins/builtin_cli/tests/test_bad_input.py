"""Wrong input ends with one clear line, an exit code that is not zero, and nothing half-written."""

from __future__ import annotations

from typing import Any

import pytest

NEW_USER = ("add", "user", "--username", "ann", "--email", "ann@example.com", "--account", "1")
NEW_SENSOR = ("add", "sensor", "--event-resolution", "15", "--timezone", "UTC", "--asset", "3")
PASSWORD = "a good password\n"


def test_names_are_taken_once(toy: Any) -> None:
    assert "Account 'Toy Account' already exists." in toy.refused(
        "add", "account", "--name", "Toy Account"
    )
    assert "Asset type 'battery' already exists." in toy.refused(
        "add", "asset-type", "--name", "battery"
    )
    assert "An asset with the name 'toy-solar' already exists" in toy.refused(
        "add", "asset", "--name", "toy-solar", "--asset-type", "1", "--account", "1"
    )
    assert "Asset 3 has a sensor with the name 'discharging' already." in toy.refused(
        *NEW_SENSOR, "--name", "discharging", "--unit", "MW"
    )
    toy.ok("add", "account-role", "--name", "Prosumer")
    assert "Account role 'Prosumer' already exists." in toy.refused(
        "add", "account-role", "--name", "Prosumer"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "account", "--id", "99"), "No account with ID 99 found!"),
        (("show", "asset", "--id", "99"), "No asset found with ID 99."),
        (("show", "assets", "--account", "99"), "No account with ID 99 found!"),
        ((*NEW_SENSOR[:-1], "99", "--name", "x", "--unit", "MW"), "No asset found with ID 99."),
        (
            ("add", "asset", "--name", "x", "--asset-type", "99"),
            "GenericAssetType with id 99 doesn't exist.",
        ),
        (
            ("add", "asset", "--name", "x", "--asset-type", "1", "--account", "99"),
            "No account with ID 99 found!",
        ),
        (
            ("add", "asset", "--name", "x", "--asset-type", "1", "--parent-asset", "99"),
            "Parent asset with id 99 not found.",
        ),
        (("add", "account", "--name", "x", "--consultancy", "99"), "No account with ID 99 found!"),
        ((*NEW_USER[:-1], "99"), "No account with ID 99 found!"),
    ],
)
def test_unknown_ids_are_named(toy: Any, arguments: tuple[str, ...], message: str) -> None:
    before = toy.json("show", "assets"), toy.json("show", "accounts")
    assert message in toy.refused(*arguments)
    assert (toy.json("show", "assets"), toy.json("show", "accounts")) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--name", "x", "--unit", "flubs/h"), "Unit 'flubs/h' cannot be handled."),
        (
            ("--name", "x", "--unit", "MW", "--timezone", "Mars/Base"),
            "Invalid timezone 'Mars/Base'",
        ),
        (("--name", " ", "--unit", "MW"), "The name is empty."),
        (("--name", "x" * 121, "--unit", "MW"), "at most 120"),
        (("--name", "x", "--unit", "MW", "--event-resolution", "-PT5M"), "must not be negative"),
        (("--name", "x", "--unit", "MW", "--event-resolution", "P1M"), "no length of its own"),
        (("--name", "x", "--unit", "MW", "--attributes", "[1]"), "should be a dict"),
        (("--name", "x", "--unit", "MW", "--attributes", "{1}"), "Please check your JSON"),
        (("--name", "x", "--unit", "MW", "--attributes", "gone.json"), "neither JSON nor a file"),
    ],
)
def test_sensors_are_checked(toy: Any, options: tuple[str, ...], message: str) -> None:
    assert message in toy.refused(*NEW_SENSOR, *options)
    assert len(toy.json("show", "asset", "--id", "3")["sensors"]) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--primary-color", "red"), "red is not a valid hex color code."),
        (("--logo-url", "file:///etc/passwd"), "'file:///etc/passwd' is not a valid URL."),
        (("--logo-url", "https://no spaces.org"), "is not a valid URL."),
        (("--name", ""), "The name is empty."),
    ],
)
def test_accounts_are_checked(cli: Any, options: tuple[str, ...], message: str) -> None:
    assert message in cli.refused("add", "account", "--name", "x", "--roles", "New", *options)
    assert cli.json("show", "accounts") == []
    assert cli.json("show", "roles")["account"] == []


@pytest.mark.parametrize(
    ("options", "stdin", "message"),
    [
        (("--timezone", "Mars/Base"), PASSWORD, "Timezone Mars/Base is unknown!"),
        (("--email", "nobody"), PASSWORD, "'nobody' is not an e-mail address"),
        (("--username", "toy-user"), PASSWORD, "User with username toy-user already exists."),
        (
            ("--email", "Toy-User@flexmeasures.io"),
            PASSWORD,
            "already exists.",
        ),
        ((), "short\n", "A password needs at least 8 characters."),
        ((), "", "standard input is empty"),
    ],
)
def test_users_are_checked(toy: Any, options: tuple[str, ...], stdin: str, message: str) -> None:
    assert message in toy.refused(*NEW_USER, "--roles", "new-role", *options, stdin=stdin)
    assert len(toy.json("show", "account", "--id", "1")["users"]) == 1
    assert [role["name"] for role in toy.json("show", "roles")["user"]] == ["account-admin"]


def test_locations_are_degrees(toy: Any) -> None:
    new = ("add", "asset", "--name", "x", "--asset-type", "1", "--account", "1")
    refused = toy.refused(*new, "--latitude", "91")
    assert "Latitude 91.0 exceeds the maximum latitude of 90 degrees." in refused
    refused = toy.refused(*new, "--longitude", "-180.5")
    assert "exceeds the minimum longitude of -180 degrees" in refused
    assert "more than 7 decimals" in toy.refused(*new, "--latitude", "52.12345678")


def test_a_part_has_the_owner_of_the_whole(toy: Any) -> None:
    refused = toy.refused(
        *("add", "asset", "--name", "x", "--asset-type", "1", "--parent-asset", "3")
    )
    assert "Give both the same owner." in refused


def test_usage_errors_end_with_2(cli: Any) -> None:
    for arguments in (
        ("add", "account"),
        ("add", "user", "--username", "x"),
        ("show", "account", "--id", "one"),
        ("add", "toy-account", "--kind", "airship"),
        ("jobs", "run-worker"),
        ("jobs", "clear-queue", "--queue", "nonsense"),
        ("show", "nonsense"),
    ):
        result = cli(*arguments)
        assert result.exit_code == 2, arguments
        assert "Error: " in result.stderr


def test_a_missing_secret_key_is_explained(cli: Any, tmp_path: Any) -> None:
    del cli.environment["SECRET_KEY"]
    cli.environment["SECRET_KEY"] = None
    refused = cli.refused("add", "toy-account")
    assert "SECRET_KEY" in refused
    assert "Generate a key with: python" in refused
    assert cli.json("show", "accounts") == []
    assert cli.json("show", "assets") == []


def test_a_database_that_is_not_there_is_named_without_its_password(cli: Any) -> None:
    cli.environment["SQLALCHEMY_DATABASE_URI"] = "postgresql://me:geheim@127.0.0.1:1/nowhere"
    result = cli("show", "accounts")
    assert result.exit_code == 1
    assert "127.0.0.1:1/nowhere" in result.stderr
    assert "geheim" not in result.output
    cli.environment["SQLALCHEMY_DATABASE_URI"] = "mysql://localhost/x"
    assert "Use postgresql:// or sqlite://." in cli.refused("show", "accounts")
