"""A quantity may be a quantile of what was forecast for a sensor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.model import Sensor
from fmhost.plugin import InvalidInput
from fmhost.services.reading import StoreReader
from fmhost.services.sources import create_source
from fmhost_storage.grid import Grid
from fmhost_storage.kinds import Kind
from fmhost_storage.quantities import Source, read_quantity
from fmhost_storage.series import on_steps

START, HOUR = datetime(2026, 3, 3, tzinfo=UTC), timedelta(hours=1)
KIND = Kind("EUR/MWh", "EUR/MWh", "a price")


@pytest.fixture
def reader(installation, tenant):
    """Two hours of prices, forecast as distributions."""
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.prices.id)
        source = create_source(session, name="forecasts", source_type="forecaster")
        starts = moment64(START) + np.array([0, 0, 0, 1, 1, 1]) * duration64(HOUR)
        beliefs = Beliefs.of(
            starts,
            duration64(HOUR),
            source.id,
            np.array([10.0, 20.0, 40.0, 11.0, 21.0, 41.0]),
            np.array([0.1, 0.5, 0.9] * 2),
        )
        save(session, sensor, beliefs)
        yield StoreReader(session, None, START + 2 * HOUR)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [20, 21]),
        ({"quantile": 0.9}, [40, 41]),
        ({"quantile": 0.7}, [30, 31]),
        ({"quantile": 0.1}, [10, 11]),
    ],
)
def test_the_quantile_that_is_asked_for_counts(reader, tenant, more, expected):
    quantity = read_quantity(
        {"sensor": tenant.prices.id, **more}, KIND, field="price", source=Source(reader, "UTC")
    )
    found = on_steps(quantity, Grid(START, HOUR, 2), reader, unit="EUR/MWh")
    assert found.tolist() == pytest.approx(expected)


@pytest.mark.parametrize("quantile", [0, 1, -0.5, "90%", True, [0.9]])
def test_what_is_no_probability_is_refused(reader, tenant, quantile):
    with pytest.raises(InvalidInput) as refused:
        read_quantity(
            {"sensor": tenant.prices.id, "quantile": quantile},
            KIND,
            field="price",
            source=Source(reader, "UTC"),
        )
    assert refused.value.field == "price.quantile"
