"""The scheduler over series in memory: prices, site, window, several devices, errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import (
    ComputationFailed,
    ConfigurationError,
    InfeasibleProblem,
    InvalidInput,
    UnknownPrices,
    metrics,
)
from fmhost_storage.solvers.choice import choose_solver
from fmhost_storage.solvers.pyomo import PyomoSolver

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
HALF_FULL = {"soc-at-start": "500 kWh"}


def moment(hours):
    return (START + hours * HOUR).isoformat()


def target(value, hours):
    return {"value": value, "datetime": moment(hours)}


def energy(scheduler):
    """Energy of the only device in each hour [MWh, consumption positive]."""
    return scheduler.compute()[0].values.reshape(-1, 4).sum(axis=1) / 4


def context(place, **fields):
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    return {"consumption-price": {"sensor": place.prices.id}, **given}


def test_the_time_of_the_solver_is_told_to_those_who_watch(place, tmp_path):
    metrics.count_in(tmp_path)
    place.scheduler(HALF_FULL).compute()
    (counted,) = tmp_path.glob("*.cells")
    metrics.count_in(None)
    assert b"fmhost_solver_seconds" in counted.read_bytes()
    assert b'"solver": "highs"' in counted.read_bytes()


def test_it_buys_in_the_cheapest_hour_and_sells_in_the_dearest(place):
    made = place.scheduler(HALF_FULL)
    (result,) = made.compute()
    assert (result.name, result.unit, result.sensor) == ("storage_schedule", "MW", place.power)
    assert (result.start, result.resolution) == (START, QUARTER)
    hourly = result.values.reshape(-1, 4).sum(axis=1) / 4
    np.testing.assert_allclose(hourly, [-0.5, 0.5, 0, -0.5], atol=1e-9)
    cost = -0.5 * 50 + 0.5 * 20 - 0.5 * 80
    assert made.info["commitment_costs"] == {"electricity net energy": pytest.approx(cost)}
    assert made.info["cost"] == pytest.approx(cost)
    assert made.info["cost_without_devices"] == 0
    assert made.info["saving"] == pytest.approx(-cost)
    assert made.info["currency"] == "EUR"
    assert made.info["scheduler"] == "StorageScheduler"
    assert made.info["solver"]["rung"] == "linear"
    assert made.info["solver"]["seconds"] <= made.info["seconds"]["solving"]
    assert made.info["assumed"] == made.info["warnings"] == []


def test_the_same_inputs_give_the_same_bytes(place):
    made = place.scheduler(HALF_FULL)
    first = made.compute()[0].values.tobytes()
    made.deserialize_config()
    assert made.compute()[0].values.tobytes() == first
    assert place.scheduler(HALF_FULL).compute()[0].values.tobytes() == first


def test_it_needs_a_reader(place):
    place.book = None
    with pytest.raises(TypeError, match="reader"):
        place.scheduler(HALF_FULL)


# Prices


@pytest.mark.parametrize(
    "price",
    [
        [
            {"value": "50 EUR/MWh", "start": moment(0), "duration": "PT1H"},
            {"value": "2 cEUR/kWh", "start": moment(1), "duration": "PT1H"},
            {"value": 30, "start": moment(2), "duration": "PT1H"},
            {"value": "0.08 EUR/kWh", "start": moment(3), "end": moment(9)},
        ],
        {"sensor": 2},
        {"sensor": 2, "source-types": ["user"], "default": "1 EUR/MWh"},
    ],
)
def test_prices_as_series_or_sensor(place, price):
    made = place.scheduler(HALF_FULL, {"consumption-price": price})
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)


def test_with_a_production_price_of_zero_nothing_is_sold(place):
    made = place.scheduler(HALF_FULL, context(place, production_price="0 EUR/MWh"))
    assert energy(made).tolist() == [0, 0, 0, 0]


def test_missing_prices_are_those_of_the_nearest_known_and_told(place):
    place.book.records.clear()
    place.book.write(place.prices, [20.0, 30.0], start=START + HOUR)
    made = place.scheduler(HALF_FULL)
    np.testing.assert_allclose(energy(made), [0.5, 0, -0.5, -0.5], atol=1e-9)
    (note,) = made.info["assumed"]
    assert note == (
        "consumption-price: sensor 2 has no value for 8 of 16 steps (the first at "
        "2026-03-02T06:00:00+00:00); the nearest known price is taken instead."
    )
    told = made.describe_explanation(made.explanation)
    assert told["assumed-when"] == [
        {"start": f"2026-03-02T{first}:00:00+00:00", "end": f"2026-03-02T{last}:00:00+00:00"}
        | {"text": note}
        for first, last in (("06", "07"), ("09", "10"))
    ]


def test_gaps_in_listed_prices_are_told_too(place):
    price = [{"value": "50 EUR/MWh", "start": moment(0), "duration": "PT1H"}]
    made = place.scheduler(HALF_FULL, {"consumption-price": price})
    made.compute()
    assert "consumption-price: the list of segments has no value for 12" in made.info["assumed"][0]


def test_without_any_price_there_is_no_schedule(place):
    place.book.records.clear()
    made = place.scheduler(HALF_FULL)
    with pytest.raises(UnknownPrices, match=r"No consumption-price \(sensor 2\) is known") as told:
        made.compute()
    assert told.value.field == "consumption-price"


# The site


def test_inflexible_devices_use_the_site_with_the_sign_of_their_sensor(place):
    roof = place.book.write(place.book.add(place.building, "kW", HOUR), [0, 300, 0, 0])
    load = place.book.add(place.building, "kWh", QUARTER, {"consumption_is_positive": True})
    place.book.write(load, [50.0] * 16)  # 200 kW
    fields = {"inflexible_device_sensors": [roof.id, load.id], "site_consumption_capacity": "0.4MW"}
    made = place.scheduler(HALF_FULL, context(place, **fields))
    found = energy(made)
    # of 400 kW, the load leaves 200 kW; in the second hour the roof adds 300 kW
    np.testing.assert_allclose(found, [-0.5, 0.5, 0, -0.5], atol=1e-9)
    idle = 0.2 * (50 + 20 + 30 + 80) - 0.3 * 20
    assert made.info["cost_without_devices"] == pytest.approx(idle)
    assert made.info["cost"] == pytest.approx(idle - 25 + 10 - 40)
    assert made.info["assumed"] == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"site_power_capacity": "250 kW"}, [-0.25, 0.25, -0.25, -0.25]),
        ({"site_production_capacity": "250 kW"}, [-0.25, 0.25, -0.25, -0.25]),
        ({"site_consumption_capacity": "250 kW"}, [-0.5, 0.25, 0.25, -0.5]),
        ({"site_power_capacity": "1 MW", "site_production_capacity": 0}, [0, 0, 0, 0]),
    ],
)
def test_capacities_of_the_site(place, fields, expected):
    found = energy(place.scheduler(HALF_FULL, context(place, **fields)))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_missing_power_of_inflexible_devices_is_counted_and_told(place):
    roof = place.book.write(place.book.add(place.building, "kW", HOUR), [100.0])
    made = place.scheduler(HALF_FULL, context(place, inflexible_device_sensors=[roof.id]))
    made.compute()
    (note,) = made.info["assumed"]
    assert note.startswith("inflexible-device-sensors: sensor 3 has no value for 12 of 16 steps")
    assert made.info["cost_without_devices"] == pytest.approx(-0.1 * 50)


def test_the_scheduled_sensor_is_not_inflexible(place):
    place.book.write(place.power, [0.5] * 16)
    made = place.scheduler(HALF_FULL, context(place, inflexible_device_sensors=[place.power.id]))
    made.compute()
    assert made.info["cost_without_devices"] == 0
    assert "sensor 1 is scheduled itself" in made.info["warnings"][0]


def test_missing_capacities_are_told(place):
    limits = place.book.write(place.book.add(place.building, "kW", HOUR), [250.0])
    reference = {"sensor": limits.id}
    made = place.scheduler(
        {**HALF_FULL, "consumption-capacity": reference, "power-capacity": reference},
        context(place, site_power_capacity=reference, site_production_capacity=reference),
    )
    made.compute()
    told = " ".join(made.info["assumed"])
    for text in ("power-capacity is taken instead", "no limit is taken", "nearest known value"):
        assert text in told
    place.book.records.pop(limits.id)
    with pytest.raises(ComputationFailed, match="No power-capacity is known"):
        place.scheduler({**HALF_FULL, "power-capacity": reference}).compute()


# Several devices


def test_an_asset_schedules_its_devices_together(place):
    other = place.book.add(place.battery, "kW")
    entries = [
        {"sensor": place.power.id, **HALF_FULL},
        {"sensor": other.id, "soc-at-start": "0 kWh", "power-capacity": "300 kW"},
    ]
    limit = context(place, site_consumption_capacity="600 kW")
    made = place.scheduler(entries, limit, target=place.building)
    first, second = made.compute()
    assert (first.sensor, second.sensor) == (place.power, other)
    total = first.values + second.values
    assert total.max() == pytest.approx(0.6)
    assert total.sum() / 4 == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("entries", "field", "message"),
    [
        ({}, "flex-model", "needs a list with one flex-model per device"),
        ([], "flex-model", "needs a list with one flex-model per device"),
        ([3], "flex-model.0", "Not a valid mapping type."),
        ([{"soc-min": 0}], "flex-model.0.sensor", "Specify either a sensor or an asset."),
        ([{"sensor": 99}], "flex-model.0.sensor", "No sensor found with ID 99."),
        ([{"sensor": 2}], "flex-model.0.sensor", "Sensor 2 does not belong to asset 1"),
        ([{"sensor": 1}, {"sensor": 1}], "flex-model.1.sensor", "should not occur more than once"),
        ([{"sensor": 1, "soc-min": "x"}], "flex-model.0.soc-min", "Cannot convert value 'x'"),
        ([{"sensor": 1, "asset": 1}], "flex-model.0.asset", "Sensor does not belong to asset."),
        ([{"asset": "x"}], "flex-model.0.asset", "Not a valid integer."),
        ([{"asset": 3}], "flex-model.0.asset", "Asset 3 is not asset 1 (or one of its offspring)"),
        ([{"asset": 2}], "flex-model.0.asset", "No sensor takes the schedule of asset 2."),
        (
            [{"asset": 2, "consumption": {"sensor": 1}}] * 2,
            "flex-model.1.asset",
            "Asset 2 should not occur more than once in the flex-model.",
        ),
        (
            [{"asset": 2, "state-of-charge": {"sensor": 3}, "storage-efficiency": "99%"}],
            "flex-model.0.storage-efficiency",
            "cannot be interpreted without a resolution",
        ),
    ],
)
def test_errors_in_the_list_of_devices_name_their_place(place, entries, field, message):
    place.book.add(place.battery, "kWh", timedelta(0))
    with pytest.raises(InvalidInput) as caught:
        place.scheduler(entries, context(place), target=place.building)
    assert caught.value.field == field
    assert message in caught.value.message


def test_an_asset_is_a_device_whose_schedule_its_outputs_take(place):
    consumption, production = (place.book.add(place.battery, "kW") for _ in range(2))
    level = place.book.add(place.battery, "kWh", timedelta(0))
    entry = {
        "asset": place.battery.id,
        **HALF_FULL,
        "consumption": {"sensor": consumption.id},
        "production": {"sensor": production.id},
        "state-of-charge": {"sensor": level.id},
    }
    made = place.scheduler([entry], context(place), target=place.building)
    used, fed, soc = made.compute()
    assert (used.sensor, fed.sensor, soc.sensor) == (consumption, production, level)
    power = used.values - fed.values
    hourly = power.reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(hourly, [-0.5, 0.5, 0, -0.5], atol=1e-9)
    assert np.all(used.values * fed.values == 0)
    np.testing.assert_allclose(soc.values, 0.5 + np.cumsum([0, *power]) / 4)


def test_sensor_and_asset_may_both_be_named(place):
    entry = {"sensor": place.power.id, "asset": place.battery.id, **HALF_FULL}
    (result,) = place.scheduler([entry], context(place), target=place.building).compute()
    assert result.sensor == place.power


@pytest.mark.parametrize("entries", [None, []])
def test_devices_that_are_not_listed_come_from_the_flex_models_of_assets_below(place, entries):
    output = place.book.add(place.battery, "kW")
    place.battery.flex_model = {"soc-at-start": "0.5 MWh", "consumption": {"sensor": output.id}}
    made = place.scheduler(entries, context(place), target=place.building)
    (result,) = made.compute()
    assert result.sensor == output
    hourly = result.values.reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(hourly, [-0.5, 0.5, 0, -0.5], atol=1e-9)
    assert made.flex_model[0].name == "battery (asset 2)"


def test_what_is_listed_is_not_filled_in_again(place):
    output = place.book.add(place.battery, "kW")
    place.battery.flex_model = {"soc-at-start": "0.5 MWh", "consumption": {"sensor": output.id}}
    entry = {"sensor": place.power.id, "soc-at-start": "0 kWh"}
    first, second = place.scheduler([entry], context(place), target=place.building).compute()
    assert (first.sensor, second.sensor) == (place.power, output)
    assert first.values.sum() == pytest.approx(0)  # it began empty, not as the stored entry says


def test_devices_must_be_writable(place):
    place.book.closed.add(place.power.id)
    with pytest.raises(InvalidInput, match="not store results"):
        place.scheduler([{"sensor": 1}], context(place), target=place.building)


# When it does not work


def test_an_infeasible_schedule_says_what_cannot_hold(place):
    made = place.scheduler({**HALF_FULL, "soc-targets": [target("1.9 MWh", 2)]})
    with pytest.raises(InfeasibleProblem) as caught:
        made.compute()
    assert caught.value.field == "soc-targets"
    words = "battery (sensor 1): soc-targets (1.9 MWh at 2026-03-02T08:00:00+00:00)"
    assert words in str(caught.value)


@pytest.mark.parametrize("program", ["appsi_highs", "cbc", "glpk"])
def test_a_program_that_somebody_names_is_used(place, program):
    """Through pyomo; HiGHS runs in process."""
    if program != "appsi_highs":
        try:
            PyomoSolver(program).require()
        except ConfigurationError as error:
            pytest.skip(str(error))
    made = place.scheduler(HALF_FULL, FLEXMEASURES_LP_SOLVER=program)
    made.compute()
    wanted = "highs" if program == "appsi_highs" else f"pyomo: {program}"
    assert made.info["solver"]["name"] == wanted
    assert made.info["cost"] == pytest.approx(-0.5 * 50 + 0.5 * 20 - 0.5 * 80)


class Told(dict):
    """Settings that say where they come from."""

    def source(self, name):
        return "argument" if name in self["told"] else "default"


@pytest.mark.parametrize(
    ("told", "chosen"),
    [
        ((), "highs"),
        (("FLEXMEASURES_LP_SOLVER",), "pyomo: glpk"),
        (("FLEXMEASURES_LP_SOLVER", "FMHOST_SOLVER"), "highs"),
    ],
)
def test_the_default_of_a_setting_is_no_choice(told, chosen):
    settings = Told(FMHOST_SOLVER="highs", FLEXMEASURES_LP_SOLVER="glpk", told=told)
    assert choose_solver(settings)[0] == chosen


def test_another_solver_gives_the_same_cost(place):
    settings = {"FMHOST_SOLVER": "pyomo", "FLEXMEASURES_LP_SOLVER": "appsi_highs"}
    made = place.scheduler(HALF_FULL, **settings)
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-6)
    assert made.info["solver"]["name"] == "pyomo: appsi_highs"


@pytest.mark.parametrize(
    ("settings", "field", "message"),
    [
        ({"FMHOST_SOLVER": "abacus"}, "FMHOST_SOLVER", "no solver driver called 'abacus'"),
        (
            {"FMHOST_SOLVER": "pyomo", "FLEXMEASURES_LP_SOLVER": "abacus"},
            "FLEXMEASURES_LP_SOLVER",
            "abacus",
        ),
        (
            {"FLEXMEASURES_LP_SOLVER_OPTIONS": {"threads": 4}},
            "FLEXMEASURES_LP_SOLVER_OPTIONS",
            "The option 'threads' of solvers is not supported.",
        ),
    ],
)
def test_an_unknown_solver_is_named(place, settings, field, message):
    made = place.scheduler(HALF_FULL, **settings)
    with pytest.raises(ConfigurationError) as caught:
        made.compute()
    assert caught.value.field == field
    assert message in caught.value.message


def test_the_solver_may_be_given_a_time_limit(place):
    made = place.scheduler(HALF_FULL, FLEXMEASURES_LP_SOLVER_OPTIONS={"time_limit": 60})
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)
