"""The storage scheduler through the host: trigger, run and fetch, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import (
    InvalidInput,
    Job,
    Sensor,
    execute,
    recording,
    schedules,
    sensors,
    sources,
    toy,
)

START = datetime.fromisoformat("2026-03-03T07:00:00+01:00")
HALF_DAY = timedelta(hours=12)
# 00:00 to 24:00 UTC, EUR/MWh
PRICES = [10, 11, 12, 15, 18, 17, 10.5, 9, 9.5, 9, 8.5, 10, 8, 5, 4, 4, 5.5, 8, 12, 13, 14, 12.5]
PRICES += [10, 7]
ETA = 0.9**0.5
#: The optimum by hand [EUR]: sell what there is at 10.5; fill up at 8.5 and sell at 10 (which just
#: pays for the losses); fill up at 4 and sell at 8.
LEAST_COST = 0.4 / ETA * (8.5 + 4) - ETA * (0.175 * 10.5 + 0.4 * (10 + 8))

BATTERY = {"soc-at-start": "225 kWh", "roundtrip-efficiency": "90%"}


@pytest.fixture
def account(installation):
    """The toy account with tomorrow's prices."""
    with installation.database.transaction() as session:
        made = toy.create_battery_account(installation, session)
        source = sources.create_source(session, name="market", source_type="market")
        recording.record(
            installation,
            session,
            made.prices,
            source,
            start=datetime.fromisoformat("2026-03-03T00:00:00+00:00"),
            values=[float(price) for price in PRICES],
            belief_time=installation.now(),
        )
        session.expunge_all()
    return made


def present(session, entity):
    """The entity as it is stored; merging would carry old values of its relations back."""
    return session.get_one(type(entity), entity.id)


def trigger(installation, target, **request):
    """Ask for a schedule; the id of its job."""
    request = {"start": START, "duration": HALF_DAY, **request}
    with installation.database.transaction() as session:
        if "requester" in request:
            request["requester"] = present(session, request["requester"])
        return schedules.trigger(
            installation, session, target=present(session, target), **request
        ).id


def run(installation, target, **request):
    """Ask for a schedule and have it computed; the job."""
    job_id = trigger(installation, target, **request)
    execute(installation, job_id, worker="test")
    with installation.database.reading() as session:
        job = session.get(Job, job_id)
        session.expunge(job)
    return job


def fetched(installation, job, sensor, **options):
    assert job.error is None, job.error
    with installation.database.reading() as session:
        return schedules.fetch(installation, session, job, present(session, sensor), **options)


def battery_sensor(installation, account, name, unit, resolution):
    with installation.database.transaction() as session:
        made = sensors.create_sensor(
            installation,
            session,
            name=name,
            unit=unit,
            event_resolution=resolution,
            timezone="Europe/Amsterdam",
            asset_id=account.battery.id,
        )
        session.flush()
        session.expunge(made)
    return made


def price_of(account):
    return {"consumption-price": {"sensor": account.prices.id}}


def test_the_toy_battery_gets_the_optimal_schedule(installation, account):
    context = {"consumption-price-sensor": account.prices.id}
    job = run(installation, account.discharging, flex_model=BATTERY, flex_context=context)
    found = fetched(installation, job, account.discharging)
    prices = np.repeat(PRICES[6:18], 4)
    assert len(found.values) == 48
    assert found.unit == "MW"
    assert float(found.values @ prices) / 4 == pytest.approx(LEAST_COST, abs=1e-5)
    info = found.scheduler_info
    assert info["scheduler"] == "StorageScheduler"
    assert info["commitment_costs"] == {
        "electricity net energy": pytest.approx(LEAST_COST, abs=1e-6)
    }
    assert info["cost_without_devices"] == 0
    assert info["saving"] == pytest.approx(-LEAST_COST, abs=1e-6)
    assert info["solver"]["name"] == "highs"
    assert info["assumed"] == []
    assert info["warnings"] == []


def test_power_is_stored_production_positive_and_fetched_either_way(installation, account):
    job = run(installation, account.discharging, flex_model=BATTERY, flex_context=price_of(account))
    consumption = fetched(installation, job, account.discharging)
    stored = fetched(installation, job, account.discharging, sign_convention="wysiwyg", unit="kW")
    assert consumption.values[:4].sum() < 0  # it sells first
    np.testing.assert_allclose(stored.values, -1000 * consumption.values, atol=1e-9)


