"""Offsets in time, on the clock of a zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fmhost.domain.offsets import moved
from fmhost.errors import InvalidInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
#: A Wednesday; clocks changed on the Sunday before.
NOW = datetime(2026, 4, 1, 10, 20, 30, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ("DB", "2026-04-01T00:00:00+02:00"),
        ("-1D,DB", "2026-03-31T00:00:00+02:00"),
        ("-3D", "2026-03-29T10:20:30+02:00"),
        ("-4D", "2026-03-28T10:20:30+01:00"),
        ("-96h", "2026-03-28T09:20:30+01:00"),
        ("HB", "2026-04-01T10:00:00+02:00"),
        ("HB, 30min, -10s", "2026-04-01T10:29:50+02:00"),
        ("-1W,WB", "2026-03-23T00:00:00+01:00"),
        ("MB", "2026-04-01T00:00:00+02:00"),
        ("-M,MB", "2026-03-01T00:00:00+01:00"),
        ("+2Y", "2028-04-01T10:20:30+02:00"),
        ("YB", "2026-01-01T00:00:00+01:00"),
    ],
)
def test_steps_lead_to_a_moment(offsets, expected):
    assert moved(NOW, offsets, AMSTERDAM) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("offsets", ["", "D D", "3", "1X", "2DB", "-1D,,DB", "1.5D", "9999Y"])
def test_what_is_no_offset_is_refused(offsets):
    with pytest.raises(InvalidInput) as refused:
        moved(NOW, offsets, AMSTERDAM, field="start-offset")
    assert refused.value.field == "start-offset"
