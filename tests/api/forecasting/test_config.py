"""The config of a forecast, and the sensor that gets it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.beliefs import Query, read
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor

QUARTER = timedelta(minutes=15)


class TestConfig:
    """What goes to the forecaster, and what is checked before."""

    def test_a_forecaster_gets_what_it_knows(self, ramp, forecast):
        config = {"offset": 1, "upper": "101 kW", "model": "x"}
        body = forecast(duration="PT15M", config=config)
        assert body["forecaster_info"]["config"] == {"slope": 10.0, "offset": 1.0}
        assert body["forecaster_info"]["ignored"] == ["config.model"]
        assert body["values"] == [100.0]

    def test_the_request_counts_more_than_the_sensor(self, ramp, forecast):
        assert forecast(duration="PT15M", config={"slope": 3})["values"] == [30.0]

    def test_limits_it_takes_itself_are_left_to_it(self, ramp, forecast):
        body = forecast(duration="PT15M", config={"lower": 1000})
        assert body["values"] == [100.0]
        assert body["forecaster_info"]["config"]["lower"] == 1000

    @pytest.mark.parametrize(
        ("config", "value"),
        [
            ({"upper": 50}, 50),
            ({"upper": "0.05 MW"}, 50),
            ({"snap": {"90": [95, 105]}}, 90),
            ({"upper": 92, "snap": {"-5": [90, 95]}, "ensure-positive": True}, 0),
            ({"snap": {"-5": [10, 20]}, "upper": None}, 100),
        ],
    )
    def test_limits(self, ramp, forecast, config, value):
        assert forecast(duration="PT15M", config=config)["values"] == [value]

    @pytest.mark.parametrize("probabilistic", [False, True])
    def test_quantiles(self, ramp, installation, tenant, forecast, probabilistic):
        body = forecast(duration="PT15M", probabilistic=probabilistic)
        assert body["values"] == [100.0]
        assert "ignored" not in body["forecaster_info"]
        now = installation.now()
        with installation.database.reading() as session:
            sensor = session.get(Sensor, tenant.power.id)
            found = read(session, Query(sensor=sensor, start=now, end=now + QUARTER))
        assert len(found) == (3 if probabilistic else 1)

    @pytest.mark.parametrize(
        ("config", "place"),
        [
            ([], ""),
            ({"foo": 1}, "foo"),
            ({"slope": "x"}, "slope"),
            ({"regressors": 3}, "regressors"),
            ({"regressors": ["x"]}, "regressors.0"),
            ({"regressors": [{"asset": 1}]}, "regressors.0.sensor"),
            ({"past-regressors": [{"sensor": 1, "foo": 1}]}, "past-regressors.0.foo"),
            ({"future-regressors": [{"sensor": 1, "sources": [True]}]}, "future-regressors.0"),
            ({"regressors": [99]}, "regressors.0"),
            ({"annotation-regressors": [{}]}, "annotation-regressors.0._schema"),
            (
                {"annotation-regressors": [{"asset": 1, "sensor": 1}]},
                "annotation-regressors.0._schema",
            ),
            ({"annotation-regressors": [{"account": 99}]}, "annotation-regressors.0.account"),
            ({"missing-threshold": 1.1}, "missing-threshold"),
            ({"ensure-positive": "perhaps"}, "ensure-positive"),
            ({"lower": []}, "lower"),
            ({"upper": "3 V"}, "upper"),
            ({"upper": True}, "upper"),
            ({"snap": {"0": [1]}}, "snap.0"),
            ({"snap": {"x": [1, 2]}}, "snap"),
            ({"snap": {"0": [2, 1]}}, "snap.0"),
            ({"train-period": "P1D"}, "train-period"),
            ({"train-period": "P2M"}, "train-period"),
            ({"max-training-period": "PT1H"}, "max-training-period"),
            ({"retrain-frequency": "PT59M"}, "retrain-frequency"),
            ({"train-start": "2026-03-02"}, "train-start"),
            ({"model-params": []}, "model-params"),
            ({"model": 3}, "model"),
        ],
    )
    def test_mistakes(self, member, installation, ramp, path, config, place):
        answer = member.post(f"{path}/trigger", {"config": config})
        assert answer.status_code == 422, answer.text
        told = answer.get_json()["message"]["json"]["config"]
        for part in place.split(".") if place else ():
            told = told[part]
        with installation.database.reading() as session:
            assert session.query(Job).count() == 0

    def test_a_lower_limit_above_the_upper_one(self, member, path):
        answer = member.post(f"{path}/trigger", {"config": {"lower": 3, "upper": 2}})
        assert list(answer.get_json()["message"]["json"]["config"]) == ["lower"]

    @pytest.mark.parametrize("who", ["member", "admin"])
    def test_what_is_named_must_be_readable(self, as_user, tenant, path, who):
        allowed = who == "admin"
        caller = as_user(getattr(tenant, who))
        for config in (
            {"regressors": [tenant.other_power.id]},
            {"past-regressors": [{"sensor": tenant.other_power.id}]},
            {"annotation-regressors": [{"account": tenant.other_account.id}]},
            {"annotation-regressors": [{"asset": tenant.other_battery.id}]},
            {"annotation-regressors": [{"sensor": tenant.other_power.id}]},
        ):
            answer = caller.post(f"{path}/trigger", {"config": config})
            assert answer.status_code == (200 if allowed else 422), answer.text
            assert allowed or " found with ID " in answer.text

    def test_public_and_own_regressors(self, member, tenant, path):
        config = {
            "regressors": [tenant.prices.id, {"sensor": tenant.status.id, "sources": [1]}],
            "annotation-regressors": [
                {"account": tenant.account.id, "annotation-type": "holiday", "name": "days off"}
            ],
        }
        assert member.post(f"{path}/trigger", {"config": config}).status_code == 200


class TestOtherSensor:
    """Results that go to another sensor."""

    @pytest.fixture
    def other(self, installation, tenant):
        """A sensor of the battery [W, 1 hour]."""
        with installation.database.transaction() as session:
            sensor = Sensor(
                name="forecast",
                unit="W",
                event_resolution=timedelta(hours=1),
                timezone=tenant.power.timezone,
                generic_asset=session.get(Sensor, tenant.power.id).generic_asset,
            )
            session.add(sensor)
            session.flush()
            return sensor.id

    def test_they_get_its_unit_and_resolution(self, installation, ramp, tenant, forecast, other):
        body = forecast(duration="PT2H", **{"sensor-to-save": other})
        assert body["values"] == [100_000, 110_000]
        assert body["unit"] == "W"
        with installation.database.reading() as session:
            sensor = session.get(Sensor, tenant.power.id)
            assert not len(read(session, Query(sensor=sensor)))

    def test_who_may_not_read_that_one_does_not_get_them(
        self, as_user, member, installation, ramp, tenant, path, trigger
    ):
        job_id = trigger(duration="PT1H")
        execute(installation, job_id, "worker")
        assert member.get(f"{path}/{job_id}").status_code == 200
        with installation.database.transaction() as session:
            job = session.get(Job, job_id)
            job.arguments = {**job.arguments, "sensor_to_save": tenant.other_power.id}
        answer = member.get(f"{path}/{job_id}")
        assert answer.status_code == 422
        assert answer.get_json()["message"] == {"json": f"Job {job_id} not found."}

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("other_power", "No sensor found"),
            ("prices", "You may read sensor"),
            ("status", "%"),
        ],
    )
    def test_it_must_be_writable_and_fit(self, member, tenant, path, name, text):
        number = getattr(tenant, name).id
        answer = member.post(f"{path}/trigger", {"sensor-to-save": number})
        assert answer.status_code == 422
        ((field, (told,)),) = answer.get_json()["message"]["json"].items()
        assert field == "sensor-to-save"
        assert text in told