def test_the_state_of_charge_is_stored_at_49_moments_in_percent(installation, account):
    level = battery_sensor(installation, account, "level", "%", timedelta(0))
    context = price_of(account)
    model = {**BATTERY, "state-of-charge": {"sensor": level.id}}
    job = run(installation, account.discharging, flex_model=model, flex_context=context)
    assert job.error is None
    assert job.result["num-beliefs"] == 48 + 49
    # The next schedule starts where this one says the battery will be: 0.05 of 0.45 MWh.
    later = run(
        installation,
        account.discharging,
        flex_model={"state-of-charge": {"sensor": level.id}, "power-capacity": 0},
        flex_context=context,
        start=START + HALF_DAY,
        duration=timedelta(hours=1),
        prior=installation.now() + timedelta(minutes=1),
    )
    assert later.error is None
    assert later.result["scheduler_info"]["assumed"] == []


def test_output_sensors_say_which_way_is_positive(installation, account):
    quarter = timedelta(minutes=15)
    eaten = battery_sensor(installation, account, "consumption", "kW", quarter)
    given = battery_sensor(installation, account, "production", "kW", quarter)
    model = {
        **BATTERY,
        "consumption": {"sensor": eaten.id},
        "production": {"sensor": given.id},
    }
    job = run(installation, account.discharging, flex_model=model, flex_context=price_of(account))
    power = fetched(installation, job, account.discharging, unit="kW").values
    with installation.database.reading() as session:
        eaten, given = session.get(Sensor, eaten.id), session.get(Sensor, given.id)
        assert eaten.attributes["consumption_is_positive"] is True
        assert given.attributes["consumption_is_positive"] is False
        consumption = schedules.fetch(installation, session, job, eaten).values
        production = schedules.fetch(installation, session, job, given).values
    np.testing.assert_allclose(consumption, np.maximum(power, 0), atol=1e-3)
    np.testing.assert_allclose(production, np.minimum(power, 0), atol=1e-3)


def test_an_asset_schedules_the_devices_of_its_list(installation, account):
    job = run(
        installation,
        account.battery,
        flex_model=[{"sensor": account.discharging.id, **BATTERY}],
        flex_context=price_of(account),
    )
    found = fetched(installation, job, account.discharging)
    assert found.scheduler_info["cost"] == pytest.approx(LEAST_COST)


def test_stored_configuration_and_a_target_beyond_the_window(installation, account):
    with installation.database.transaction() as session:
        battery = present(session, account.battery)
        battery.flex_model = {"soc-max": "400 kWh"}
        battery.flex_context = price_of(account)
    end = START + HALF_DAY + timedelta(hours=2)
    targets = [{"value": "400 kWh", "datetime": end.isoformat()}]
    job = run(installation, account.discharging, flex_model={**BATTERY, "soc-targets": targets})
    assert job.error is None
    assert job.result["num-beliefs"] == 14 * 4


def test_only_prices_known_at_the_time_count(installation, account):
    before = installation.now() - timedelta(hours=1)
    job = run(
        installation,
        account.discharging,
        flex_model=BATTERY,
        flex_context=price_of(account),
        prior=before,
    )
    assert job.error["type"] == "UnknownPrices"
    assert "No consumption-price (sensor 3) is known" in job.error["message"]


def test_an_infeasible_schedule_fails_with_its_reasons_and_stores_nothing(installation, account):
    soon = START + timedelta(minutes=15)
    targets = [{"value": "450 kWh", "datetime": soon.isoformat()}]
    job = run(
        installation,
        account.discharging,
        flex_model={**BATTERY, "soc-targets": targets},
        flex_context=price_of(account),
    )
    assert job.state == "failed"
    assert job.error["type"] == "InfeasibleSchedule"
    assert job.error["field"] == "soc-targets"
    assert "toy-battery (sensor 2): soc-targets (0.45 MWh at" in job.error["message"]
    assert "The smallest change with which there is a schedule" in job.error["message"]
    assert job.error["details"]["repair"][0]["field"] == "soc-targets"
    assert job.result is None


@pytest.mark.parametrize(
    ("flex_model", "field", "message"),
    [
        ({"soc-at-start": "full"}, "soc-at-start", "Cannot convert value 'full'"),
        ({"soc-start": 1}, "soc-start", "Unknown field."),
        ({"soc-minima": {"sensor": 99}}, "soc-minima", "No sensor found with ID 99."),
    ],
)
def test_errors_are_raised_when_the_schedule_is_asked_for(
    installation, account, flex_model, field, message
):
    with pytest.raises(InvalidInput) as caught:
        trigger(
            installation,
            account.discharging,
            flex_model=flex_model,
            flex_context=price_of(account),
        )
    assert caught.value.field == field
    assert message in caught.value.message


