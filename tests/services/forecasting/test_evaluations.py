"""Backtests."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from fmhost.domain.forecast_accuracy import accuracy
from fmhost.errors import InvalidInput
from fmhost.model import Sensor
from fmhost.services.evaluations import finished, request_evaluation

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_errors_by_hand():
    found = accuracy(
        np.array([10.0, -20.0, np.nan, 30.0]),
        np.array([[8, 11, 13], [-30, -25, -19], [0, 0, 0], [0, 26, 29]], dtype=float),
        (0.1, 0.5, 0.9),
    )
    assert found.events == 3
    assert found.mae == pytest.approx((1 + 5 + 4) / 3)
    assert found.rmse == pytest.approx(((1 + 25 + 16) / 3) ** 0.5)
    assert found.wape == pytest.approx(10 / 60)
    assert found.accuracy == pytest.approx(50 / 60)
    assert found.coverage == pytest.approx(2 / 3)
    assert found.nominal == pytest.approx(0.8)
    by_quantile = [0.1 * (2 + 10 + 30), 0.5 * (1 + 5 + 4), 0.1 * (3 + 1) + 0.9 * 1]
    assert found.pinball == pytest.approx(sum(by_quantile) / 9)


def test_nothing_is_known_of_nothing():
    assert accuracy(np.array([np.nan]), np.array([[1.0]]), (0.5,)).mae is None
    only_zeros = accuracy(np.zeros(2), np.ones((2, 1)), (0.5,))
    assert (only_zeros.mae, only_zeros.wape, only_zeros.coverage) == (1.0, None, None)


@pytest.fixture
def ask(installation):
    def request(number, days=4, ago=0, **more):
        end = installation.now() - ago * DAY
        with installation.database.transaction() as session:
            sensor = session.get_one(Sensor, number)
            return request_evaluation(
                installation, session, sensor=sensor, start=end - days * DAY, end=end, **more
            ).id

    return request


def test_forecasts_are_compared_with_measurements_and_with_the_baseline(
    installation, meter, ask, work
):
    number = meter(30)
    job = work(ask(number, ago=2, frequency=6 * HOUR))
    assert job.state == "finished", job.error
    result = job.result
    assert (result["forecaster"], result["baseline"]) == (
        "RegressionForecaster",
        "SeasonalNaiveForecaster",
    )
    assert (result["unit"], result["forecasts"], result["fallbacks"]) == ("kW", 16, 0)
    assert [each["horizon"] for each in result["horizons"]] == ["PT1H", "PT6H", "PT24H", "PT48H"]
    for each in result["horizons"]:
        assert each["events"] == each["baseline"]["events"] == 16
        assert 0.95 < each["accuracy"] < 1
        assert each["accuracy"] == pytest.approx(1 - each["wape"])
        assert each["mae"] <= each["rmse"]
        assert 0.4 <= each["coverage"] <= 1
        assert each["baseline"]["coverage"] is None
    with installation.database.reading() as session:
        (kept,) = finished(session, session.get_one(Sensor, number))
        assert kept.result == result


def test_a_forecaster_a_horizon_and_the_usual_frequency(meter, ask, work):
    job_id = ask(meter(20), days=10, ago=1, horizons=[DAY], forecaster="SeasonalNaiveForecaster")
    result = work(job_id).result
    (only,) = result["horizons"]
    assert result["frequency"] == "PT5H"
    assert only["mae"] == pytest.approx(only["baseline"]["mae"])


def test_before_there_was_anything_the_job_fails(meter, ask, work):
    job = work(ask(meter(2), ago=40))
    assert job.state == "failed"
    assert "nothing could be both forecast and compared" in job.error["message"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"days": 0}, "end"),
        ({"horizons": [timedelta(minutes=7)]}, "horizon"),
        ({"frequency": timedelta(minutes=7)}, "frequency"),
        ({"days": 365, "frequency": HOUR}, "frequency"),
    ],
)
def test_impossible_requests_are_refused(meter, ask, more, field):
    with pytest.raises(InvalidInput) as refused:
        ask(meter(0), **more)
    assert refused.value.field == field
