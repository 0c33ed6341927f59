"""Targets without a database, for tests of fields and of the scheduler by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fmhost.plugin import InvalidInput, recording, sources, units

QUARTER = timedelta(minutes=15)


class Readings:
    """A reader over series that begin at `start`; what comes after their end is unknown."""

    def __init__(self) -> None:
        self.start = datetime(2026, 3, 2, tzinfo=UTC)
        self.known: dict[int, tuple[Any, np.ndarray]] = {}
        self.asked: list[dict[str, Any]] = []

    def add(self, number: int, unit: str, values: Any, step: timedelta, **more: Any) -> Any:
        """Add a sensor with its values, of which each holds for `step`."""
        sensor = SimpleNamespace(id=number, unit=unit, event_resolution=step, **more)
        self.known[number] = (sensor, np.asarray(values, dtype=np.float64))
        return sensor

    def sensor(self, sensor_id: int, *, field: str) -> Any:
        if sensor_id not in self.known:
            raise InvalidInput(f"No sensor found with ID {sensor_id}.", field=field)
        return self.known[sensor_id][0]

    output_sensor = sensor

    def values(self, sensor, start, end, *, resolution, unit, **filters):
        self.asked.append(filters)
        _, values = self.known[sensor.id]
        moments = [start + number * resolution for number in range((end - start) // resolution)]
        places = np.array([(moment - self.start) // sensor.event_resolution for moment in moments])
        inside = (places >= 0) & (places < len(values))
        found = np.where(inside, values[np.clip(places, 0, len(values) - 1)], np.nan)
        return units.convert(found, sensor.unit, unit)


def _asset(number: int, parent: Any = None, **stored: Any) -> Any:
    return SimpleNamespace(
        id=number,
        flex_model=stored.get("flex_model", {}),
        flex_context=stored.get("flex_context", {}),
        attributes=stored.get("attributes", {}),
        ancestors=[parent, *parent.ancestors] if parent else [],
        sensors=[],
    )


@pytest.fixture
def readings() -> Readings:
    """Sensors and series; sensor 3 has a price for each hour of 2026-03-02 (UTC)."""
    readings = Readings()
    hours = np.arange(24.0)
    readings.add(3, "EUR/MWh", 100 + (hours - 13) ** 2, timedelta(hours=1))
    return readings


@pytest.fixture
def make_asset() -> Callable[..., Any]:
    """``make_asset(number, parent, flex_model=..., flex_context=..., attributes=...)``."""
    return _asset


@pytest.fixture
def make_sensor(readings: Readings) -> Callable[..., Any]:
    """``make_sensor(asset, number, unit=..., attributes=...)``: a power sensor of the asset."""

    def make(
        asset: Any,
        number: int = 5,
        unit: str = "kW",
        timezone: str = "Europe/Amsterdam",
        step: timedelta = QUARTER,
        **attributes: Any,
    ) -> Any:
        sensor = readings.add(
            number,
            unit,
            [],
            step,
            timezone=timezone,
            attributes=attributes,
            generic_asset=asset,
            get_attribute=lambda name, default=None: attributes.get(
                name, asset.attributes.get(name, default)
            ),
        )
        asset.sensors.append(sensor)
        return sensor

    return make


@pytest.fixture
def post_prices(installation: Any) -> Callable[..., None]:
    """``post_prices(session, sensor, start, values)``: beliefs of a market, recorded now."""

    def post(session: Any, sensor: Any, start: datetime, values: Any) -> None:
        source = sources.create_source(session, name="market", source_type="market")
        recording.record(
            installation,
            session,
            sensor,
            source,
            start=start,
            values=[float(value) for value in values],
            belief_time=installation.now(),
        )

    return post
