"""``fmhost edit resample-data``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, Query, read, save
from fmhost.model import Sensor
from fmhost.model.sources import get_or_create_source

RESAMPLE = ("edit", "resample-data", "--sensor", "2", "--event-resolution")


@pytest.fixture
def filled(toy: Any, database: Any) -> Any:
    """Two hours of power, quarter by quarter."""
    with database.transaction() as session:
        source = get_or_create_source(session, "meter", source_type="gateway")
        starts = np.datetime64("2026-03-02T00:00", "us") + np.arange(8) * np.timedelta64(15, "m")
        measured = Beliefs.of(starts, np.timedelta64(0, "us"), source.id, np.arange(8.0))
        save(session, session.get_one(Sensor, 2), measured)
    return toy


@pytest.fixture
def stored(database: Any) -> Any:
    """The resolution [minutes] and the values as they are now."""

    def look() -> tuple[float, list[float]]:
        with database.reading() as session:
            sensor = session.get_one(Sensor, 2)
            found = read(session, Query(sensor=sensor, most_recent=False))
            return sensor.event_resolution.total_seconds() / 60, found.event_value.tolist()

    return look


def test_it_asks_and_resamples(filled: Any, stored: Any) -> None:
    answered = filled(*RESAMPLE, "60", stdin="n\n")
    assert answered.exit_code == 1
    assert "from 15 minutes to an hour." in answered.output
    assert "Before: 8 beliefs, mean 3.5, the first: 0, 1, 2, 3, 4" in answered.output
    assert "After: 2 beliefs, mean 3.5, the first: 1.5, 5.5" in answered.output
    assert "no terminal" in filled.refused(*RESAMPLE, "60")
    assert stored() == (15, [float(n) for n in range(8)])
    filled.ok(*RESAMPLE, "PT1H", "--force")
    assert stored() == (60, [1.5, 5.5])
    filled.ok(*RESAMPLE, "30", "--skip-integrity-check")
    assert stored() == (30, [1.5, 1.5, 5.5, 5.5])


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_only_a_window(filled: Any, stored: Any) -> None:
    window = ("--from", "2026-03-02T01:00:00+00:00", "--until", "2026-03-02T03:00:00+00:00")
    filled.ok(*RESAMPLE, "60", *window, "--force")
    assert stored()[1] == [0.0, 1.0, 2.0, 3.0, 5.5]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_cannot_be_resampled(filled: Any, stored: Any) -> None:
    before = stored()
    assert "already has the desired event resolution" in filled.refused(*RESAMPLE, "15", "--force")
    assert "neither divides the other" in filled.refused(*RESAMPLE, "20", "--force")
    assert "to moments" in filled.refused(*RESAMPLE, "0", "--force")
    unknown = ("edit", "resample-data", "--sensor", "9", "--event-resolution", "60")
    assert "No sensor found with ID 9." in filled.refused(*unknown)
    assert stored() == before
