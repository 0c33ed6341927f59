"""Results of drivers become beliefs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from fmhost.beliefs import Query, read
from fmhost.domain.flexibility import Forecaster, ForecastResult
from fmhost.host.registry import Provenance
from fmhost.model import Sensor
from fmhost.services.results import store_forecast
from fmhost.services.selection import Choice

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def test_a_distribution_is_stored_and_compared_as_a_whole(installation, tenant):
    choice = Choice(Forecaster, Provenance("acme", "acme", "1", "acme"), {}, "of the test")

    def store(median, minutes):
        values = np.array([[1.0, median, 3.0], [4.0, 5.0, 6.0]])
        with installation.database.transaction() as session:
            sensor = session.get(Sensor, tenant.power.id)
            result = ForecastResult(sensor, START, QUARTER, values, (0.1, 0.5, 0.9))
            formed = START + timedelta(minutes=minutes - 60)
            return store_forecast(session, choice, [result], formed)[0]

    assert store(2.0, 0) == 6
    assert store(2.0, 1) == 0, "the same again is nothing new"
    assert store(2.5, 2) == 3, "of a distribution that changes in one row all rows are new"
    assert store(2.0, 2) == 1, "what is computed anew for the same moment of belief counts"
    assert store(2.5, 2) == 1
    with installation.database.reading() as session:
        found = read(session, Query(sensor=session.get(Sensor, tenant.power.id)))
    assert found.event_value.tolist() == [1.0, 2.5, 3.0, 4.0, 5.0, 6.0]
    assert found.cumulative_probability.tolist() == [0.1, 0.5, 0.9] * 2
