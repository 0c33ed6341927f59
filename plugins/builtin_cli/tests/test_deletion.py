"""What ``fmhost delete`` removes, asks and leaves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fmhost.model import AssetAuditLog, AuditLog


def test_deleting_asks_first(toy: Any) -> None:
    for arguments in (
        ("delete", "account", "--id", "1"),
        ("delete", "asset", "--id", "3"),
        ("delete", "sensor", "--id", "2"),
        ("delete", "user", "--email", "toy-user@flexmeasures.io"),
    ):
        result = toy(*arguments, stdin="n\n")
        assert result.exit_code == 1
        assert "[y/N]" in result.output
    assert len(toy.json("show", "assets")) == 4
    assert len(toy.json("show", "account", "--id", "1")["users"]) == 1


def test_an_account_goes_with_what_it_owns(toy: Any, database: Any) -> None:
    printed = toy.ok("delete", "account", "--account-id", "1", "--force")
    assert "Will be deleted as well: user toy-user (ID: 1)" in printed
    assert "Will be deleted as well: asset toy-battery (ID: 3)" in printed
    assert "Account Toy Account has been deleted." in printed
    assert toy.json("show", "accounts") == []
    assert [asset["name"] for asset in toy.json("show", "assets")] == ["NL transmission zone"]
    assert [source["name"] for source in toy.json("show", "data-sources")] == ["toy-user"]
    with database.reading() as session:
        events = list(session.scalars(select(AuditLog.event)))
        asset_events = list(session.scalars(select(AssetAuditLog.event)))
    assert "User toy-user deleted" in events
    assert "Account Toy Account deleted" in events
    assert "Deleted asset 'toy-battery': 3" in asset_events


def test_a_deleted_user_leaves_the_data_source(toy: Any) -> None:
    toy.ok("delete", "user", "--email", "Toy-User@flexmeasures.io", "--force")
    assert toy.json("show", "account", "--id", "1")["users"] == []
    (source,) = toy.json("show", "data-sources")
    assert source["user"] == 1


def test_a_deleted_sensor_is_forgotten_by_assets(toy: Any, database: Any) -> None:
    toy.ok(
        *("add", "asset", "--name", "site", "--asset-type", "2", "--account", "1"),
        "--flex-context",
        '{"consumption-price": {"sensor": 3}, "inflexible-device-sensors": [1, 2],'
        ' "site-power-capacity": "1 MW", "production-price": {"sensor": 3}}',
    )
    toy.ok("delete", "sensor", "--sensor", "3", "--force")
    site = toy.json("show", "asset", "--id", "5")
    assert site["flex_context"] == {
        "inflexible-device-sensors": [1, 2],
        "site-power-capacity": "1 MW",
    }
    toy.ok("delete", "sensor", "--id", "1", "--id", "2", "--force")
    assert toy.json("show", "asset", "--id", "5")["flex_context"] == {"site-power-capacity": "1 MW"}
    with database.reading() as session:
        events = list(session.scalars(select(AssetAuditLog.event)))
    assert "Deleted sensor 'Day ahead prices': 3" in events
    assert any(event.startswith("Updated: flex_context, From: ") for event in events)


def test_an_asset_goes_with_its_offspring(toy: Any) -> None:
    toy.ok(
        *("add", "asset", "--name", "pack", "--asset-type", "3", "--account", "1"),
        *("--parent-asset", "3"),
    )
    result = toy("delete", "asset", "--id", "3", stdin="y\n")
    assert result.exit_code == 0
    assert "1 child assets, 1 sensors and 0 beliefs" in result.output
    assert [asset["id"] for asset in toy.json("show", "assets")] == [1, 2, 4]


def test_what_does_not_exist_is_not_deleted(toy: Any) -> None:
    assert "No account with ID 9 found!" in toy.refused("delete", "account", "--id", "9", "--force")
    assert "No asset found with ID 9." in toy.refused("delete", "asset", "--id", "9", "--force")
    refused = toy.refused("delete", "sensor", "--id", "2", "--id", "9", "--force")
    assert "No sensor found with ID 9." in refused
    refused = toy.refused("delete", "user", "--email", "nobody@example.com", "--force")
    assert "Could not find user with email address 'nobody@example.com'." in refused
    assert toy.json("show", "asset", "--id", "3")["sensors"][0]["id"] == 2
