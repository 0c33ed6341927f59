"""The released Python client against ``fmhost run``: schedules, forecasts and their jobs."""

from __future__ import annotations

import pytest
from flexmeasures_client import FlexMeasuresClient

START = "2026-03-03T00:00:00+01:00"

LIMITS = {"power-capacity": "20 kW", "production-capacity": "0 kW"}

#: From empty to 20 kWh in six hours, with 20 kW.
STORAGE = {
    "soc-at-start": "0 kWh",
    "soc-min": "0 kWh",
    "soc-max": "50 kWh",
    "soc-targets": [{"value": "20 kWh", "datetime": "2026-03-03T06:00:00+01:00"}],
    **LIMITS,
    "roundtrip-efficiency": "100%",
}

#: All that is needed fits into the cheap hour, the third, at full power [kW].
CHEAPEST = pytest.approx([0] * 8 + [20] * 4 + [0] * 12, abs=1e-3)

follows_jobs = pytest.mark.skipif(
    not hasattr(FlexMeasuresClient, "wait_for_job"), reason="this client knows no jobs"
)


def test_a_sensor_is_scheduled(boss, priced):
    _asset, power, _second, _prices = priced("one battery")
    got = boss.trigger_and_get_schedule(
        sensor_id=power, start=START, duration="PT6H", flex_model=STORAGE
    )
    assert got["values"] == CHEAPEST
    assert (got["unit"], got["duration"]) == ("kW", "PT6H")
    again = boss.trigger_and_get_schedule(
        sensor_id=power,
        start=START,
        duration="PT6H",
        flex_model=STORAGE,
        prior="2026-03-03T00:00:00+01:00",
        unit="W",
    )
    assert (again["values"][8], again["unit"]) == (pytest.approx(20_000, abs=1), "W")


# The client itself calls its method as it says one should not any more.
@pytest.mark.filterwarnings("ignore:The default behavior of update_asset:FutureWarning")
def test_the_devices_of_an_asset_are_scheduled_together(boss, priced):
    asset, power, second, _prices = priced("two batteries")
    devices = [{"sensor": power, **STORAGE}, {"sensor": second, **STORAGE}]
    got = boss.trigger_and_get_schedule(
        asset_id=asset["id"],
        start=START,
        duration="PT6H",
        flex_model=devices,
        flex_context={"site-power-capacity": "100 kW"},
        scheduler="StorageScheduler",
    )
    assert [each["sensor"] for each in got] == [power, second]
    assert [each["values"] for each in got] == [CHEAPEST, CHEAPEST]


def test_the_models_that_the_client_makes_are_understood(boss, priced):
    _asset, power, _second, prices = priced("older fields")
    model = FlexMeasuresClient.create_storage_flex_model(
        soc_unit="kWh",
        soc_at_start=0,
        soc_min=0,
        soc_max=50,
        soc_targets=[{"value": 20, "datetime": "2026-03-03T06:00:00+01:00"}],
        roundtrip_efficiency=1,
        storage_efficiency=1,
        soc_minima=[{"value": 0, "datetime": "2026-03-03T01:00:00+01:00"}],
        soc_maxima=[{"value": 50, "datetime": "2026-03-03T01:00:00+01:00"}],
    )
    context = FlexMeasuresClient.create_storage_flex_context(
        consumption_price_sensor=prices, production_price_sensor=prices
    )
    uuid = boss.trigger_schedule(
        sensor_id=power,
        start=START,
        duration="PT6H",
        flex_model={**model, **LIMITS},
        flex_context=context,
    )
    if hasattr(boss.client, "wait_for_job"):
        boss.wait_for_job(uuid)
    got = boss.get_schedule(power, uuid, duration="PT6H", unit="kW")
    assert got["values"] == CHEAPEST


def test_a_schedule_that_cannot_be_is_told(boss, priced):
    _asset, power, _second, _prices = priced("small battery")
    impossible = {**STORAGE, "soc-max": "10 kWh"}
    with pytest.raises(Exception, match=r"InfeasibleSchedule: .*infeasible problem"):
        boss.trigger_and_get_schedule(
            sensor_id=power, start=START, duration="PT6H", flex_model=impossible
        )


@follows_jobs
def test_a_job_is_followed(boss, priced):
    _asset, power, _second, _prices = priced("followed")
    uuid = boss.trigger_schedule(sensor_id=power, start=START, duration="PT6H", flex_model=STORAGE)
    job = boss.wait_for_job(uuid, timeout=60)
    assert job["status"] == "FINISHED"
    assert boss.get_job_status(uuid) == job
    assert job["origin"] == "scheduling"


@follows_jobs
def test_a_client_that_reads_newer_answers_gets_them(boss, priced, sensor):
    asset, power, _second, _prices = priced("newer")
    version = {"attributes": {"flexmeasures-client-version": "0.9.6"}}
    boss.update_asset(asset["id"], version, parse_json_fields=True)
    load = sensor(asset, "load", "kW", "PT1H")
    posted, status = boss.post_sensor_data(
        load,
        start="2026-02-17T00:00:00+01:00",
        duration="P14D",
        values=[5] * 24 * 14,
        unit="kW",
        prior=START,
    )
    assert status == 202
    boss.wait_for_job(posted["job"], timeout=60)
    stored = boss.get_sensor_data(load, "2026-02-17T00:00:00+01:00", "PT2H", "kW", "PT1H")
    assert stored["values"] == [5, 5]
    forecast = boss.trigger_and_get_forecast(load, start=START, duration="PT24H")
    assert forecast["values"] == pytest.approx([5] * 24, abs=0.1)
    schedule = boss.trigger_and_get_schedule(
        sensor_id=power, start=START, duration="PT6H", flex_model=STORAGE
    )
    assert schedule["values"] == CHEAPEST


def test_a_forecast_repeats_what_was_measured(boss, site, sensor):
    load = sensor(site("office"), "load", "kW", "PT1H")
    day = list(range(24))
    boss.post_sensor_data(
        load,
        start="2026-02-17T00:00:00+01:00",
        duration="P14D",
        values=day * 14,
        unit="kW",
        prior="2026-03-03T00:00:00+01:00",
    )
    asked = {
        "start": START,
        "duration": "PT24H",
        "max_forecast_horizon": "PT24H",
        "train_period": "P7D",
    }
    got = boss.trigger_and_get_forecast(load, **asked)
    assert (got["values"], got["unit"]) == (pytest.approx(day, abs=0.2), "kW")
    uuid = boss.trigger_forecast(load, **asked)
    if hasattr(boss.client, "wait_for_job"):
        boss.wait_for_job(uuid)
    assert boss.get_forecast(load, uuid)["values"] == pytest.approx(day, abs=0.2)
