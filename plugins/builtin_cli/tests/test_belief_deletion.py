"""What ``fmhost delete`` removes of time series data, asks and leaves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from fmhost.beliefs import Beliefs, save
from fmhost.model import AssetAuditLog, Sensor
from fmhost.model.sources import get_or_create_source

#: Step, horizon [h] and value of two forecasts, a measurement, and one that there is none.
ROWS = ((0, 24, 1.0), (0, -1, 2.0), (1, 24, 1.0), (2, -1, math.nan))


def store(database: Any, *rows: tuple[int, float, float]) -> None:
    """Store beliefs of a meter about the battery."""
    with database.transaction() as session:
        source = get_or_create_source(session, "meter", source_type="gateway")
        step, horizon, value = (np.array(column) for column in zip(*rows, strict=True))
        start = np.datetime64("2026-03-02T00:00", "us") + step * np.timedelta64(15, "m")
        hours = (horizon * np.timedelta64(1, "h")).astype("timedelta64[us]")
        found = Beliefs.of(start, hours, source.id, value.astype(float))
        save(session, session.get(Sensor, 2), found.by_key())


@pytest.fixture
def filled(toy: Any, database: Any) -> Any:
    """The toy account with beliefs about the battery."""
    store(database, *ROWS)
    return toy


def number(cli: Any) -> int:
    """How many beliefs there are about the battery."""
    asked = cli("delete", "sensor", "--id", "2", stdin="n\n").output
    return int(asked.partition("along with ")[2].split()[0])


def test_measurements_and_prognoses(filled: Any, database: Any) -> None:
    assert number(filled) == 4
    refused = filled.refused("delete", "prognoses", "--sensor", "2")
    assert "there is no terminal to ask for confirmation. Give --force" in refused
    assert number(filled) == 4
    printed = filled.ok("delete", "prognoses", "--sensor-id", "2", "--force")
    assert printed == "Done! 2 prognoses deleted, 2 beliefs left.\n"
    assert "There are no prognoses of 3 sensors." in filled.ok("delete", "prognoses", "--yes")
    answered = filled("delete", "measurements", "--sensor", "2", stdin="y\n")
    assert "Delete 2 measurements of sensor 'discharging' (ID: 2)?" in answered.output
    assert number(filled) == 0
    with database.reading() as session:
        events = list(session.scalars(select(AssetAuditLog.event)))
    assert events.count("Deleted data for sensor 'discharging': 2. 2 beliefs") == 2


def test_nan_beliefs(filled: Any) -> None:
    refused = filled.refused("delete", "nan-beliefs", "--source", "nobody", "--force")
    assert "Failed to find source nobody." in refused
    printed = filled.ok("delete", "nan-beliefs", "--source", "meter", "--force")
    assert printed == "Done! 1 NaN beliefs deleted, 3 beliefs left.\n"


def test_beliefs_of_a_time_an_asset_or_a_source(filled: Any) -> None:
    assert filled("delete", "beliefs", "--force").exit_code == 2
    window = ("--start", "2026-03-02T00:15:00+00:00", "--end", "2026-03-02T00:30:00+00:00")
    assert "1 beliefs deleted, 3 beliefs left" in filled.ok(
        "delete", "beliefs", "--asset", "3", *window, "--force"
    )
    backwards = ("--start", window[3], "--end", window[1])
    refused = filled.refused("delete", "beliefs", "--asset", "3", *backwards, "--force")
    assert "The end must be after the start." in refused
    assert "There are no beliefs" in filled.ok("delete", "beliefs", "--asset", "2", "--force")
    refused = filled.refused("delete", "beliefs", "--asset", "99", "--force")
    assert "No asset found with ID 99." in refused
    assert "3 beliefs deleted, 0" in filled.ok("delete", "beliefs", "--source", "meter", "--force")


def test_unchanged_beliefs(filled: Any, database: Any) -> None:
    # What says nothing new is not stored; what was said before it may come later.
    store(database, (1, 30, 1.0), (1, 48, 2.0))
    store(database, (2, 0, math.nan))
    only = ("--sensor", "2", "--source", "meter", "--end", "2026-03-02T00:15:00+00:00")
    removed = filled.ok("delete", "unchanged-beliefs", *only, "--force")
    assert removed == "Done! Removed 0 beliefs, 7 beliefs left.\n"
    assert "no terminal" in filled.refused("delete", "unchanged-beliefs")
    kept = ("delete", "unchanged-beliefs", "--keep-forecasts", "--force")
    assert filled.ok(*kept) == "Done! Removed 1 beliefs, 6 beliefs left.\n"
    printed = filled("delete", "unchanged-beliefs", "--force").output
    assert "6 beliefs processed ..." in printed
    assert "Done! Removed 1 beliefs, 5 beliefs left." in printed
    useless = ("--keep-forecasts", "--keep-measurements")
    assert filled("delete", "unchanged-beliefs", *useless).exit_code == 2


def test_an_account_role(toy: Any) -> None:
    toy.ok("add", "account", "--name", "Wind AG", "--roles", "Prosumer")
    refused = toy.refused("delete", "account-role", "--name", "nobody", "--force")
    assert "Account role 'nobody' does not exist." in refused
    assert "no terminal" in toy.refused("delete", "account-role", "--name", "Prosumer")
    printed = toy.ok("delete", "account-role", "--name", "Prosumer", "--force")
    assert "Will lose the role: account Wind AG (ID: 2)" in printed
    assert "Account role 'Prosumer' has been deleted." in printed
    assert toy.json("show", "account", "--id", "2")["roles"] == []


def test_the_whole_structure(filled: Any) -> None:
    filled.ok("add", "initial-structure")
    assert "no terminal" in filled.refused("delete", "structure")
    printed = filled.ok("delete", "structure", "--force")
    assert "Deleted 4 beliefs." in printed
    assert "Deleted 4 assets." in printed
    for what in ("assets", "asset-types", "data-sources"):
        assert filled.json("show", what) == []
    assert filled.json("show", "roles") == {"account": [], "user": []}
    assert filled.json("show", "account", "--id", "1")["users"] == []
    filled.ok("add", "initial-structure")
