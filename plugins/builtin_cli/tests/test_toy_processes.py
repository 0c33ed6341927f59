"""The toy account's processes, sources before results, and other small commands."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

KIND = ("add", "toy-account", "--kind", "process")


def test_three_processes_that_can_be_scheduled(cli: Any, tmp_path: Path) -> None:
    printed = cli.ok(*KIND)
    assert "Toy account Toy Account has three processes." in printed
    variables = dict(
        line.removeprefix("FM_TOY_").split("=")
        for line in cli.ok(*KIND, "--shell-vars", "--name", "Other").splitlines()
    )
    prices, shiftable = variables["PRICE_SENSOR_ID"], variables["SHIFTABLE_SENSOR_ID"]
    start = datetime.fromisoformat("2026-03-02T00:00:00+01:00")
    file = tmp_path / "prices.csv"
    rows = [f"{(start + timedelta(hours=n)).isoformat()},{abs(n - 11.9):.1f}" for n in range(24)]
    file.write_text("\n".join(["start,price", *rows]))
    cli.ok("add", "beliefs", file, "--sensor", prices, "--source", "toy-user")
    day = ("--start", start.isoformat(), "--duration", "P1D")
    cli.ok("add", "schedule", "--sensor", shiftable, *day)
    (shown,) = cli.json("show", "beliefs", "--sensor", shiftable, *day)
    running = [n / 4 for n, value in enumerate(shown["values"]) if value]
    # the four hours around noon in which the price is lowest
    assert (len(running), min(running), max(running)) == (16, 10.0, 13.75)


def test_they_join_an_account_that_is_there(toy: Any) -> None:
    toy.ok(*KIND)
    assert len(toy.json("show", "account", "--id", "1")["assets"]) == 6
    assert "already exists" in toy.refused(*KIND)


def test_sensors_for_reports_join_a_battery_that_is_there(toy: Any, cli: Any) -> None:
    add = ("add", "toy-account", "--kind", "reporter")
    assert "headroom" in toy.ok(*add)
    assert "already" in toy.refused(*add)
    variables = cli.ok(*add, "--shell-vars", "--name", "Other").split()
    assert "FM_TOY_PROFIT_SENSOR_ID=" in variables[-1]
    assert "no toy building" in toy.refused(*add, "--name", _without_battery(toy))


def _without_battery(cli: Any) -> str:
    cli.ok("add", "account", "--name", "Empty")
    return "Empty"


def test_sources_before_results(cli: Any) -> None:
    add = ("add", "sources-for-generators")
    printed = cli.ok(*add, "--kind", "scheduler", "--kind", "forecaster")
    found = cli.json("show", "data-sources")
    assert {"StorageScheduler", "ProcessScheduler"} <= {each["model"] for each in found}
    assert {each["type"] for each in found} == {"scheduler", "forecaster"}
    assert cli.ok(*add, "--kind", "scheduler", "--kind", "forecaster") == printed
    assert cli.json("show", "data-sources") == found
    assert cli(*add, "--kind", "oracle").exit_code == 2


def test_the_older_name_of_saving_failed_jobs(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    printed = cli.ok("jobs", "save-last-failed", "--queue", "forecasting", "--file", file)
    assert printed == "There are no failed jobs in the queue forecasting.\n"
