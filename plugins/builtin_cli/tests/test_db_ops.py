"""``fmhost db-ops``: lose everything, and have it back."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from fmhost.beliefs import Beliefs, save
from fmhost.model import Base, Sensor
from fmhost.model.database import Database
from fmhost.model.sources import get_or_create_source
from fmhost.testing.databases import fresh_database


def everything(database: Database) -> dict[str, list[str]]:
    """All rows of all tables, in an order of ours."""
    with database.reading() as session:
        return {
            # JSONB has an order of keys of its own.
            table.name: sorted(
                json.dumps(list(row), sort_keys=True, default=str)
                for row in session.execute(select(table))
            )
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def filled(toy: Any, database: Database) -> Any:
    """The toy account with some prices."""
    with database.transaction() as session:
        source = get_or_create_source(session, "market", source_type="market")
        starts = np.arange("2026-03-02", "2026-03-03", dtype="datetime64[h]")
        prices = Beliefs.of(
            starts.astype("datetime64[us]"),
            np.timedelta64(0, "us"),
            source.id,
            np.linspace(-1, 1, len(starts)),
        )
        save(session, session.get_one(Sensor, 3), prices)
    toy.ok("delete", "asset", "--id", "1", "--force")
    return toy


def test_dump_destroy_restore(filled: Any, database: Database) -> None:
    before = everything(database)
    printed = filled.ok("db-ops", "dump", "--name", "drill")
    folder = Path(printed.strip().removeprefix("db dump successful: saved to "))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "already" in filled.refused("db-ops", "dump", "--name", "drill")
    assert "is empty." in filled.ok("db-ops", "reset", "--force")
    assert filled.json("show", "accounts") == []
    assert not everything(database)["timed_belief"]
    printed = filled.ok("db-ops", "restore", "drill")
    assert printed.startswith("db restore successful: ")
    assert everything(database) == before
    # ids go on after the last one that was ever given
    filled.ok("add", "asset", "--name", "next", "--asset-type", "1", "--account", "1")
    assert [asset["id"] for asset in filled.json("show", "assets")] == [2, 3, 4, 5]


def test_a_restore_asks_where_it_would_replace_something(filled: Any, database: Database) -> None:
    filled.ok("db-ops", "dump", "--name", "drill")
    filled.ok("add", "account", "--name", "Later")
    assert "no terminal" in filled.refused("db-ops", "restore", "drill")
    answered = filled("db-ops", "restore", "drill", stdin="n\n")
    assert answered.exit_code == 1
    assert "2 accounts, 1 users, 3 assets, 2 sensors" in answered.output
    assert len(filled.json("show", "accounts")) == 2
    folder = filled.folder / "instance" / "migrations" / "dumps" / "drill"
    filled.ok("db-ops", "restore", folder / "backup.json", "--force")
    assert len(filled.json("show", "accounts")) == 1


def test_what_cannot_be_restored_changes_nothing(filled: Any, database: Database) -> None:
    filled.ok("db-ops", "dump", "--name", "drill")
    before = everything(database)
    assert "There is no backup 'other'." in filled.refused("db-ops", "restore", "other", "--force")
    folder = filled.folder / "instance" / "migrations" / "dumps" / "drill"
    (folder / "sensor.jsonl").write_text("[1]\n")
    refused = filled.refused("db-ops", "restore", "drill", "--force")
    assert "sensor.jsonl, line 1" in refused
    found = json.loads((folder / "backup.json").read_text())
    found["revisions"]["fmhost_alembic_version"] = ["9999"]
    (folder / "backup.json").write_text(json.dumps(found))
    assert "was made at the revision 9999" in filled.refused("db-ops", "restore", folder, "--force")
    assert everything(database) == before


def test_reset_asks(filled: Any, database: Database) -> None:
    before = everything(database)
    answered = filled("db-ops", "reset", stdin="n\n")
    assert answered.exit_code == 1
    assert "I did nothing." in answered.stderr
    assert "no terminal" in filled.refused("db-ops", "reset")
    assert everything(database) == before


def test_an_empty_database_of_another_kind(filled: Any, database: Database) -> None:
    before = everything(database)
    filled.ok("db-ops", "dump", "--name", "move")
    other = "sqlite" if database.dialect == "postgresql" else "postgresql"
    with fresh_database(other, upgraded=False) as target:
        filled.environment["SQLALCHEMY_DATABASE_URI"] = target.url.render_as_string(
            hide_password=False
        )
        filled.ok("db-ops", "restore", "move")
        assert everything(target) == before
