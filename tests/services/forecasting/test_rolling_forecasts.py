"""Each event as it would have been forecast at a fixed horizon."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from fmhost.domain.forecast_horizons import default_horizons
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, Source
from fmhost.services.rolling_forecasts import Rolling, request_rolling, viewpoints

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [
        (5, [1, 6, 24]),
        (10, [1, 6, 24]),
        (15, [1, 6, 24, 48]),
        (60, [1, 6, 24, 48]),
        (24 * 60, [24, 48]),
        (7 * 24 * 60, [168]),
    ],
)
def test_how_far_ahead_is_usual(minutes, hours):
    found = default_horizons(timedelta(minutes=minutes))
    assert [each / HOUR for each in found] == hours


def test_moments_have_no_horizons():
    with pytest.raises(InvalidInput, match="no usual horizons"):
        default_horizons(timedelta(0))


@pytest.fixture
def ask(installation):
    def request(number, days=1, **more):
        end = more.pop("end", installation.now())
        with installation.database.transaction() as session:
            sensor = session.get_one(Sensor, number)
            jobs = request_rolling(
                installation, session, sensor=sensor, start=end - days * DAY, end=end, **more
            )
            return [job.id for job in jobs]

    return request


def test_there_is_a_job_for_each_horizon(meter, ask):
    assert len(ask(meter())) == 4


def test_each_event_is_believed_exactly_so_long_before(installation, meter, ask, work, forecasts):
    number = meter()
    for horizon, job_id in zip((DAY, HOUR), ask(number, horizons=[DAY, HOUR]), strict=True):
        job = work(job_id)
        assert job.state == "finished", job.error
        found = forecasts(number, job.result)
        mine = found.take(found.belief_horizon == np.timedelta64(horizon))
        assert len(mine) == job.result["num-beliefs"] == 24
        assert mine.event_start.min() == np.datetime64(
            (installation.now() - DAY + horizon).replace(tzinfo=None), "us"
        )
        hours = (mine.event_start - np.datetime64("2026-03-02T09")) / np.timedelta64(1, "h")
        assert np.abs(mine.event_value - 10 - 5 * np.sin(hours * np.pi / 12)).max() < 1.5


def test_what_was_measured_later_does_not_count(installation, meter, ask, work, forecasts):
    """The same forecasts, whether the last day was measured or not, as far as it was unknown."""
    number = meter(12)
    end = installation.now() - DAY
    (job_id,) = ask(number, horizons=[DAY], end=end)
    known = forecasts(number, work(job_id).result)
    looked = [each for each, _ in viewpoints_of(installation, number, end)]
    assert all(each.belief_time <= each.start for each in looked)
    assert len(known) == 24


def viewpoints_of(installation, number, end):
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, number)
        return list(viewpoints(sensor, Rolling(end - DAY, end, DAY)))


def test_events_of_far_horizons_are_forecast_together(installation, meter):
    number = meter(0)
    now = installation.now()
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, number)

        def count(horizon):
            return len(list(viewpoints(sensor, Rolling(now - DAY, now, horizon))))

        assert [count(hours * HOUR) for hours in (1, 6, 24, 48)] == [24, 12, 4, 2]


def test_late_measurements_are_used_from_their_arrival_on(installation, meter):
    number = meter(0)
    now = installation.now()
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, number)
        rolling = Rolling(now - DAY, now, DAY, arrived=now)
        (late, believed), *rest = viewpoints(sensor, rolling)
    assert (late.start, late.belief_time, believed) == (now, now, now)
    assert late.end == now + 22 * HOUR
    assert all(believed == DAY for _, believed in rest)
    assert rest[-1][0].end == now + DAY


def test_another_forecaster_steps_in_for_one_that_fails(
    installation, meter, ask, work, forecasts, site
):
    number = meter(1)
    with installation.database.transaction() as session:
        session.get_one(Sensor, number).set_attribute("custom-forecaster", "RegressionForecaster")
    (job_id,) = ask(number, horizons=[DAY], days=0.25)
    job = work(job_id)
    assert job.result["forecaster_info"]["fallback"].startswith("SeasonalNaiveForecaster: ")
    with installation.database.reading() as session:
        (source_id,) = job.result["source_ids"]
        assert session.get_one(Source, source_id).model == "SeasonalNaiveForecaster"


def test_without_any_history_the_job_fails(meter, ask, work):
    (job_id,) = ask(meter(0), horizons=[DAY])
    job = work(job_id)
    assert job.state == "failed"
    assert "nothing to repeat" in job.error["message"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"horizons": [timedelta(minutes=90)]}, "horizon"),
        ({"horizons": [timedelta(days=60)]}, "horizon"),
        ({"days": 0}, "end"),
        ({"days": 100_000}, "end"),
        ({"forecaster": "Nobody"}, "forecaster"),
        ({"config": {"regressors": [999]}}, "config.regressors.0"),
        ({"sensor_to_save": 999}, "sensor-to-save"),
    ],
)
def test_impossible_requests_are_refused(meter, ask, more, field):
    with pytest.raises(InvalidInput) as refused:
        ask(meter(0), **more)
    assert refused.value.field == field
