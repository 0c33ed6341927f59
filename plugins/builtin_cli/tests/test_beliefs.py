"""``fmhost add beliefs`` and ``fmhost show beliefs``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PRICES = ("show", "beliefs", "--sensor", "3", "--start", "2026-03-02T00:00Z", "--duration", "PT3H")


def _write(folder: Path, text: str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def csv_file(toy: Any) -> Any:
    """Writes a CSV file into the folder of the test."""
    return lambda text, name="data.csv": _write(toy.folder, text, name)


@pytest.fixture
def add(toy: Any, csv_file: Any) -> Any:
    """Loads a CSV text for the price sensor, with further options."""

    def add_it(text: str, *options: str, sensor: str = "3", source: str = "toy-user") -> str:
        path = csv_file(text)
        added: str = toy.ok(
            "add", "beliefs", "--sensor", sensor, "--source", source, *options, path
        )
        return added

    return add_it


def _values(cli: Any, *options: str) -> Any:
    return cli.json(*PRICES, *options)[0]["values"]


def test_a_file_is_loaded_and_shown(toy: Any, add: Any) -> None:
    printed = add("t,v\n2026-03-02T01:00,10\n2026-03-02T02:00,-5.5\n", "--timezone", "cet")
    assert printed.startswith("Successfully created beliefs\n2 stored; about sensor")
    (found,) = toy.json(*PRICES)
    assert found == {
        "sensor": 3,
        "name": "Day ahead prices",
        "unit": "EUR/MWh",
        "start": "2026-03-02T01:00:00+01:00",
        "resolution": "PT1H",
        "values": [10.0, -5.5, None],
    }
    chart = toy.ok(*PRICES)
    assert "Beliefs for Sensor 'Day ahead prices' (Id 3)." in chart
    assert "Data spans 2 hours and starts at 2026-03-02 01:00:00+01:00." in chart
    assert "The time resolution (x-axis) is an hour." in chart
    assert "\x1b" not in chart


def test_the_options_of_old_still_work(toy: Any, csv_file: Any) -> None:
    text = "about\nat;kind;amount\n2026-03-02T00:00+00:00;a;1.000,5\n2026-03-02T00:00+00:00;b;7\n"
    toy.ok(
        *("add", "beliefs", "--file", csv_file(text), "--sensor-id", "3", "--skiprows", "2"),
        *("--delimiter", ";", "--source", "OurLegacyDatabase", "--valuecol", "2"),
        *("--decimal", ",", "--thousands", ".", "--filter-column", "kind", "--filter-value", "a"),
    )
    assert _values(toy) == [1000.5, None, None]
    sources = toy.json("show", "data-sources")
    assert ("OurLegacyDatabase", "CLI script") in {(s["name"], s["type"]) for s in sources}


def test_units_are_converted_and_a_minus_turns_the_sign(toy: Any, add: Any) -> None:
    add("t,v\n2026-03-02T00:00Z,250\n", "--unit", "-kW", sensor="2")
    (found,) = toy.json(*PRICES[:3], "2", *PRICES[4:])
    assert found["values"][0] == -0.25


def test_loading_again_says_what_is_new(add: Any, toy: Any) -> None:
    text = "t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,2\n"
    add(text)
    assert "0 stored, 2 say nothing new" in add(text)
    assert "1 stored, 1 say nothing new" in add(text.replace(",2", ",3"))
    assert _values(toy) == [1.0, 3.0, None]


def test_a_stored_belief_is_replaced_only_when_asked(toy: Any, add: Any, csv_file: Any) -> None:
    add("t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,2\n", "--horizon", "60")
    path = csv_file("t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,9\n2026-03-02T02:00Z,4\n")
    again = ("add", "beliefs", "--sensor", "3", "--source", "toy-user", "--horizon", "PT1H", path)
    refused = toy.refused(*again)
    assert "Failed to create beliefs due to the following error: " in refused
    assert refused.endswith("As a possible workaround, use the --allow-overwrite flag.")
    assert _values(toy) == [1.0, 2.0, None]
    assert "1 stored, 1 replaced, 1 say nothing new" in toy.ok(*again, "--allow-overwrite")
    assert _values(toy) == [1.0, 9.0, 4.0]


def test_beliefs_are_chosen_by_time_and_source(toy: Any, add: Any) -> None:
    add("t,v\n2026-03-02T00:00Z,1\n", "--horizon", "PT48H", source="early")
    add("t,v\n2026-03-02T00:00Z,2\n", "--horizon", "-60", source="late")
    assert _values(toy)[0] == 2.0
    assert _values(toy, "--source", "early")[0] == 1.0
    # known at noon of the day before; two days earlier is 2026-02-27T11:00Z
    assert _values(toy, "--belief-time-before", "2026-02-27T11:00Z")[0] == 1.0
    assert _values(toy, "--belief-time-before", "2026-02-27T10:59Z")[0] is None
    assert _values(toy, "--source-type", "CLI script")[0] == 2.0
    assert _values(toy, "--source-type", "scheduler")[0] is None
    assert "Failed to find source nobody." in toy.refused(*PRICES, "--source", "nobody")


def test_several_sensors_get_a_panel_each(toy: Any, add: Any) -> None:
    add("t,v\n2026-03-02T00:00Z,1\n")
    add("t,v\n2026-03-02T00:15Z,0.25\n", sensor="2")
    chart = toy.ok(*PRICES, "--sensor-id", "2", "--sensor", "1")
    assert "Day ahead prices [EUR/MWh]" in chart
    assert "discharging [MW]" in chart
    assert "production [MW]" not in chart
    assert "The time resolution (x-axis) is an hour or 15 minutes." in chart
    assert "Day ahead prices (ID: 3) [EUR/MWh]" in toy.ok(*PRICES, "--include-ids")


def test_paths_tell_sensors_apart(toy: Any, add: Any) -> None:
    same = ("--name", "production", "--unit", "MW", "--event-resolution", "15", "--timezone", "UTC")
    toy.ok("add", "sensor", *same, "--asset", "3")
    toy.ok("edit", "transfer-parenthood", "--asset", "3", "--new-parent", "2")
    for sensor in ("1", "4"):
        add("t,v\n2026-03-02T00:00Z,1\n", sensor=sensor)
    both = (*PRICES[:2], "--sensor", "1", "--sensor", "4", *PRICES[4:])
    chart = toy.ok(*both)
    assert "toy-solar > production [MW]" in chart
    assert "toy-battery > production [MW]" in chart
    assert "toy-building" not in chart
    assert "toy-building > toy-battery > production [MW]" in toy.ok(*both, "--full-paths")


def test_a_window_is_written_to_a_file(toy: Any, add: Any) -> None:
    add("t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,2\n")
    add("t,v\n2026-03-02T00:30Z,0.25\n", sensor="2")
    path = toy.folder / "out.csv"
    options = ("--sensor", "2", "--resolution", "PT30M", "--timezone", "asia/tokyo")
    toy.ok(*PRICES, *options, "--to-file", path)
    assert path.read_text().splitlines() == [
        "event_start,Day ahead prices (ID: 3) [EUR/MWh],discharging (ID: 2) [MW]",
        "2026-03-02T09:00:00+09:00,1.0,",
        "2026-03-02T09:30:00+09:00,1.0,0.25",
        "2026-03-02T10:00:00+09:00,2.0,",
        "2026-03-02T10:30:00+09:00,2.0,",
    ]
    assert "Cannot write" in toy.refused(*PRICES, "--to-file", toy.folder / "no" / "where.csv")


def test_no_data_is_a_warning(toy: Any) -> None:
    result = toy(*PRICES)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No data found!\n")


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", (), "data.csv cannot be read: it has no rows"),
        ("t,v\n", (), "data.csv cannot be read: it has no rows"),
        ("t,v\n2026-03-02T00:00Z,1\nnonsense,2\n", (), "row 3, column 1 (t): 'nonsense'"),
        ("t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z,much\n", (), "row 3, column 2 (v): 'much'"),
        ("t,v\n2026-03-02T00:00Z,1\n2026-03-02T01:00Z\n", (), "row 3, column 2"),
        ("t,v\n2026-03-02T00:00Z,\n", (), "all of its values are missing"),
        ("t;v\n2026-03-02T00:00Z;1\n", (), "Check the delimiter"),
        ("t,v\n2026-03-29T02:30,1\n", ("--timezone", "Europe/Amsterdam"), "never shows"),
        ("t,v\n2026-03-02T00:00Z,1\n", ("--unit", "kWh"), "kWh"),
        ("t,v\n2026-03-02T00:00Z,1\n", ("--unit", "flubs"), "flubs"),
        ("t,v\n2026-03-02T00:00Z,1\n", ("--cp", "2"), "between 0 and 1"),
        ("t,v\n2026-03-02T00:00Z,1\n", ("--filter-column", "t"), "in pairs"),
        ("t,v\n2026-03-02T00:00Z,1\n", ("--source", "99"), "Failed to find source 99."),
        ("t,v\n2026-03-02T00:00Z,1\n", ("--sensor", "99"), "No sensor found with ID 99."),
        ("t,v\n2026-03-02T00:00Z,1\n2026-03-02T00:00Z,2\n", (), "another value"),
    ],
)
def test_bad_files_are_refused_and_nothing_is_stored(
    toy: Any, csv_file: Any, text: str, options: tuple[str, ...], message: str
) -> None:
    command = ("add", "beliefs", "--sensor", "3", "--source", "importer", *options)
    assert message in toy.refused(*command, csv_file(text))
    assert _values(toy) == [None, None, None]
    assert "importer" not in toy.ok("show", "data-sources")


def test_a_missing_file_is_named(toy: Any) -> None:
    command = ("add", "beliefs", "--sensor", "3", "--source", "importer")
    assert "gone.csv cannot be read" in toy.refused(*command, toy.folder / "gone.csv")
    assert toy(*command).exit_code == 2


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--start", "2026-03-02T00:00", "Not a valid aware datetime."),
        ("--start", "yesterday", "Not a valid datetime"),
        ("--duration", "one day", "Cannot parse duration"),
        ("--belief-time-before", "2026-03-02", "Not a valid aware datetime."),
        ("--timezone", "Mars", "Mars"),
        ("--resolution", "P1M", "no length of its own"),
    ],
)
def test_wrong_moments_and_durations_are_usage_errors(
    toy: Any, option: str, value: str, message: str
) -> None:
    result = toy(*PRICES, option, value)
    assert result.exit_code == 2
    assert message in result.stderr
