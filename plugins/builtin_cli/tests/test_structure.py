"""Accounts, users, assets, sensors: added and shown."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_the_seeds_first_steps_work_in_their_order(cli: Any) -> None:
    """Account, user, structure, asset and sensor, with the option names of old."""
    assert "(ID: 1)" in cli.ok("add", "account", "--name", "Some company")
    created = cli.ok(
        *("add", "user", "--username", "me", "--email", "me@example.com"),
        *("--account-id", "1", "--roles=admin"),
        stdin="a long password\n",
    )
    assert "Successfully created user me (ID: 1)" in created
    cli.ok("add", "initial-structure")
    battery = next(t["id"] for t in cli.json("show", "asset-types") if t["name"] == "battery")
    assert "Successfully created asset with ID 1." in cli.ok(
        *("add", "asset", "--name", "my basement battery pack", "--asset-type-id", str(battery)),
        *("--latitude", "65", "--longitude", "123.76", "--account-id", "1"),
    )
    sensor = cli.ok(
        *("add", "sensor", "--name", "power", "--unit", "MW", "--event-resolution", "5"),
        *("--timezone", "Europe/Amsterdam", "--asset-id", "1"),
        *("--attributes", '{"capacity_in_mw": 7}'),
    )
    assert "Successfully created sensor with ID 1" in sensor
    assert ".localhost:fm1.1" in sensor
    shown = cli.json("show", "asset", "--id", "1")
    assert shown["sensors"] == [
        {
            "id": 1,
            "name": "power",
            "unit": "MW",
            "resolution": "PT5M",
            "timezone": "Europe/Amsterdam",
            "attributes": {"capacity_in_mw": 7},
        }
    ]


def test_initial_structure_can_be_added_again(cli: Any) -> None:
    first = cli.ok("add", "initial-structure")
    assert "Added asset type battery." in first
    roles = cli.json("show", "roles")
    sources = cli.json("show", "data-sources")
    assert cli.ok("add", "initial-structure") == "The initial structure is in place already.\n"
    assert cli.json("show", "roles") == roles
    assert cli.json("show", "data-sources") == sources
    assert {"admin", "admin-reader"} <= {role["name"] for role in roles["user"]}
    assert {"Prosumer", "Aggregator"} <= {role["name"] for role in roles["account"]}
    assert {source["type"] for source in sources} >= {"forecaster", "scheduler"}


def test_account_with_roles_and_consultancy(cli: Any) -> None:
    cli.ok("add", "account-role", "--name", "Prosumer", "--description", "makes and takes")
    cli.ok("add", "account", "--name", "Advisors")
    result = cli(
        *("add", "account", "--name", "Clients", "--roles", "Prosumer, Special"),
        *("--consultancy", "1", "--primary-color", "aabbcc"),
    )
    assert result.stdout == "Account 'Clients' (ID: 2) successfully created.\n"
    assert result.stderr == "Added account role Special.\n"
    shown = cli.json("show", "account", "--id", "2")
    assert shown["roles"] == ["Prosumer", "Special"]
    assert shown["consultancy"] == 1
    text = cli.ok("show", "account", "--account", "2")
    assert "Account Clients (ID: 2)" in text
    assert "Account role(s): Prosumer, Special" in text
    assert "Served by the consultancy Advisors (ID: 1)." in text
    assert "No users in account Clients yet." in text
    assert "No assets in account Clients yet." in text


def test_a_user_gets_roles_and_a_data_source(cli: Any) -> None:
    cli.ok("add", "account", "--name", "Company")
    result = cli(
        *("add", "user", "--username", "ann", "--email", "Ann@Example.com", "--account", "1"),
        *("--roles", "admin,reader", "--roles", "helper", "--timezone", "Asia/Tokyo"),
        stdin="correct horse\n",
    )
    assert result.exit_code == 0, result.output
    assert [line for line in result.stderr.splitlines() if "role" in line] == [
        "Added user role admin.",
        "Added user role reader.",
        "Added user role helper.",
    ]
    (user,) = cli.json("show", "account", "--id", "1")["users"]
    assert user["roles"] == ["admin", "reader", "helper"]
    assert user["email"] == "Ann@example.com"
    (source,) = cli.json("show", "data-sources")
    assert (source["name"], source["type"], source["user"]) == ("ann", "user", 1)


def test_a_password_is_stored_as_a_hash_that_verifies(cli: Any, database: Any) -> None:
    from fmhost import settings
    from fmhost.auth.passwords import verify_password
    from fmhost.model import User

    cli.ok("add", "account", "--name", "Company")
    cli.ok(
        *("add", "user", "--username", "ann", "--email", "ann@example.com", "--account", "1"),
        stdin="correct horse\n",
    )
    with database.reading() as session:
        stored = session.get_one(User, 1).password
    assert "correct horse" not in stored
    loaded = settings.load(environ={"SECRET_KEY": "only for tests", "HOME": "/nonexistent"})
    assert verify_password(loaded, "correct horse", stored)
    assert not verify_password(loaded, "wrong horse", stored)


def test_toy_account_has_the_ids_of_the_tutorial(cli: Any) -> None:
    printed = cli.ok("add", "toy-account", "--kind", "battery")
    assert "Toy account Toy Account with user toy-user@flexmeasures.io created" in printed
    assert "<Sensor 2: discharging, unit: MW res.: 0:15:00>" in printed
    assert "<Sensor 3: Day ahead prices, unit: EUR/MWh res.: 1:00:00>" in printed
    account = cli.json("show", "account", "--id", "1")
    assert [asset["name"] for asset in account["assets"]] == [
        "toy-solar",
        "toy-building",
        "toy-battery",
    ]
    assert account["users"][0]["roles"] == ["account-admin"]
    battery = cli.json("show", "asset", "--id", "3")
    assert battery["location"] == [52.374, 4.88969]
    assert battery["attributes"] == {
        "capacity_in_mw": 0.5,
        "min_soc_in_mwh": 0.05,
        "max_soc_in_mwh": 0.45,
        "sensors_to_show": [3, 2],
    }
    market = cli.json("show", "asset", "--id", "4")
    assert (market["name"], market["account"]) == ("NL transmission zone", None)


def test_toy_account_prints_variables_for_a_shell(cli: Any) -> None:
    lines = cli.ok("add", "toy-account", "--shell-vars").splitlines()
    variables = dict(line.split("=") for line in lines)
    assert variables["FM_TOY_ACCOUNT_ID"] == "1"
    assert variables["FM_TOY_BATTERY_SENSOR_ID"] == "2"
    assert variables["FM_TOY_PRICE_SENSOR_ID"] == "3"
    assert all(name.startswith("FM_TOY_") for name in variables)


def test_a_second_toy_account_shares_the_market(toy: Any) -> None:
    refused = toy.refused("add", "toy-account")
    assert "Account 'Toy Account' already exists." in refused
    assert len(toy.json("show", "assets")) == 4
    toy.ok("add", "toy-account", "--name", "Another One")
    assets = toy.json("show", "assets")
    assert [asset["name"] for asset in assets].count("NL transmission zone") == 1
    assert len(assets) == 7
    (user,) = toy.json("show", "account", "--id", "2")["users"]
    assert user["email"] == "toy-user+another-one@flexmeasures.io"


def test_tables_list_what_there_is(toy: Any) -> None:
    assert toy.ok("show", "accounts").splitlines() == [
        "ID  Name         Assets  Users",
        "--  -----------  ------  -----",
        "1   Toy Account  3       1",
    ]
    assert "toy-battery" in toy.ok("show", "assets", "--account", "1")
    assert "NL transmission zone" not in toy.ok("show", "assets", "--account-id", "1")
    assert "(public)" in toy.ok("show", "assets")
    asset = toy.ok("show", "asset", "--id", "3")
    assert "Asset toy-battery (ID: 3)" in asset
    assert "2   discharging  MW    15 minutes  Europe/Amsterdam" in asset
    assert "toy-user  user" in toy.ok("show", "data-sources")
    assert "battery" in toy.ok("show", "asset-types")
    assert "account-admin" in toy.ok("show", "roles")


def test_empty_lists_say_so(cli: Any) -> None:
    assert cli.ok("show", "accounts") == "No accounts created yet.\n"
    assert cli.ok("show", "assets") == "No assets created yet.\n"
    assert cli.ok("show", "asset-types") == "No asset types created yet.\n"
    assert cli.ok("show", "data-sources") == "No data sources created yet.\n"
    for what in ("accounts", "assets", "asset-types", "data-sources"):
        assert cli.json("show", what) == []


def test_assets_form_trees_and_read_json_from_files(toy: Any) -> None:
    model = toy.folder / "model.json"
    model.write_text(json.dumps({"soc-max": "90 kWh"}))
    toy.ok(
        *("add", "asset", "--name", "pack", "--asset-type", "3", "--account", "1"),
        *("--parent-asset", "3", "--flex-model", model, "--attributes", "{}"),
    )
    shown = toy.json("show", "asset", "--id", "5")
    assert shown["parent"] == 3
    assert shown["flex_model"] == {"soc-max": "90 kWh"}
    assert "Child assets: pack (ID: 5)" in toy.ok("show", "asset", "--id", "3")


def test_sources_are_found_again(cli: Any) -> None:
    added = ("add", "source", "--name", "ENTSO-E", "--type", "market", "--model", "day-ahead")
    first = cli.ok(*added)
    assert first == "Data source 'ENTSO-E's day-ahead market' has ID 1.\n"
    assert cli.ok(*added) == first
    assert len(cli.json("show", "data-sources", "--id", "1")) == 1


@pytest.mark.parametrize("resolution", ["15", "PT15M", "PT0.25H"])
def test_resolutions_are_minutes_or_iso_durations(toy: Any, resolution: str) -> None:
    toy.ok(
        *("add", "sensor", "--name", "x", "--unit", "kW", "--event-resolution", resolution),
        *("--timezone", "UTC", "--asset", "3"),
    )
    sensors = toy.json("show", "asset", "--id", "3")["sensors"]
    assert sensors[1]["resolution"] == "PT15M"
