"""``fmhost add beliefs``: each of its options, on CSV and Excel files, and its progress bar."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

PRICES = ("show", "beliefs", "--sensor", "3", "--start", "2026-03-02T00:00Z", "--duration", "PT3H")
PLAIN = "t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,2\n2026-03-02T02:00Z,3\n"


def write_excel(path: Path, text: str) -> None:
    """The rows of a CSV text as the second sheet; moments and numbers as such."""
    book = Workbook()
    book.active.append(["notes"])
    sheet = book.create_sheet("power")
    for line in text.splitlines():
        sheet.append([_cell(each) for each in line.split(",")])
    book.save(path)


def _cell(text: str) -> Any:
    for read in (float, datetime.fromisoformat):
        try:
            found = read(text)
        except ValueError:
            continue
        if not isinstance(found, datetime) or found.tzinfo is None:  # sheets know no zones
            return found
    return text or None


@pytest.fixture(params=["csv", "xlsx"])
def add(toy: Any, request: pytest.FixtureRequest) -> Any:
    """Loads a text for the price sensor, as a CSV file or as a sheet of an Excel file."""

    def add_it(text: str, *options: str, run: Any = toy.ok) -> Any:
        path = toy.folder / f"data.{request.param}"
        if request.param == "csv":
            path.write_text(text, encoding="utf-8")
        else:
            write_excel(path, text)
            options = ("--sheet_number", "1", *options)
        return run("add", "beliefs", "--sensor", "3", "--source", "toy-user", *options, path)

    return add_it


@pytest.fixture
def add_csv(toy: Any) -> Any:
    """Loads a CSV text for the price sensor, or another one."""

    def add_it(text: str, *options: str, sensor: str = "3", run: Any = toy.ok) -> Any:
        path = toy.folder / "data.csv"
        path.write_text(text, encoding="utf-8")
        return run("add", "beliefs", "--sensor-id", sensor, "--source", "toy-user", *options, path)

    return add_it


@pytest.fixture
def values(toy: Any) -> Any:
    """The values of three hours of the price sensor."""
    return lambda *options: toy.json(*PRICES, *options)[0]["values"]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        (PLAIN, (), [1, 2, 3]),
        (PLAIN, ("--nrows", "2"), [1, 2, None]),
        (PLAIN, ("--skiprows", "2"), [None, 2, 3]),
        (PLAIN, ("--unit", "-EUR/kWh"), [-1000, -2000, -3000]),
        (
            "x,v,t\n7,1,2026-03-02T00:00Z\n8,2,2026-03-02T01:00Z\n",
            ("--datecol", "2", "--valuecol", "1"),
            [1, 2, None],
        ),
        (
            "t,x,v\n2026-03-02T00:00Z,7,1\n2026-03-02T01:00Z,8,2\n",
            ("--valuecol", "2"),
            [1, 2, None],
        ),
        ("t,v\n2026-03-02T01:00,1\n2026-03-02T02:00,2\n", ("--timezone", "CET"), [1, 2, None]),
        (
            "t,v\n2026-03-02T00:00Z,none\n2026-03-02T01:00Z,-999\n2026-03-02T02:00Z,3\n",
            ("--na-values", "none", "--na-values", "-999"),
            [None, None, 3],
        ),
        (
            "t,v\n2026-03-02T00:00Z,NA\n2026-03-02T01:00Z,\n2026-03-02T02:00Z,3\n",
            ("--keep-default-na", "true"),
            [None, None, 3],
        ),
        (
            "t,v,kind,who\n"
            "2026-03-02T00:00Z,1,a,x\n2026-03-02T00:00Z,2,b,x\n"
            "2026-03-02T01:00Z,3,a,y\n2026-03-02T01:00Z,4,a,x\n",
            (
                *("--filter-column", "kind", "--filter-value", "a"),
                *("--filter-column", "3", "--filter-value", "x"),
            ),
            [1, 4, None],
        ),
        (
            "t,v\n2026-03-02T00:00Z,1\n2026-03-02T00:30Z,2\n2026-03-02T01:00Z,5\n"
            "2026-03-02T01:30Z,7\n",
            ("--resample",),
            [1.5, 6, None],
        ),
    ],
)
def test_options_of_csv_and_excel_files(
    add: Any, values: Any, text: str, options: tuple[str, ...], expected: list[float | None]
) -> None:
    assert "Successfully created beliefs" in add(text, *options)
    assert values() == expected


def test_belief_times_from_a_column(add: Any, values: Any) -> None:
    rows = [
        "t,v,formed",
        "2026-03-02T00:00Z,1,2026-02-27T00:00Z",
        "2026-03-02T00:00Z,2,2026-02-28T00:00Z",
    ]
    assert "2 stored" in add("\n".join(rows), "--beliefcol", "2")
    assert values("--belief-time-before", "2026-02-27T12:00Z")[0] == 1
    assert values("--belief-time-before", "2026-02-28T12:00Z")[0] == 2


def test_bad_cells_are_named_in_both_kinds_of_files(add: Any, values: Any, toy: Any) -> None:
    refused = add(PLAIN + "2026-03-02T03:00Z,much\n", run=toy.refused)
    assert "row 5, column 2 (v): 'much' is not a number." in refused
    refused = add(PLAIN + "tomorrow,4\n", run=toy.refused)
    assert "row 5, column 1 (t): 'tomorrow' is not a datetime." in refused
    assert "'NA' is not a number" in add(PLAIN + "2026-03-02T03:00Z,NA\n", run=toy.refused)
    assert values() == [None, None, None]


def test_a_sheet_that_is_not_there(add: Any, toy: Any) -> None:
    path = toy.folder / "book.xlsx"
    write_excel(path, PLAIN)
    options = ("--sensor", "3", "--source", "toy-user", "--sheet-number", "2")
    assert "book.xlsx has 2 sheets" in toy.refused("add", "beliefs", *options, path)


def test_a_horizon_in_minutes_or_as_a_duration(add_csv: Any, values: Any) -> None:
    # Prices of the day are known at noon of the day before: 2026-03-01T11:00Z.
    add_csv("t,v\n2026-03-02T00:00Z,1\n", "--horizon", "60")
    assert values("--belief-time-before", "2026-03-01T10:00Z")[0] == 1
    assert values("--belief-time-before", "2026-03-01T09:59Z")[0] is None
    add_csv("t,v\n2026-03-02T01:00Z,1\n", "--horizon", "-PT90M")
    assert values("--belief-time-before", "2026-03-01T12:30Z")[1] == 1
    assert values("--belief-time-before", "2026-03-01T12:29Z")[1] is None


def test_belief_times_come_from_one_place(add_csv: Any, toy: Any) -> None:
    text = "t,v,b\n2026-03-02T00:00Z,1,2026-03-01T00:00Z\n"
    refused = add_csv(text, "--beliefcol", "2", "--horizon", "60", run=toy.refused)
    assert "not from both" in refused


def test_cumulative_probabilities(add_csv: Any, values: Any) -> None:
    for probability, value in (("0.25", 10), ("0.75", 30)):
        text = f"t,v\n2026-03-02T00:00Z,{value}\n"
        add_csv(text, "--cp", probability, "--horizon", "60")
    assert values()[0] == 20


def test_signs_between_cells_decimals_and_thousands(add_csv: Any, values: Any) -> None:
    text = "t;v\n2026-03-02T00:00Z;1.234,5\n2026-03-02T01:00Z;-0,25\n"
    add_csv(text, "--delimiter", ";", "--decimal", ",", "--thousands", ".")
    assert values() == [1234.5, -0.25, None]
    add_csv("t\tv\n2026-03-02T02:00Z\t9\n", "--delimiter", r"\t")
    assert values()[2] == 9


@pytest.mark.parametrize(
    ("unit", "cell", "expected"),
    [
        ("timedelta", "1:30:00", 1.5),
        ("timedelta", "PT45M", 0.75),
        ("-timedelta", "0:30", -0.5),
        ("datetime", "1970-01-02T00:00+01:00", 23),
        ("dayfirst datetime", "03-01-1970 12:00", 60),
    ],
)
def test_moments_and_durations_are_values_in_the_unit_of_the_sensor(
    toy: Any, add_csv: Any, unit: str, cell: str, expected: float
) -> None:
    toy.ok(
        *("add", "sensor", "--name", "since", "--unit", "h", "--event-resolution", "60"),
        *("--timezone", "UTC", "--asset-id", "3"),
    )
    sensor = str(max(each["id"] for each in toy.json("show", "asset", "--id", "3")["sensors"]))
    add_csv(f"t,v\n2026-03-02T00:00Z,{cell}\n", "--unit", unit, sensor=sensor)
    (found,) = toy.json("show", "beliefs", "--sensor", sensor, *PRICES[4:])
    assert found["values"][0] == expected


def test_values_may_be_stored_as_they_are(toy: Any, add_csv: Any) -> None:
    text = "t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,2\n"
    assert "2 stored" in add_csv(text, "--do-not-resample", sensor="2")
    assert "6 stored, 2 say nothing new" in add_csv(text, sensor="2")


def test_rows_that_repeat_others_are_left_out_with_a_warning(toy: Any, add_csv: Any) -> None:
    result = add_csv(PLAIN + PLAIN.partition("\n")[2], run=toy)
    assert result.exit_code == 0
    assert result.stderr == (
        "Duplicates found. Dropping duplicates for the following records: rows 5, 6, 7.\n"
    )
    assert "3 stored" in result.stdout
    many = "t,v\n" + "2026-03-02T00:00Z,1\n" * 30
    warning = add_csv(many, run=toy).stderr
    assert warning.endswith("21, 22 and 9 more.\n")


def test_the_window_ends_with_the_last_day(toy: Any, add_csv: Any) -> None:
    toy.ok(
        *("add", "sensor", "--name", "daily", "--unit", "kWh", "--event-resolution", "P1D"),
        *("--timezone", "Europe/Amsterdam", "--asset-id", "3"),
    )
    sensor = str(max(each["id"] for each in toy.json("show", "asset", "--id", "3")["sensors"]))
    text = "t,v\n2026-03-28,24\n2026-03-29,23\n"
    told = add_csv(text, "--timezone", "Europe/Amsterdam", sensor=sensor)
    assert "from 2026-03-28 00:00:00+01:00 to 2026-03-30 00:00:00+02:00" in told


def run_on_a_terminal(toy: Any, *arguments: str | Path) -> tuple[int, str]:
    """The exit code, and what the program writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in toy.environment.items() if value is not None}
    process = subprocess.Popen(
        [sys.executable, "-c", "from fmhost.cli import main; main()", *map(str, arguments)],
        env={**environment, "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    return process.wait(), written.decode()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_long_file_has_a_progress_bar_on_a_terminal(toy: Any) -> None:
    start = datetime(2020, 1, 1)
    rows = [
        f"{(start + n * timedelta(minutes=15)).isoformat()},{n % 100},{'-' * 20}"
        for n in range(50_000)
    ]
    path = toy.folder / "long.csv"
    path.write_text("t,v,x\n" + "\n".join(rows))
    assert path.stat().st_size > 2_000_000
    options = ("--sensor", "2", "--source", "toy-user", "--unit", "kW")
    code, shown = run_on_a_terminal(toy, "add", "beliefs", *options, path)
    assert code == 0, shown
    assert "Reading long.csv" in shown
    told = [part.split("%")[0].split()[-1] for part in shown.split("\r") if "%" in part]
    assert len(told) > 5
    assert [int(each) for each in told] == sorted(int(each) for each in told)
    assert told[-1] == "100"

    path.write_text("t,v\n2026-03-02T00:00,1\n")
    code, shown = run_on_a_terminal(toy, "add", "beliefs", *options, path)
    assert (code, shown) == (0, "")
