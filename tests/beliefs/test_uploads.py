"""What uploaded files, and Excel files, mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from fmhost.beliefs import Beliefs
from fmhost.beliefs.files import CsvOptions, read_csv
from fmhost.beliefs.uploads import import_upload
from fmhost.domain.arrays import to_datetime, to_timedelta
from fmhost.errors import InvalidInput, UnitMismatch, UnreadableFile
from fmhost.model import Asset, Sensor

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE


def sensor(unit: str = "kW", **columns: Any) -> Sensor:
    asset = Asset(name="asset")
    return Sensor(
        name="power", unit=unit, event_resolution=15 * MINUTE, generic_asset=asset, **columns
    )


@pytest.fixture
def upload(tmp_path: Path) -> Any:
    def run(target: Sensor, *rows: str, header: str = "t,v", **options: Any) -> Beliefs:
        path = tmp_path / "power.csv"
        path.write_text("\n".join([header, *rows]))
        return import_upload(path, target, 7, now=NOON, **options)

    return run


def listed(beliefs: Beliefs) -> dict[str, float]:
    starts = [f"{to_datetime(s):%H:%M}" for s in beliefs.event_start]
    return dict(zip(starts, beliefs.event_value.tolist(), strict=True))


def horizons(beliefs: Beliefs) -> list[timedelta]:
    return [to_timedelta(horizon) for horizon in beliefs.belief_horizon]


def test_naive_times_are_on_the_clock_of_the_sensor_and_off_clock_ones_floored(upload: Any) -> None:
    found = upload(sensor(timezone="Asia/Kathmandu"), "2026-03-01T10:02,1", "2026-03-01T10:17,2")
    assert listed(found) == {"04:15": 1, "04:30": 2}
    assert horizons(found)[0] == timedelta(hours=4.5) - timedelta(hours=12)
    with pytest.raises(UnreadableFile, match="row 3: another row is about the same event"):
        upload(
            sensor(),
            "2026-03-01T10:02,1",
            "2026-03-01T10:04,2",
            "2026-03-01T10:19,2",
            "2026-03-01T10:34,2",
            "2026-03-01T10:49,2",
        )


def test_values_known_at_once_have_no_horizon(upload: Any) -> None:
    assert horizons(upload(sensor(), "2026-03-01T10:00,1", measured_instantly=True)) == [0 * HOUR]


def test_amounts_are_added_and_shared_and_all_else_is_averaged(upload: Any) -> None:
    fine = ["2026-03-01T10:00,1", "2026-03-01T10:05,2", "2026-03-01T10:10,3"]
    assert listed(upload(sensor("kWh"), *fine)) == {"10:00": 6}
    assert listed(upload(sensor("kW"), *fine)) == {"10:00": 2}
    assert listed(upload(sensor("kW"), *fine, unit="kWh")) == {"10:00": 24}
    coarse = ["2026-03-01T10:00,4", "2026-03-01T11:00,8"]
    assert list(listed(upload(sensor("kWh"), *coarse)).values()) == [1] * 4 + [2] * 4
    assert list(listed(upload(sensor("kW"), *coarse)).values()) == [4] * 4 + [8] * 4


@pytest.mark.parametrize(
    ("first", "second", "hours"),
    [("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)],
)
def test_two_days_of_an_upload_are_days_also_where_the_clock_changes(
    upload: Any, first: str, second: str, hours: int
) -> None:
    rows = [f"{first}T00:00,{hours}", f"{second}T00:00,24"]
    zone = {"timezone": "Europe/Amsterdam"}
    daily, hourly = sensor("kWh", **zone), sensor("kWh", **zone)
    daily.event_resolution, hourly.event_resolution = 24 * HOUR, HOUR
    assert upload(daily, *rows).event_value.tolist() == [hours, 24]
    assert upload(hourly, *rows).event_value.tolist() == [1] * (hours + 24)
    power = sensor("kW", **zone)
    assert upload(power, *rows, unit="kWh").event_value.tolist() == [1] * 4 * (hours + 24)


def test_columns_are_found_by_their_names(upload: Any) -> None:
    rows = [
        "2026-03-01T10:00,1,x,2026-03-01T08:00,0.1",
        "2026-03-01T10:00,2,x,2026-03-01T08:00,0.9",
        "2026-03-01T10:00,3,x,2026-03-01T09:15,0.9",
    ]
    found = upload(sensor(), *rows, header="t,v,source,Belief_Time,cumulative_probability")
    assert horizons(found) == [2.25 * HOUR, 2.25 * HOUR, HOUR]
    assert found.cumulative_probability.tolist() == [0.1, 0.9, 0.9]
    assert set(found.source_id.tolist()) == {7}
    found = upload(sensor(), "2026-03-01T10:00,1,PT2H", header="t,v,belief_horizon")
    assert horizons(found) == [2 * HOUR]


def test_of_finer_data_the_most_recent_beliefs_count(upload: Any) -> None:
    rows = [
        "2026-03-01T10:00,1,PT2H",
        "2026-03-01T10:00,3,PT1H",
        "2026-03-01T10:05,4,PT3H",
        "2026-03-01T10:10,5,PT3H",
    ]
    found = upload(sensor(), *rows, header="t,v,belief_horizon")
    assert listed(found) == {"10:00": 4}
    assert horizons(found) == [HOUR]


def test_units_that_do_not_convert_are_refused(upload: Any) -> None:
    with pytest.raises(UnitMismatch, match="'EUR' is not convertible to sensor unit 'kW'"):
        upload(sensor(), "2026-03-01T10:00,1", unit="EUR")


def write_excel(path: Path) -> None:
    book = Workbook()
    other = book.create_sheet("other")
    other.append(["time", "power", "formed"])
    other.append([datetime(2026, 3, 1, 10), 1.5, datetime(2026, 3, 1, 8)])
    other.append([datetime(2026, 3, 1, 10, 15), None, datetime(2026, 3, 1, 8)])
    other.append(["2026-03-01T10:30", 3, "2026-03-01 08:00"])
    other.append([datetime(2026, 3, 1, 10, 45), "much", datetime(2026, 3, 1, 8)])
    book.save(path)


@pytest.mark.parametrize("suffix", ["xlsx", "xlsm", "xls", "XLS"])
def test_a_sheet_is_read_like_a_csv_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"power.{suffix}"
    write_excel(path)
    options = CsvOptions(sheet_number=1, beliefcol=2, nrows=3, decimal=",", delimiter=";")
    found = read_csv(path, options)
    assert found.event_value.tolist() == [1.5, 3]
    assert [to_datetime(s).minute for s in found.event_start] == [0, 30]
    assert found.belief_time is not None
    assert [to_datetime(s).hour for s in found.belief_time] == [8, 8]
    with pytest.raises(UnreadableFile, match=r"row 5, column 2 \(power\): 'much' is not a number"):
        read_csv(path, CsvOptions(sheet_number=1))
    with pytest.raises(InvalidInput, match="has 2 sheets"):
        read_csv(path, CsvOptions(sheet_number=2))


def test_the_binary_format_of_old_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "power.xls"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    with pytest.raises(UnreadableFile, match=r"xls is a format that is not read. Save it as xlsx"):
        read_csv(path)


def test_progress_is_told_as_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "power.csv"
    path.write_text("t,v\n" + "2026-03-01T10:00,1\n" * 20_000)
    told: list[int] = []
    read_csv(path, CsvOptions(progress=told.append))
    assert len(told) == 3
    assert 300_000 <= sum(told) <= path.stat().st_size
