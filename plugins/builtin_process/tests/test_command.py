"""``fmhost add schedule for-process``, a command that a plugin adds to another one's group."""

from __future__ import annotations

import csv
import io

import pytest

START = "2026-03-03T00:00+01:00"
PRICES = [40, 35, 30, 20, 25, 45, 60, 80, 90, 70, 50, 30, 15, 10, 18, 40, 70, 95, 99, 90, 80]
PRICES += [70, 60, 50]


@pytest.fixture
def run(fmhost, database, tmp_path):
    """Runs the program on an upgraded database, of either kind."""

    def run_it(*arguments):
        return fmhost(
            *arguments,
            SQLALCHEMY_DATABASE_URI=database.url.render_as_string(hide_password=False),
            SECRET_KEY="only for tests",
        )

    return run_it


@pytest.fixture
def toy(run, tmp_path):
    """The toy account: battery sensor 2, price sensor 3 with prices for a day."""
    assert run("add", "toy-account").exit_code == 0
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["Hour", "price"])
    for hour, price in enumerate(PRICES):
        writer.writerow([f"2026-03-03T{hour:02}:00:00", price])
    file = tmp_path / "prices.csv"
    file.write_text(rows.getvalue())
    loaded = run(
        "add",
        "beliefs",
        "--sensor",
        "3",
        "--source",
        "market",
        str(file),
        "--timezone",
        "Europe/Amsterdam",
    )
    assert loaded.exit_code == 0, loaded.output
    return run


def schedule(*options):
    return ("add", "schedule", "for-process", "--start", START, "--duration", "PT24H", *options)


WASHING = (
    "--sensor",
    "2",
    "--consumption-price-sensor",
    "3",
    "--process-power",
    "2 kW",
    "--process-duration",
    "PT2H",
)


def test_it_stands_beside_the_command_of_the_cli_plugin(run):
    listed = run("add", "schedule", "--help").output
    assert "for-process" in listed
    assert "for-storage" in listed
    own = run("add", "schedule", "for-process", "--help")
    assert own.exit_code == 0
    for option in (
        "--sensor",
        "--sensor-id",
        "--consumption-price-sensor",
        "--start",
        "--duration",
        "--process-duration",
        "--process-type",
        "--process-power",
        "--forbid",
        "--optimization-sense",
        "--as-job",
    ):
        assert option in own.output


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ((), "from 2026-03-03T00:00:00+01:00 to 2026-03-03T02:00:00+01:00 at a cost of 0.15 EUR"),
        (("--process-type", "shiftable"), "from 2026-03-03T12:00:00+01:00 to"),
        (("--process-type", "BREAKABLE", "--optimization-sense", "MAX"), "at a cost of 0.388 EUR"),
        (
            ("--process-type", "SHIFTABLE", "--forbid", "2026-03-03T10:00+01:00", "PT5H"),
            "from 2026-03-03T03:00:00+01:00 to 2026-03-03T05:00:00+01:00 at a cost of 0.09 EUR",
        ),
    ],
)
def test_it_stores_a_schedule_and_says_why(toy, options, text):
    result = toy(*schedule(*WASHING, *options))
    assert result.exit_code == 0, result.output
    assert text in result.stdout
    assert result.stdout.endswith("New schedule is stored.\n")
    shown = toy("show", "beliefs", "--sensor", "2", "--start", START, "--duration", "PT24H")
    assert shown.exit_code == 0, shown.output


def test_a_job_is_queued(toy):
    result = toy(*schedule(*WASHING, "--as-job"))
    assert result.exit_code == 0, result.output
    assert "has been added to the queue." in result.stdout


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--sensor", "3", *WASHING[2:]), "Sensor with ID 3 is not a power sensor."),
        (("--sensor-id", "99", *WASHING[2:]), "No sensor found with ID 99."),
        (WASHING[:6], "duration: Missing data for required field."),
        ((*WASHING, "--process-power", "2 m"), "power: "),
        ((*WASHING, "--process-duration", "soon"), "Cannot parse duration 'soon'"),
        ((*WASHING, "--process-type", "MOVABLE"), "'MOVABLE' is not one of"),
        ((*WASHING, "--forbid", "2026-03-03T00:00+01:00", "noon"), "Cannot parse duration 'noon'"),
        ((*WASHING, "--forbid", START, "P1D"), "Cannot allocate a block of time"),
        (
            (*WASHING, "--process-duration", "P1D", "--forbid", START, "PT1H"),
            "Cannot handle time restrictions",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(toy, options, text):
    result = toy(*schedule(*options))
    assert result.exit_code != 0
    assert text in result.stderr
    assert "Traceback" not in result.output
