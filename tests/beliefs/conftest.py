"""Sensors and sources to hold beliefs about, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fmhost.model import Asset, AssetType, Sensor, Source
from fmhost.model.database import Database

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Place:
    """An asset in a session, on which sensors are made as tests need them."""

    session: Session
    asset: Asset

    def sensor(self, resolution: timedelta = QUARTER, unit: str = "kW", **columns: Any) -> Sensor:
        """A new sensor."""
        sensor = Sensor(
            name=f"sensor {len(self.asset.sensors)}",
            unit=unit,
            event_resolution=resolution,
            generic_asset=self.asset,
            **columns,
        )
        self.session.add(sensor)
        self.session.flush()
        return sensor

    def source(self, name: str = "meter", source_type: str = "user", **columns: Any) -> Source:
        """A new source."""
        source = Source(name=name, type=source_type, **columns)
        self.session.add(source)
        self.session.flush()
        return source


def make_place(session: Session) -> Place:
    """An asset, in a session."""
    asset = Asset(name="battery", generic_asset_type=AssetType(name="battery"))
    session.add(asset)
    session.flush()
    return Place(session, asset)


@pytest.fixture
def place(database: Database) -> Iterator[Place]:
    """An asset in an open transaction, on either engine."""
    with database.transaction() as session:
        yield make_place(session)


@pytest.fixture
def committed(database: Database) -> tuple[Sensor, Source]:
    """A sensor and a source that are stored for good, on either engine."""
    with database.transaction() as session:
        place = make_place(session)
        return place.sensor(), place.source()