def test_sensors_of_others_are_neither_read_nor_written(installation, tenant):
    model = {"soc-at-start": 1, "soc-max": "2 MWh", "power-capacity": "5 kW"}
    context = {"consumption-price": {"sensor": tenant.prices.id}}
    asked = {"requester": tenant.member, "flex_context": context}
    hidden = {**context, "inflexible-device-sensors": [tenant.other_power.id]}
    trigger(installation, tenant.power, **asked, flex_model=model)
    with pytest.raises(InvalidInput, match="No sensor found with ID"):
        trigger(installation, tenant.power, **{**asked, "flex_context": hidden}, flex_model=model)
    with installation.database.transaction() as session:
        public = sensors.create_sensor(
            installation,
            session,
            name="level",
            unit="kWh",
            event_resolution=timedelta(0),
            asset_id=tenant.market.id,
        ).id
    written = {**model, "state-of-charge": {"sensor": public}}
    with pytest.raises(InvalidInput, match="but not store results on it") as caught:
        trigger(installation, tenant.power, **asked, flex_model=written)
    assert caught.value.field == "state-of-charge"


def test_a_new_plan_stays_with_the_old_one_where_little_is_gained(installation, account):
    """The old plan is read back from the sensor, whichever way is positive there."""
    flat = {"consumption-price": {"sensor": account.prices.id}}
    first = fetched(
        installation,
        run(installation, account.discharging, flex_model=BATTERY, flex_context=flat),
        account.discharging,
    )
    dearer = {"consumption-price": "10 EUR/MWh", "production-price": "9 EUR/MWh"}
    later = installation.now() + timedelta(minutes=10)
    calm = run(
        installation,
        account.discharging,
        flex_model=BATTERY,
        flex_context={**dearer, "stability-cost": "1 EUR/kWh"},
        prior=later,
    )
    found = fetched(installation, calm, account.discharging)
    np.testing.assert_allclose(found.values, first.values, atol=1e-6)
    costs = found.scheduler_info["commitment_costs"]
    assert costs["stability device 0"] == pytest.approx(0, abs=1e-2)  # for rounding at storage
    lively = run(
        installation,
        account.discharging,
        flex_model=BATTERY,
        flex_context=dearer,
        prior=later + timedelta(minutes=10),
    )
    assert np.abs(fetched(installation, lively, account.discharging).values).sum() < 1


def test_the_power_of_a_group_is_stored_on_the_sensor_that_stands_for_it(installation, account):
    fuse = battery_sensor(installation, account, "fuse", "kW", timedelta(minutes=15))
    job = run(
        installation,
        account.battery,
        flex_model=[
            {"sensor": account.discharging.id, **BATTERY, "group": {"sensor": fuse.id}},
            {"sensor": fuse.id, "power-capacity": "200 kW"},
        ],
        flex_context=price_of(account),
    )
    power = fetched(installation, job, account.discharging, unit="kW").values
    np.testing.assert_allclose(fetched(installation, job, fuse).values, power, atol=1e-3)
    assert np.abs(power).max() == pytest.approx(200)


def test_sources_of_some_accounts_count(installation, account):
    context = {"consumption-price": {"sensor": account.prices.id, "source-account": [99]}}
    job = run(installation, account.discharging, flex_model=BATTERY, flex_context=context)
    assert job.error is not None
    assert "No consumption-price" in str(job.error)


def test_prices_that_nobody_has_told_of_for_long_are_named(installation, account, clock):
    request = {
        "flex_model": BATTERY,
        "flex_context": {"consumption-price-sensor": account.prices.id},
    }
    fresh = run(installation, account.discharging, **request)
    assert fresh.result["scheduler_info"]["stale"] == []
    clock.advance(timedelta(hours=25))
    job = run(installation, account.discharging, **request)
    (text,) = job.result["scheduler_info"]["stale"]
    assert text.startswith(f"consumption-price: the newest value of sensor {account.prices.id}")


def test_the_state_of_charge_at_the_start_is_kept_for_the_next_request(installation, account):
    run(installation, account.discharging, flex_model=BATTERY, flex_context=price_of(account))
    with installation.database.reading() as session:
        attributes = present(session, account.battery).attributes
    assert attributes["soc_in_mwh"] == 0.225
    assert datetime.fromisoformat(attributes["soc_datetime"]) == START
    again = {"roundtrip-efficiency": "90%"}
    job = run(installation, account.discharging, flex_model=again, flex_context=price_of(account))
    assert job.result["scheduler_info"]["assumed"] == []
    found = fetched(installation, job, account.discharging)
    assert float(found.values @ np.repeat(PRICES[6:18], 4)) / 4 == pytest.approx(
        LEAST_COST, abs=1e-5
    )
