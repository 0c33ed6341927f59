"""``fmhost add annotation``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from fmhost.model import Annotation

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


ADD = ("add", "annotation", "--content", "Service", "--user-id", "1")
AT = ("--at", "2026-03-28T12:00:00+01:00")


def test_an_annotation_of_several(toy: Any, database: Any) -> None:
    printed = toy.ok(
        *ADD, *AT, "--asset-id", "3", "--asset", "2", "--sensor", "2", "--account", "1"
    )
    assert printed == "Successfully added annotation (ID: 1).\n"
    toy.ok(*ADD, *AT, "--asset", "1")  # the same, attached to one more
    with database.reading() as session:
        (found,) = session.scalars(select(Annotation))
        assert found.start == datetime(2026, 3, 28, 11, tzinfo=UTC)
        # the same time next day, an hour less for the change of the clock
        assert found.end == datetime(2026, 3, 29, 10, tzinfo=UTC)
        assert {asset.id for asset in found.assets} == {1, 2, 3}
        assert [sensor.id for sensor in found.sensors] == [2]
        assert [account.id for account in found.accounts] == [1]
        assert (found.type, found.source.name) == ("label", "toy-user")


def test_an_alert_with_an_end(toy: Any, database: Any) -> None:
    until = ("--until", "2026-03-28T13:00:00+01:00")
    toy.ok(*ADD, *AT, *until, "--account", "1", "--type", "alert")
    with database.reading() as session:
        (found,) = session.scalars(select(Annotation))
        assert found.end == datetime(2026, 3, 28, 12, tzinfo=UTC)
        assert found.type == "alert"


def test_what_is_no_annotation(toy: Any, database: Any) -> None:
    asset = ("--asset", "3")
    for wrong in ((*ADD, *AT), (*ADD, *asset), (*ADD, "--at", "2026-03-28", *asset)):
        assert toy(*wrong).exit_code == 2
    assert "No asset found with ID 9." in toy.refused(*ADD, *AT, *asset, "--asset", "9")
    assert "No user with ID 7 found!" in toy.refused(*ADD, *AT, *asset, "--user", "7")
    assert "end must be after start" in toy.refused(*ADD, *AT, *asset, "--until", AT[1])
    assert "has 1025 characters" in toy.refused(*ADD, *AT, *asset, "--content", "x" * 1025)
    with database.reading() as session:
        assert session.scalars(select(Annotation)).all() == []
