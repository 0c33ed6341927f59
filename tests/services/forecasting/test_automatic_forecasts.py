"""Forecasts that start when data arrive."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from fmhost.domain.durations import Span
from fmhost.domain.messages import PostType
from fmhost.model import Job, Sensor, User
from fmhost.services.ingest import Posting, ingest
from fmhost.services.rolling_arguments import Rolling, settled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def settings():
    return {}


@pytest.fixture
def installation(open_installation, settings):
    return open_installation(**settings)


@pytest.fixture
def post(installation, tenant):
    """Posts hours of data of a sensor that end so long ago."""

    def store(number, hours=2, *, kind=PostType.SENSOR_DATA, ago=0, value=1.0, prior=None):
        with installation.database.transaction() as session:
            sensor = session.get_one(Sensor, number)
            posting = Posting(
                values=np.full(hours, value) + np.arange(hours),
                start=installation.now() - (hours + ago) * HOUR,
                duration=Span(time=hours * HOUR),
                unit=sensor.unit,
                prior=prior,
                kind=kind,
            )
            ingest(installation, session, sensor, posting, session.get_one(User, tenant.member.id))

    return store


@pytest.fixture
def jobs(installation):
    """What the jobs of a sensor would forecast if they began now."""

    def listed(number):
        with installation.database.reading() as session:
            sensor = session.get_one(Sensor, number)
            query = select(Job).where(Job.sensor_id == number).order_by(Job.created_at)
            now = installation.now()
            asked = [settled(session, job, sensor, now) for job in session.scalars(query)]
            return sorted(asked, key=lambda each: each.horizon)

    return listed


def test_power_is_forecast_at_its_usual_horizons(installation, meter, post, jobs):
    number = meter(0)
    post(number)
    now = installation.now()
    asked = jobs(number)
    assert [each.horizon / HOUR for each in asked] == [1, 6, 24, 48]
    assert {(each.start, each.end) for each in asked} == {(now - 2 * HOUR, now)}
    assert all(each.probabilistic for each in asked)


def test_prices_are_forecast_a_day_and_two_ahead(meter, post, jobs):
    number = meter(0, unit="EUR/MWh")
    post(number, kind=PostType.PRICE_DATA)
    assert [each.horizon / HOUR for each in jobs(number)] == [24, 48]


def test_weather_is_forecast_where_the_message_says_that_it_is_some(meter, post, jobs):
    number = meter(0, unit="°C")
    post(number)
    assert jobs(number) == []
    post(number, kind=PostType.WEATHER_DATA, value=20.0, ago=5)
    assert [each.horizon / HOUR for each in jobs(number)] == [1, 6, 24, 48]


def test_what_arrives_while_they_wait_is_taken_in(installation, clock, meter, post, jobs):
    number = meter(0)
    post(number)
    clock.advance(HOUR)
    post(number, 1)
    post(number, 3, ago=6)
    asked = jobs(number)
    assert len(asked) == 4
    now = installation.now()
    assert {(each.start, each.end) for each in asked} == {(now - 9 * HOUR, now)}
    assert {each.arrived for each in asked} == {now}


@pytest.fixture
def written(installation):
    """What the jobs of a sensor say, as it stands on their rows."""

    def listed(number):
        with installation.database.reading() as session:
            query = select(Job.arguments).where(Job.sensor_id == number)
            return [Rolling.from_arguments(each) for each in session.scalars(query)]

    return listed


def test_measurements_that_follow_are_found_without_being_written_down(meter, post, jobs, written):
    number = meter(0)
    post(number, ago=6)
    before = written(number)
    for ago in (4, 2, 0):
        post(number, ago=ago)
        assert written(number) == before
        assert {each.end - each.start for each in jobs(number)} == {(8 - ago) * HOUR}


def test_what_arrives_when_they_are_about_to_begin_is_written_down(
    clock, meter, post, jobs, written
):
    number = meter(0)
    for ago in (8, 6, 4):
        post(number, ago=ago)
    before = written(number)
    clock.advance(timedelta(seconds=26))
    post(number, ago=2)
    assert written(number) != before
    assert {each.end - each.start for each in jobs(number)} == {8 * HOUR}


def test_what_was_known_before_is_not_looked_ahead_from_again(
    installation, clock, meter, post, jobs
):
    number = meter(0)
    post(number, 24)
    clock.advance(timedelta(minutes=1))
    with installation.database.transaction() as session:
        for job in session.scalars(select(Job)):
            session.delete(job)
    post(number, 24, ago=24 * 10)
    then = installation.now() - 10 * DAY
    assert {each.end for each in jobs(number)} == {then.replace(minute=0)}


def test_what_reaches_farther_back_is_written_down(meter, post, jobs):
    number = meter(0)
    for ago in (6, 4, 2, 8):
        post(number, ago=ago)
    assert {each.end - each.start for each in jobs(number)} == {8 * HOUR}


def test_what_is_expected_is_no_measurement(installation, clock, meter, post, jobs):
    number = meter(0)
    post(number)
    end = installation.now()
    post(number, 10, ago=-10, kind=PostType.PROGNOSIS, prior=end)
    assert {each.end for each in jobs(number)} == {end}
    clock.advance(2 * HOUR)
    post(number, 5, ago=-5, prior=installation.now() - DAY)
    assert {each.end for each in jobs(number)} == {installation.now() + 5 * HOUR}


def test_a_history_that_is_posted_day_by_day_is_looked_ahead_from_once(
    installation, meter, post, jobs, written
):
    number = meter(0)
    for ago in range(10):
        post(number, 24, ago=24 * (9 - ago))
    now = installation.now()
    asked = jobs(number)
    assert len(asked) == 4
    assert {(each.start, each.end) for each in asked} == {(now - 2 * DAY, now)}


def test_what_arrives_after_they_began_is_forecast_anew(installation, meter, post, jobs):
    number = meter(0)
    post(number)
    with installation.database.transaction() as session:
        for job in session.scalars(select(Job)):
            job.state = "started"
    post(number, 1, ago=5)
    assert len(jobs(number)) == 8


def test_jobs_that_an_older_version_left_keep_their_window(installation, meter, post, jobs):
    number = meter(0)
    post(number)
    with installation.database.transaction() as session:
        for job in session.scalars(select(Job)):
            job.meta = {"automatic": True}
    post(number, 1, ago=5)
    asked = jobs(number)
    assert sorted((each.end - each.start) / HOUR for each in asked) == [2] * 4 + [6] * 4


def test_of_long_periods_only_the_end_is_looked_ahead_from(installation, meter, post, jobs):
    number = meter(0)
    post(number, 24 * 30)
    assert {each.start for each in jobs(number)} == {installation.now() - 2 * DAY}


def test_prognoses_start_nothing(installation, meter, post, jobs):
    number = meter(0)
    post(number, kind=PostType.PROGNOSIS, ago=-10, prior=installation.now())
    assert jobs(number) == []


def test_nothing_new_starts_nothing(installation, meter, post, jobs):
    number = meter(0)
    post(number)
    with installation.database.transaction() as session:
        for job in session.scalars(select(Job)):
            session.delete(job)
    post(number)
    assert jobs(number) == []


class TestOff:
    @pytest.fixture(params=["setting", "mode", "no forecaster"])
    def settings(self, request):
        return {
            "setting": {"FMHOST_FORECAST_AUTOMATICALLY": False},
            "mode": {"FLEXMEASURES_MODE": "play"},
            "no forecaster": {"FMHOST_DEFAULT_FORECASTER": None},
        }[request.param]

    def test_nothing_starts(self, meter, post, jobs):
        number = meter(0)
        post(number)
        assert jobs(number) == []


def test_the_whole_way(installation, meter, post, jobs, work, forecasts):
    number = meter(12)
    with installation.database.transaction() as session:
        session.get_one(Sensor, number)
    post(number, 1, value=12.0)
    with installation.database.transaction() as session:
        waiting = list(session.scalars(select(Job)))
        for job in waiting:
            assert job.scheduled_for == installation.now() + timedelta(seconds=30)
            job.state = "queued"
        ids = [job.id for job in waiting]
    for job_id in ids:
        assert work(job_id).state == "finished"
