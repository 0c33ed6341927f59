"""``fmhost add report``: computed, stored, written to files; and ``add automation`` for them."""

from __future__ import annotations

import csv
import json
from typing import Any

import openpyxl
import pytest

DAY = ("--start", "2026-03-02T00:00:00+01:00", "--end", "2026-03-02T03:00:00+01:00")
HEADROOM = """
required_input: [{name: load, unit: kW}]
required_output: [{name: headroom, unit: kW}]
transformations:
  - {df_input: load, method: rsub, args: [500], df_output: headroom}
"""


@pytest.fixture
def load(toy: Any) -> Any:
    """Sensor 2 has three hours [MW]; sensor 4, of hours, is there for results [kW]."""
    file = toy.folder / "load.csv"
    hours = [f"2026-03-02T0{hour}:{quarter}:00+01:00" for hour in range(3) for quarter in MINUTES]
    rows = [f"{each},{number}" for number, each in enumerate(hours)]
    file.write_text("\n".join(["start,MW", *rows]))
    toy.ok("add", "beliefs", file, "--sensor", "2", "--source", "meter")
    sensor = ("add", "sensor", "--name", "result", "--unit", "kW", "--asset", "3")
    toy.ok(*sensor, "--event-resolution", "60", "--timezone", "Europe/Amsterdam")
    return toy


MINUTES = ("00", "15", "30", "45")
TOTAL = (
    *("add", "report", "--reporter", "AggregatorReporter", "--resolution", "PT1H"),
    *("--input-sensor", "2", "--output-sensor", "4"),
)


def values(load: Any) -> list[float]:
    (found,) = load.json(
        "show", "beliefs", "--sensor", "4", "--start", DAY[1], "--duration", "PT3H"
    )
    result: list[float] = found["values"]
    return result


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_report_is_stored(load: Any) -> None:
    printed = load.ok(*TOTAL, *DAY)
    assert printed.splitlines() == [
        "Report sensor_4 is on sensor 4.",
        "New report is stored: 3 new beliefs.",
    ]
    assert values(load) == [1500, 5500, 9500]
    sources = [each for each in load.json("show", "data-sources") if each["type"] == "reporter"]
    assert [each["model"] for each in sources] == ["AggregatorReporter"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_files_say_what_to_do_and_get_the_results(load: Any) -> None:
    config, parameters = load.folder / "config.yaml", load.folder / "parameters.yml"
    config.write_text(HEADROOM)
    parameters.write_text(
        "input: [{sensor: 2, name: load}]\noutput: [{sensor: 4, name: headroom}]\n"
        "resolution: PT1H\nstart: 2026-03-02T00:00:00+01:00\nend: 2026-03-02T03:00:00+01:00\n"
    )
    asked = ("add", "report", "--config", config, "--parameters", parameters)
    for ending in ("csv", "xlsx"):
        name = f"{load.folder}/$reporter-$name-$start.{ending}"
        assert f"headroom-2026-03-02T000000.{ending}." in load.ok(*asked, "--output-file", name)
    stem = load.folder / "PandasReporter-headroom-2026-03-02T000000"
    expected = ["2026-03-02T00:00:00+01:00", -1000]
    rows = list(csv.reader(stem.with_suffix(".csv").read_text().splitlines()))
    assert rows[0] == ["event_start", "headroom [kW]"]
    assert (rows[1][0], float(rows[1][1])) == tuple(expected)
    sheet = openpyxl.load_workbook(stem.with_suffix(".xlsx")).active
    assert [list(row) for row in sheet.iter_rows(values_only=True)][1] == expected
    without_values = ("--start", DAY[3], "--end", "2026-03-02T05:00:00+01:00")
    assert load.ok(*asked, *without_values, "--dry-run").splitlines() == [
        "headroom for sensor 4 [kW]: no values",
        "This was a dry run: nothing is stored.",
    ]
    assert "It ends with .csv or .xlsx." in load.refused(*asked, "--output-file", "report.pdf")
    assert "It may have $now" in load.refused(*asked, "--output-file", "$colour.csv")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_dry_run_stores_nothing(load: Any) -> None:
    printed = load.ok(*TOTAL, *DAY, "--dry-run")
    assert "sensor_4 for sensor 4 [kW]" in printed
    assert "nothing is stored" in printed
    (found,) = load.json(
        "show", "beliefs", "--sensor", "4", "--start", DAY[1], "--duration", "PT3H"
    )
    assert not any(found["values"])
    offsets = ("--start-offset", "-1D,DB", "--end-offset", "DB")  # from now
    assert "nothing is stored" in load.ok(*TOTAL, *offsets, "--dry-run")
    assert "is no offset in time" in load.refused(*TOTAL, "--start-offset", "yesterday")
    both = load(*TOTAL, *DAY, "--start-offset", "-1D")
    assert "Give either --start or --start-offset." in both.stderr


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_source_that_keeps_its_config_makes_the_next_report(load: Any) -> None:
    config = json.dumps({"weights": {"sensor_2": -1}})
    load.ok(*TOTAL, *DAY, "--config", config, "--save-config")
    (kept,) = (each for each in load.json("show", "data-sources") if each["type"] == "reporter")
    again = [each for each in TOTAL if each not in ("--reporter", "AggregatorReporter")]
    load.ok(*again, *DAY, "--source", str(kept["id"]))
    assert values(load) == [-1500, -5500, -9500]
    assert "not that of a reporter" in load.refused(*again, *DAY, "--source", "1")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_jobs_wait_in_their_queue_and_automations_ask_for_them(load: Any) -> None:
    printed = load.ok(*TOTAL, *DAY, "--as-job")
    assert printed.startswith("New reporting job ")
    assert load("add", "report", "--as-job", "--dry-run").exit_code == 2
    given = {
        "reporter": "AggregatorReporter",
        "parameters": {
            "input": [{"sensor": 2}],
            "output": [{"sensor": 4}],
            "resolution": "PT1H",
        },
        "start-offset": "-7D,DB",
    }
    load.ok(
        *("add", "automation", "--name", "week", "--kind", "report", "--asset", "3"),
        *("--cron", "0 6 * * mon", "--parameters", json.dumps(given)),
    )
    (shown,) = load.json("show", "automations")
    assert (shown["kind"], shown["error"]) == ("report", None)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_wrong_is_told(cli: Any) -> None:
    for options, message in (
        (("--reporter", "Missing"), "There is no reporter named 'Missing'"),
        (("--config", "{}"), "required_input: Missing data"),
        (("--parameters", "[]"), "should be a dict"),
        (("--start-offset", "-1D"), "The parameters name no output sensor"),
    ):
        assert message in cli.refused("add", "report", *options)
