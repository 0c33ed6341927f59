"""Which events are forecast, and what is known at the time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.beliefs import Query, read
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor

QUARTER = timedelta(minutes=15)

#: The clock of tests stands at 10:00 in Amsterdam.
NOW = "2026-03-02T10:00:00+01:00"


class TestWindow:
    """Start, end and duration."""

    @pytest.mark.parametrize(
        ("message", "start", "hours"),
        [
            ({"start": "2026-03-02T12:07:00+01:00", "duration": "PT2H"}, 12, 2),
            ({"start": "2026-03-02T12:00:00+01:00", "end": "2026-03-02T15:10:00+01:00"}, 12, 3),
            ({"end": "2026-03-02T15:00:00+01:00"}, 10, 5),
            ({"end": "2026-03-02T15:00:00+01:00", "duration": "PT2H"}, 13, 2),
            ({"start": "2026-03-02", "end": "2026-03-02"}, 0, 24),
            ({"start": "2026-03-02", "duration": "P1D"}, 0, 24),
            ({"end": "2026-03-02"}, 10, 14),
        ],
    )
    def test_two_of_them_make_the_period(self, ramp, forecast, message, start, hours):
        body = forecast(**message)
        assert body["start"] == f"2026-03-02T{start:02}:00:00+01:00"
        assert len(body["values"]) == hours * 4

    def test_a_date_is_a_day_of_the_sensors_calendar(self, ramp, forecast):
        body = forecast(start="2026-03-29", end="2026-03-29")
        assert (body["start"], body["duration"]) == ("2026-03-29T00:00:00+01:00", "PT23H")

    def test_the_knowledge_is_that_of_the_start_or_of_now(self, ramp, installation, trigger):
        for start, formed in (("2026-03-01T10:00:00+01:00", -1), ("2026-03-03T10:00:00+01:00", 0)):
            job_id = trigger(start=start, duration="PT15M")
            execute(installation, job_id, "worker")
            with installation.database.reading() as session:
                job = session.get(Job, job_id)
                sensor = session.get(Sensor, job.sensor_id)
                begin = installation.now() + timedelta(days=-1 if formed else 1)
                found = read(session, Query(sensor=sensor, start=begin, end=begin + QUARTER))
            wanted = QUARTER if formed else QUARTER + timedelta(days=1)
            assert found.belief_horizon.tolist() == [wanted]

    def test_prior_is_when_the_forecast_was_known(self, ramp, installation, forecast, tenant):
        forecast(duration="PT15M", prior="2026-03-02T09:00:00+01:00")
        now = installation.now()
        with installation.database.reading() as session:
            sensor = session.get(Sensor, tenant.power.id)
            found = read(session, Query(sensor=sensor, start=now, end=now + QUARTER))
        assert found.belief_horizon.tolist() == [timedelta(hours=1, minutes=15)]


class TestViewpoints:
    """Several forecasts of one period."""

    MESSAGE = {
        "start": "2026-03-01T00:00:00+01:00",
        "end": "2026-03-01T06:00:00+01:00",
        "max-forecast-horizon": "PT3H",
        "forecast-frequency": "PT2H",
    }

    def test_each_has_its_values(self, ramp, forecast):
        body = forecast(**self.MESSAGE)
        assert [values[::4] for values in body["values"]] == [[0, 10, 20], [20, 30, 40], [40, 50]]
        assert body["duration"] == "PT6H"
        assert len(body["forecaster_info"]["viewpoints"]) == 3

    def test_each_has_the_knowledge_of_its_start(self, ramp, installation, forecast, tenant):
        forecast(**self.MESSAGE)
        midnight = installation.now() - timedelta(hours=34)
        for hour, since in ((0, 0), (3, 2), (5, 4)):
            start = midnight + timedelta(hours=hour)
            with installation.database.reading() as session:
                sensor = session.get(Sensor, tenant.power.id)
                found = read(session, Query(sensor=sensor, start=start, end=start + QUARTER))
            assert found.belief_horizon.tolist() == [QUARTER + timedelta(hours=hour - since)]

    def test_what_is_in_the_future_is_forecast_once(self, ramp, forecast):
        message = {**self.MESSAGE, "start": NOW, "end": "2026-03-02T16:00:00+01:00"}
        assert len(forecast(**message)["values"]) == 24

    def test_only_the_frequency(self, ramp, forecast):
        message = {**self.MESSAGE, "forecast-frequency": "PT3H"}
        del message["max-forecast-horizon"]
        assert [len(values) for values in forecast(**message)["values"]] == [24, 12]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"start": "2026-03-02T12:00:00"}, "start"),
        ({"start": "soon"}, "start"),
        ({"start": 3}, "start"),
        ({"start": "9999-12-31", "end": "9999-12-31"}, "end"),
        ({"start": "2026-03-02", "end": "2026-03-01"}, "end"),
        ({"start": NOW, "end": NOW}, "end"),
        ({"start": NOW, "end": "2026-03-03", "duration": "PT1H"}, "duration"),
        ({"duration": "PT0H"}, "duration"),
        ({"duration": "PT5M"}, "duration"),
        ({"duration": "-PT1H"}, "duration"),
        ({"duration": "P900Y"}, "duration"),
        ({"duration": "P9000Y"}, "duration"),
        ({"end": NOW, "duration": "P9000Y"}, "duration"),
        ({"prior": "2026-03-02"}, "prior"),
        ({"max-forecast-horizon": "PT20M"}, "max-forecast-horizon"),
        ({"max-forecast-horizon": "PT49H"}, "max-forecast-horizon"),
        ({"max-forecast-horizon": "P1M"}, "max-forecast-horizon"),
        ({"forecast-frequency": "PT1M"}, "forecast-frequency"),
        ({"forecast-frequency": "PT0H"}, "forecast-frequency"),
        ({"duration": "P1Y", "forecast-frequency": "PT15M"}, "duration"),
        ({"probabilistic": "perhaps"}, "probabilistic"),
        ({"sensor-to-save": 0}, "sensor-to-save"),
        ({"sensor-to-save": 99}, "sensor-to-save"),
        ({"model-save-dir": "/tmp"}, "model-save-dir"),
        ({"sensor": 1}, "sensor"),
    ],
)
def test_mistakes_in_a_trigger(member, path, message, field):
    answer = member.post(f"{path}/trigger", message)
    assert answer.status_code == 422, answer.text
    assert list(answer.get_json()["message"]["json"]) == [field]
