"""A site with a battery and its time series, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.plugin import Asset, AssetType, InvalidInput, Sensor, units
from fmhost_storage.scheduler import StorageScheduler

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


@dataclass(frozen=True)
class Record:
    """What one source says: a value per event from `start` on, or at the moments of `values`."""

    start: datetime
    values: Sequence[float]
    source_id: int
    source_type: str
    account_id: int


@dataclass
class Book:
    """Sensors and their series; the reader that schedulers are given.

    :param closed: ids of sensors that may be read, but not written to.
    :param stamps: when the newest value of a sensor was recorded, by its id.
    """

    sensors: dict[int, Sensor] = field(default_factory=dict)
    records: dict[int, list[Record]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    stamps: dict[int, datetime] = field(default_factory=dict)

    def add(
        self,
        asset: Asset,
        unit: str = "MW",
        resolution: timedelta = QUARTER,
        attributes: dict[str, Any] | None = None,
    ) -> Sensor:
        number = len(self.sensors) + 1
        made = Sensor(
            id=number,
            name=f"sensor-{number}",
            unit=unit,
            timezone="Europe/Amsterdam",
            event_resolution=resolution,
            attributes=attributes or {},
            generic_asset=asset,
        )
        self.sensors[number] = made
        return made

    def write(
        self,
        sensor: Sensor,
        values: Sequence[float],
        *,
        start: datetime = START,
        source_id: int = 1,
        source_type: str = "user",
        account_id: int = 1,
    ) -> Sensor:
        record = Record(start, values, source_id, source_type, account_id)
        self.records.setdefault(sensor.id, []).append(record)
        return sensor

    def sensor(self, sensor_id: int, *, field: str) -> Sensor:
        if sensor_id not in self.sensors:
            raise InvalidInput(f"No sensor found with ID {sensor_id}.", field=field)
        return self.sensors[sensor_id]

    def output_sensor(self, sensor_id: int, *, field: str) -> Sensor:
        found = self.sensor(sensor_id, field=field)
        if sensor_id in self.closed:
            raise InvalidInput("You may read it, but not store results on it.", field=field)
        return found

    def values(
        self,
        sensor: Sensor,
        start: datetime,
        end: datetime,
        *,
        resolution: timedelta,
        unit: str,
        source_ids: Sequence[int] | None = None,
        source_types: Sequence[str] | None = None,
        exclude_source_types: Sequence[str] | None = None,
        source_account_ids: Sequence[int] | None = None,
    ) -> np.ndarray:
        found = np.full((end - start) // resolution, np.nan)
        for record in self.records.get(sensor.id, []):
            if source_ids is not None and record.source_id not in source_ids:
                continue
            if source_types is not None and record.source_type not in source_types:
                continue
            if exclude_source_types is not None and record.source_type in exclude_source_types:
                continue
            if source_account_ids is not None and record.account_id not in source_account_ids:
                continue
            for step in range(len(found)):
                value = self._at(sensor, record, start + step * resolution, resolution)
                found[step] = found[step] if value is None else value
        return units.convert(
            found, sensor.unit, unit, event_resolution=sensor.event_resolution or None
        )

    def recorded(self, sensor: Sensor) -> datetime | None:
        return self.stamps.get(sensor.id)

    @staticmethod
    def _at(sensor: Sensor, record: Record, moment: datetime, step: timedelta) -> float | None:
        if sensor.event_resolution:
            event = (moment - record.start) // sensor.event_resolution
            return record.values[event] if 0 <= event < len(record.values) else None
        # A sensor of moments has one value, at the start of the record.
        return record.values[0] if moment <= record.start < moment + step else None


@dataclass
class Place:
    """A building with a battery of 0.5 MW and 2 MWh, a market with hourly prices, and a book."""

    book: Book
    building: Asset
    battery: Asset
    power: Sensor
    prices: Sensor

    def scheduler(
        self,
        flex_model: Any = None,
        flex_context: Any = None,
        *,
        target: Any = None,
        start: datetime = START,
        hours: float = 4,
        resolution: timedelta = QUARTER,
        **settings: Any,
    ) -> StorageScheduler:
        """A scheduler whose configuration has been read."""
        context = {"consumption-price": {"sensor": self.prices.id}}
        made = StorageScheduler(
            target or self.power,
            start,
            start + timedelta(hours=hours),
            resolution,
            belief_time=start,
            flex_model=flex_model,
            flex_context=context if flex_context is None else flex_context,
            reader=self.book,
            settings=settings,
        )
        made.deserialize_config()
        return made

    def device(self, flex_model: Any = None, **options: Any) -> Any:
        """The typed configuration of the device."""
        (found,) = self.scheduler(flex_model, **options).flex_model
        return found

    def site(self, flex_context: Any = None, **options: Any) -> Any:
        """The typed configuration of the site."""
        return self.scheduler(None, flex_context, **options).flex_context


def asset(number: int, name: str, kind: str, parent: Asset | None = None) -> Asset:
    return Asset(
        id=number,
        name=name,
        generic_asset_type=AssetType(name=kind),
        attributes={},
        flex_model={},
        flex_context={},
        parent_asset=parent,
    )


@pytest.fixture
def place() -> Place:
    book = Book()
    building = asset(1, "building", "building")
    battery = asset(2, "battery", "battery", building)
    battery.attributes = {"capacity_in_mw": 0.5, "min_soc_in_mwh": 0.0, "max_soc_in_mwh": 2.0}
    power = book.add(battery)
    prices = book.add(asset(3, "market", "transmission zone"), "EUR/MWh", HOUR)
    book.write(prices, [50.0, 20.0, 30.0, 80.0])
    return Place(book, building, battery, power, prices)


@pytest.fixture
def start() -> datetime:
    """When schedules begin, unless a test says otherwise."""
    return START
