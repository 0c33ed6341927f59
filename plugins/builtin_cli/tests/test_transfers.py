"""``fmhost edit transfer-ownership | transfer-parenthood``."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.model import AssetAuditLog

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


OWNERSHIP = ("edit", "transfer-ownership")
PARENTHOOD = ("edit", "transfer-parenthood")


@pytest.fixture
def two(toy: Any) -> Any:
    """The toy account and another one; the battery has a part."""
    toy.ok("add", "account", "--name", "Wind AG")
    part = ("--name", "pack", "--asset-type", "3", "--account", "1", "--parent-asset", "3")
    toy.ok("add", "asset", *part)
    return toy


def owners(cli: Any) -> dict[int, Any]:
    """The account of each asset."""
    return {each["id"]: each["account"] for each in cli.json("show", "assets")}


def test_parts_go_with_the_whole(two: Any, database: Any) -> None:
    printed = two.ok(*OWNERSHIP, "--asset", "3", "--new-owner", "2")
    assert printed == ("Account Wind AG (ID: 2) now owns 'toy-battery' (ID: 3), 'pack' (ID: 5).\n")
    assert owners(two) == {1: 1, 2: 1, 3: 2, 4: None, 5: 2}
    with database.reading() as session:
        events = list(session.scalars(select(AssetAuditLog.event)))
    assert "Transferred ownership of asset 'pack': 5 from account 1 to Wind AG: 2" in events


def test_what_cannot_be_given_away(two: Any) -> None:
    before = owners(two)
    refused = two.refused(*OWNERSHIP, "--asset", "5", "--new-owner", "2")
    assert "Asset 5 is a part of asset 3" in refused
    assert "transfer-parenthood --asset 5" in refused
    assert "already" in two.refused(*OWNERSHIP, "--asset", "3", "--new-owner", "1")
    assert "No account with ID 9" in two.refused(*OWNERSHIP, "--asset", "3", "--new-owner", "9")
    two.ok("add", "asset", "--name", "toy-battery", "--asset-type", "3", "--account", "2")
    refused = two.refused(*OWNERSHIP, "--asset", "3", "--new-owner", "2")
    assert "already exists as a top-level asset in account 2" in refused
    assert {**before, 6: 2} == owners(two)


def test_assets_become_parts_of_others(two: Any) -> None:
    printed = two.ok(*PARENTHOOD, "--asset", "3", "--asset-id", "1", "--new-parent", "2")
    assert printed.startswith(
        "These are parts of 'toy-building' (ID: 2) now: 'toy-battery' (ID: 3)"
    )
    assert two.json("show", "asset", "--id", "2")["children"] == [1, 3]


def test_assets_become_assets_of_their_own(two: Any) -> None:
    assert "assets of their own" in two.ok(*PARENTHOOD, "--old-parent", "3")
    assert two.json("show", "asset", "--id", "5")["parent"] is None
    assert "Asset 3 has no parts." in two.ok(*PARENTHOOD, "--old-parent", "3")


def test_trees_have_no_circles(two: Any) -> None:
    refused = two.refused(*PARENTHOOD, "--asset", "3", "--new-parent", "5")
    assert "cannot be its parent" in refused
    refused = two.refused(*PARENTHOOD, "--asset", "3", "--new-parent", "4")
    assert "Give both the same owner." in refused
    for wrong in ((), ("--asset", "3", "--old-parent", "2")):
        assert two(*PARENTHOOD, *wrong).exit_code == 2
    assert two.json("show", "asset", "--id", "3")["parent"] is None
