"""Schedules in one sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fmhost.plugin import Asset, AssetType, Sensor, overview
from fmhost_ui.narrative import tell

NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)  # Monday, 10:07 in Amsterdam
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ahead(
    *consumption: float, kind: str = "battery", hours: float = 1, start: datetime = START
) -> overview.ScheduleAhead:
    asset = Asset(name="device", generic_asset_type=AssetType(name=kind))
    sensor = Sensor(name="power", unit="kW", timezone="Europe/Amsterdam", generic_asset=asset)
    return overview.ScheduleAhead(sensor, start, timedelta(hours=hours), consumption)


@pytest.mark.parametrize(
    ("consumption", "sentence"),
    [
        ((5, 0), "Charging at 5 kW until 11:00, then idle until 12:00."),
        ((5, 5, -2), "Charging at 5 kW until 12:00, then discharging at 2 kW until 13:00."),
        ((5, 7.5, 0), "Charging at 5 to 7.5 kW until 12:00, then idle until 13:00."),
        ((-1, -1), "Discharging at 1 kW until 12:00, when the schedule ends."),
        ((0, 0), "Idle until 12:00, when the schedule ends."),
        ((math.nan, 3), "Nothing scheduled until 11:00, then charging at 3 kW until 12:00."),
        (
            (0,) * 14 + (3,) * 24,
            "Idle until tomorrow 00:00, then charging at 3 kW until Wed 00:00.",
        ),
        ((1e-9, 8), "Idle until 11:00, then charging at 8 kW until 12:00."),
    ],
)
def test_now_and_next(consumption: tuple[float, ...], sentence: str) -> None:
    assert tell(ahead(*consumption), NOW).sentence.replace("\u00a0", " ") == sentence


def test_what_stores_nothing_consumes_and_produces() -> None:
    story = tell(ahead(2, -3, kind="heat pump"), NOW)
    assert story.sentence.replace("\u00a0", " ") == (
        "Consuming at 2 kW until 11:00, then producing at 3 kW until 12:00."
    )
    assert story.action == "taking"


def test_times_are_those_of_the_clock_when_it_changes() -> None:
    night = datetime(2026, 3, 29, 0, tzinfo=UTC)  # 01:00, an hour before the clock goes forward
    story = tell(ahead(1, 0, start=night), night)
    assert story.sentence.replace("\u00a0", " ") == (
        "Charging at 1 kW until 03:00, then idle until 04:00."
    )


def test_a_fallback_says_so() -> None:
    told = tell(replace(ahead(5, 0), fallback=True), NOW).sentence.replace("\u00a0", " ")
    assert told == (
        "Fallback, as no schedule was possible: charging at 5 kW until 11:00, then idle until "
        "12:00."
    )
