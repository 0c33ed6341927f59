"""Devices that are scheduled one after another share what their connection can bear."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import InvalidInput, Job, execute, schedules, sensors

START = datetime.fromisoformat("2026-03-02T10:00:00+01:00")
DAY = timedelta(hours=12)


@pytest.fixture
def second(installation, battery_site):
    """A second device at the battery's connection [kW]."""
    with installation.database.transaction() as session:
        made = sensors.create_sensor(
            installation,
            session,
            name="second",
            unit="kW",
            event_resolution=timedelta(minutes=15),
            timezone="Europe/Amsterdam",
            asset_id=battery_site.battery.id,
        )
        session.flush()
        session.expunge(made)
    return made


def device(sensor):
    return {
        "sensor": sensor.id,
        "soc-at-start": "0 kWh",
        "soc-max": "10 kWh",
        "power-capacity": "5 kW",
        "production-capacity": "0 kW",
        "soc-targets": [{"value": "10 kWh", "datetime": (START + DAY).isoformat()}],
    }


@pytest.fixture
def schedule(installation, battery_site, second, day_ahead_prices):
    """Schedules both devices; the power of each [kW, consumption positive]."""

    def compute(names, **context):
        context = {"consumption-price": {"sensor": day_ahead_prices.sensor.id}, **context}
        with installation.database.transaction() as session:
            job_id = schedules.trigger(
                installation,
                session,
                target=session.get_one(type(battery_site.battery), battery_site.battery.id),
                start=START,
                duration=DAY,
                flex_model=[device(battery_site.power), device(second)],
                flex_context={**context, **names},
                sequential=True,
            ).id
        execute(installation, job_id, worker="test")
        with installation.database.reading() as session:
            job = session.get_one(Job, job_id)
            assert job.error is None, job.error
            return [
                schedules.fetch(
                    installation, session, job, session.get_one(type(sensor), sensor.id)
                ).values
                for sensor in (battery_site.power, second)
            ]

    return compute


@pytest.mark.parametrize(
    "names", [{}, {"inflexible-device-sensors": []}, {"inflexible-production": []}]
)
def test_they_stay_together_below_the_capacity_of_the_site(schedule, names):
    first, second = schedule(names, **{"site-consumption-capacity": "5 kW"})
    for power in (first, second):
        assert power.sum() / 4 == pytest.approx(10)
    assert (first + second).max() <= 5 + 1e-6
    assert np.flatnonzero(first).tolist() != np.flatnonzero(second).tolist()


def test_without_a_limit_both_take_the_cheapest_hours(schedule):
    first, second = schedule({})
    assert first.tolist() == pytest.approx(second.tolist())


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"commodity": "heat"}, "commodity", "are scheduled together"),
        ({"group": {"sensor": 1}}, "group", "A group limits several devices together"),
        (
            {"coupling": "chp", "consumption-capacity": "5 kW"},
            "coupling",
            "has the coupling 'chp'",
        ),
    ],
)
def test_what_needs_a_common_plan_is_not_scheduled_one_by_one(
    installation, battery_site, day_ahead_prices, fields, field, message
):
    with (
        installation.database.transaction() as session,
        pytest.raises(InvalidInput, match=message) as caught,
    ):
        schedules.trigger(
            installation,
            session,
            target=session.get_one(type(battery_site.battery), battery_site.battery.id),
            start=START,
            duration=DAY,
            flex_model=[{**device(battery_site.power), **fields}],
            flex_context={"consumption-price": {"sensor": day_ahead_prices.sensor.id}},
            sequential=True,
        )
    assert caught.value.field == f"flex-model.0.{field}"
