"""From files to beliefs about the events of a sensor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.beliefs.files import CsvOptions
from fmhost.beliefs.imports import FileUnit, Imported, import_csv, parse_file_unit
from fmhost.domain.arrays import to_datetime, to_timedelta
from fmhost.errors import InvalidInput, UnitMismatch, UnreadableFile
from fmhost.model import Asset, Sensor

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE


def sensor(resolution: timedelta = QUARTER, unit: str = "kW", **columns: Any) -> Sensor:
    return Sensor(
        name="power",
        unit=unit,
        event_resolution=resolution,
        generic_asset=Asset(name="asset"),
        **columns,
    )


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    """Import a file with these rows."""

    def run(target: Sensor, *rows: str, **options: Any) -> Imported:
        path = tmp_path / "power.csv"
        path.write_text("time,power,formed\n" + "\n".join(rows))
        return import_csv(path, target, 7, now=NOON, **options)

    return run


def listed(beliefs: Beliefs) -> dict[str, float]:
    starts = [f"{to_datetime(s):%H:%M:%S}".removesuffix(":00") for s in beliefs.event_start]
    return dict(zip(starts, beliefs.event_value.tolist(), strict=True))


def horizons(beliefs: Beliefs) -> list[timedelta]:
    return [to_timedelta(horizon) for horizon in beliefs.belief_horizon]


def test_rows_become_beliefs_that_are_formed_now(imported: Any) -> None:
    found = imported(sensor(), "2026-03-01T10:00,1", "2026-03-01T10:15,2")
    assert listed(found.beliefs) == {"10:00": 1, "10:15": 2}
    assert horizons(found.beliefs) == [-7 * QUARTER, -6 * QUARTER]
    assert found.beliefs.source_id.tolist() == [7, 7]
    assert found.beliefs.cumulative_probability.tolist() == [0.5, 0.5]
    assert found.resolution == QUARTER


def test_a_horizon_a_column_of_belief_times_and_a_probability(imported: Any) -> None:
    found = imported(sensor(), "2026-03-01T10:00,1", horizon=HOUR, cumulative_probability=0.9)
    assert horizons(found.beliefs) == [HOUR]
    assert found.beliefs.cumulative_probability.tolist() == [0.9]
    rows = ["2026-03-01T10:00,1,2026-03-01T09:00", "2026-03-01T10:00,2,2026-03-01T10:00"]
    found = imported(sensor(), *rows, options=CsvOptions(beliefcol=2))
    assert horizons(found.beliefs) == [5 * QUARTER, QUARTER]
    with pytest.raises(InvalidInput, match="not from both"):
        imported(sensor(), *rows, options=CsvOptions(beliefcol=2), horizon=HOUR)


def test_units_are_converted_by_the_resolution_of_the_file(imported: Any) -> None:
    rows = ["2026-03-01T10:00,1", "2026-03-01T11:00,2"]
    found = imported(sensor(), *rows, unit="kWh")
    assert listed(found.beliefs) == {
        **dict.fromkeys(("10:00", "10:15", "10:30", "10:45"), 1),
        **dict.fromkeys(("11:00", "11:15", "11:30", "11:45"), 2),
    }
    assert listed(imported(sensor(), rows[0], unit="kWh").beliefs) == {"10:00": 4}
    assert listed(imported(sensor(), rows[0], unit="-MW").beliefs) == {"10:00": -1000}
    with pytest.raises(UnitMismatch):
        imported(sensor(), "this is not even read", unit="EUR")


def test_units_of_files() -> None:
    assert parse_file_unit(None, "kW") == FileUnit("kW")
    assert parse_file_unit("- kW", "MW") == FileUnit("kW", -1)
    assert parse_file_unit("-timedelta", "h") == FileUnit("s", -1, "timedelta")
    assert parse_file_unit("dayfirst datetime", "h") == FileUnit("s", 1, "dayfirst datetime")


def test_moments_become_the_time_since_1970_in_the_unit_of_the_sensor(imported: Any) -> None:
    found = imported(sensor(unit="h"), "2026-03-01T10:00,1970-01-01T06:30Z", unit="datetime")
    assert listed(found.beliefs) == {"10:00": 6.5}


def test_finer_data_are_averaged(imported: Any) -> None:
    rows = [f"2026-03-01T10:{minute:02},{minute}" for minute in range(5, 30, 5)]
    found = imported(sensor(), *rows)
    assert listed(found.beliefs) == {"10:00": 7.5, "10:15": 20}
    assert found.resolution == 5 * MINUTE
    kept = imported(sensor(), *rows, resample=False)
    assert len(kept.beliefs) == 5


def test_finer_data_are_averaged_for_each_belief_time(imported: Any) -> None:
    rows = [
        f"2026-03-01T10:{minute:02},{minute + formed},2026-03-01T{formed:02}:00"
        for minute in range(0, 30, 5)
        for formed in (11, 12)
    ]
    found = imported(sensor(), *rows, options=CsvOptions(beliefcol=2)).beliefs.by_key()
    assert found.event_value.tolist() == [17, 16, 32, 31]
    assert horizons(found) == [-7 * QUARTER, -3 * QUARTER, -6 * QUARTER, -2 * QUARTER]


def test_coarser_data_are_repeated(imported: Any) -> None:
    found = imported(sensor(), "2026-03-01T10:30,2", "2026-03-01T10:00,1")
    assert listed(found.beliefs) == {"10:00": 1, "10:15": 1, "10:30": 2, "10:45": 2}
    assert listed(
        imported(sensor(), "2026-03-01T10:00,1", "2026-03-01T10:30,2", resample=False).beliefs
    ) == {
        "10:00": 1,
        "10:30": 2,
    }


def test_a_resolution_that_does_not_fit_is_refused(imported: Any) -> None:
    rows = [f"2026-03-01T10:{minute:02},1" for minute in range(0, 60, 20)]
    with pytest.raises(InvalidInput, match=r"Resolution of 0:20:00 is incompatible"):
        imported(sensor(), *rows)


def test_starts_off_the_clock_are_floored_unless_two_fall_together(imported: Any) -> None:
    rows = ["2026-03-01T10:00:07,1", "2026-03-01T10:15:07,2"]
    assert listed(imported(sensor(), *rows).beliefs) == {"10:00": 1, "10:15": 2}
    forbidden = sensor(attributes={"floor_datetimes_to_resolution": False})
    assert listed(imported(forbidden, *rows).beliefs) == {"10:00:07": 1, "10:15:07": 2}
    more = ["2026-03-01T10:30:07,3", "2026-03-01T10:31,4"]
    with pytest.raises(UnreadableFile, match=r"power.csv, row 5: another row falls into the same"):
        imported(sensor(), *rows, *more)


def test_moments_stay_where_they_are(imported: Any) -> None:
    rows = ["2026-03-01T10:00:07,1", "2026-03-01T10:15:09,2"]
    found = imported(sensor(timedelta(0)), *rows)
    assert listed(found.beliefs) == {"10:00:07": 1, "10:15:09": 2}


def test_a_row_that_repeats_another_counts_once_and_one_that_contradicts_it_is_refused(
    imported: Any,
) -> None:
    row = "2026-03-01T10:00,1"
    assert listed(imported(sensor(), row, row).beliefs) == {"10:00": 1}
    with pytest.raises(UnreadableFile, match=r"power.csv, row 4: there is another value"):
        imported(sensor(), row, "2026-03-01T10:15,1", "2026-03-01T10:00,2")


def test_a_file_arrives_in_the_store(place: Any, tmp_path: Path) -> None:
    target, source = place.sensor(HOUR, "EUR/MWh"), place.source()
    path = tmp_path / "prices.csv"
    rows = [f"2026-03-01T{hour:02}:00:00,{hour}" for hour in range(24)]
    path.write_text("Hour,Price\n" + "\n".join(rows))
    first = import_csv(path, target, source.id, now=NOON, unit="EUR/kWh")
    assert save(place.session, target, first.beliefs).stored == 24
    assert first.beliefs.event_value.max() == 23000
    again = import_csv(path, target, source.id, now=NOON + HOUR, unit="EUR/kWh")
    # Of the events that had just become known the forecast of before is now a measurement.
    assert save(place.session, target, again.beliefs).stored == 1


@pytest.mark.parametrize(
    ("first", "second", "hours"),
    [("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)],
)
def test_two_rows_of_a_daily_file_are_days_also_where_the_clock_changes(
    imported: Any, first: str, second: str, hours: int
) -> None:
    rows = [f"{first}T00:00,{hours * 10}", f"{second}T00:00,240"]
    options = CsvOptions(timezone="Europe/Amsterdam")
    daily = sensor(24 * HOUR, timezone="Europe/Amsterdam")
    found = imported(daily, *rows, options=options)
    assert found.resolution == 24 * HOUR
    assert found.beliefs.event_value.tolist() == [hours * 10, 240]
    found = imported(daily, *rows, options=options, unit="kWh")
    assert found.beliefs.event_value.tolist() == [10, 10]
    hourly = imported(sensor(HOUR, timezone="Europe/Amsterdam"), *rows, options=options).beliefs
    assert hourly.event_value.tolist() == [hours * 10] * hours + [240] * 24
    assert len(set(hourly.event_start.tolist())) == hours + 24


def test_a_year_of_days_becomes_hours_without_gap_or_overlap(imported: Any) -> None:
    start = datetime(2026, 1, 1)
    rows = [f"{start + day * 24 * HOUR:%Y-%m-%dT%H:%M},{day}" for day in range(365)]
    options = CsvOptions(timezone="Europe/Amsterdam")
    found = imported(sensor(HOUR, timezone="Europe/Amsterdam"), *rows, options=options).beliefs
    assert len(found) == 365 * 24
    assert set((found.event_start[1:] - found.event_start[:-1]).tolist()) == {HOUR}
