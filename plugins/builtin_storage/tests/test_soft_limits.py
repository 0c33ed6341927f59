"""Soft limits, peaks and commitments: what a schedule does and costs; amounts worked by hand.

Prices are 50, 20, 30 and 80 EUR/MWh in four hours; the battery has 0.5 MW and 0 to 2 MWh, without
losses. Left alone with 0.5 MWh it sells 0.5 MWh in the first hour, buys them back in the second and
sells them in the last.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import InfeasibleProblem, InvalidInput, UnknownPrices

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
NET = "electricity net energy"


def moment(hours):
    return (START + hours * HOUR).isoformat()


def target(value, hours):
    return {"value": value, "datetime": moment(hours)}


def scheduler(place, flex_model, context=None, **options):
    prices = {"consumption-price": {"sensor": place.prices.id}}
    return place.scheduler(
        {"soc-at-start": "500 kWh", **flex_model}, {**prices, **(context or {})}, **options
    )


def energy(made, hours=4):
    """Energy of the only device in each hour [MWh, consumption positive]."""
    return made.compute()[0].values.reshape(hours, -1).mean(axis=1)


SOC_RELAXED = {"relax-soc-constraints": True}


@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_a_target_out_of_reach_is_approached_and_the_breach_does_not_depend_on_the_step(
    place, minutes
):
    made = scheduler(
        place,
        {"soc-targets": [target("1.9 MWh", 2)]},
        SOC_RELAXED,
        resolution=timedelta(minutes=minutes),
    )
    np.testing.assert_allclose(energy(made), [0.5, 0.5, -0.5, -0.5], atol=1e-9)
    costs = made.info["commitment_costs"]
    # 400 kWh short at one moment: 1000 EUR/kWh once, and per hour for one step
    assert costs["any soc targets"] == pytest.approx(400e3)
    assert costs["all soc targets"] == pytest.approx(400e3 * minutes / 60)
    assert made.info["penalties"] == pytest.approx(400e3 * (1 + minutes / 60))
    assert made.info["cost"] == pytest.approx(costs[NET] + made.info["penalties"])
    assert made.info["saving"] == pytest.approx(-costs[NET])


@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_the_money_of_a_lasting_breach_does_not_depend_on_the_length_of_a_step(place, minutes):
    floor = [{"value": "700 kWh", "start": moment(1), "end": moment(3)}]
    made = scheduler(
        place,
        {"soc-minima": floor, "power-capacity": 0},
        {"soc-minima-breach-price": "3 EUR/kWh"},
        resolution=timedelta(minutes=minutes),
    )
    assert energy(made).tolist() == [0, 0, 0, 0]
    costs = made.info["commitment_costs"]
    assert costs["any soc minima"] == pytest.approx(3 * 200)
    # both ends of the range are told, so that it covers one step more than its length
    assert costs["all soc minima"] == pytest.approx(3 * 200 * (2 + minutes / 60))


def test_breaches_are_listed_with_their_time_and_amount(place):
    made = scheduler(place, {"soc-targets": [target("1.9 MWh", 2)]}, {"relax-constraints": True})
    made.compute()
    assert made.info["breaches"] == [
        {
            "field": "soc-targets",
            "asset": place.battery.id,
            "sensor": place.power.id,
            "start": moment(2),
            "end": moment(2),
            "at": moment(2),
            "amount": 400.0,
            "unit": "kWh",
        }
    ]
    assert made.info["unresolved"] == [
        {
            "constraint": "soc-targets",
            "asset": place.battery.id,
            "sensor": place.power.id,
            "datetime": moment(2),
            "violation": "400 kWh",
        }
    ]
    assert made.info["resolved"] == []


def test_soft_limits_that_hold_are_told_with_their_margin(place):
    made = scheduler(place, {"soc-maxima": [target("750 kWh", 2)]}, SOC_RELAXED)
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    (entry,) = made.info["resolved"]
    assert (entry["constraint"], entry["datetime"], entry["margin"]) == (
        "soc-maxima",
        moment(2),
        "250 kWh",
    )
    assert made.info["breaches"] == made.info["unresolved"] == []
    assert made.info["penalties"] == 0


@pytest.mark.parametrize(
    ("limits", "price", "expected"),
    [
        # a breach of one step of 15 minutes costs 1.25 times its price; to buy in the third hour
        # instead of the second costs 10 EUR/MWh, to sell then instead of in the first, 20
        ({"soc-maxima": [target("200 kWh", 2)]}, 100, [-0.5, 0.2, 0.3, -0.5]),
        ({"soc-maxima": [target("200 kWh", 2)]}, 5, [-0.5, 0.5, 0, -0.5]),
        ({"soc-minima": [target("200 kWh", 1)]}, 100, [-0.3, 0.5, -0.2, -0.5]),
        ({"soc-minima": [target("200 kWh", 1)]}, 5, [-0.5, 0.5, 0, -0.5]),
    ],
)
def test_a_breach_is_weighed_against_the_price_of_energy(place, limits, price, expected):
    (field,) = limits
    context = {f"{field}-breach-price": f"{price} EUR/MWh"}
    found = energy(scheduler(place, limits, context))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_targets_are_soft_only_where_both_prices_of_breaches_are_set(place):
    given = {"soc-targets": [target("1.9 MWh", 2)]}
    price = "1 EUR/kWh"
    for field in ("soc-minima-breach-price", "soc-maxima-breach-price"):
        with pytest.raises(InfeasibleProblem):
            scheduler(place, given, {field: price}).compute()
    both = {"soc-minima-breach-price": price, "soc-maxima-breach-price": price}
    np.testing.assert_allclose(energy(scheduler(place, given, both))[:2], [0.5, 0.5], atol=1e-9)


@pytest.mark.parametrize(
    ("flags", "soft"),
    [
        ({}, []),
        ({"relax-constraints": False}, []),
        ({"relax-constraints": True}, ["soc_minima", "soc_maxima", "site_c", "site_p"]),
        ({"relax-constraints": True, "relax-soc-constraints": False}, ["site_c", "site_p"]),
        ({"relax-site-capacity-constraints": True}, ["site_c", "site_p"]),
        ({"relax-capacity-constraints": True}, ["consumption", "production"]),
        ({"relax-constraints": False, "site-production-breach-price": 1}, ["site_p"]),
    ],
)
def test_flags_make_limits_soft_at_the_usual_prices(place, flags, soft):
    context = {"consumption-price": {"sensor": place.prices.id}, **flags}
    found = place.site(context).breach_prices
    assert len(found) == len(soft)
    for name, start in zip(found, soft, strict=True):
        assert name.startswith(start)
    if flags == {"relax-constraints": True}:
        assert found["soc_minima_breach_price"].quantity.value == 1000 * 1000
        assert found["site_production_breach_price"].quantity.value == 10_000 * 1000
    if "relax-capacity-constraints" in flags:
        assert found["consumption_breach_price"].quantity.value == 100 * 1000


def test_the_capacity_of_the_site_is_breached_only_where_nothing_else_helps(place):
    load = place.book.add(place.building, "kW", HOUR, {"consumption_is_positive": True})
    place.book.write(load, [1200, 0, 0, 0])
    context = {
        "inflexible-device-sensors": [load.id],
        "site-consumption-capacity": "400 kW",
    }
    with pytest.raises(InfeasibleProblem):
        scheduler(place, {}, context).compute()
    made = scheduler(place, {}, {**context, "relax-constraints": True})
    np.testing.assert_allclose(energy(made)[:2], [-0.5, 0.4], atol=1e-9)
    (breach,) = made.info["breaches"]
    assert breach["field"] == "site-consumption-capacity"
    assert (breach["start"], breach["end"]) == (moment(0), moment(1))
    assert (breach["amount"], breach["unit"]) == (300.0, "kW")
    costs = made.info["commitment_costs"]
    assert costs["electricity any consumption breach"] == pytest.approx(3e6)
    assert costs["electricity all consumption breaches"] == pytest.approx(3e6)
    hard = {**context, "relax-constraints": True, "site-power-capacity": "600 kW"}
    with pytest.raises(InfeasibleProblem):
        scheduler(place, {}, hard).compute()


def test_the_production_of_the_site_has_a_breach_price_of_its_own(place):
    context = {
        "site-production-capacity": "200 kW",
        "site-production-breach-price": "10 EUR/MW",
    }
    made = scheduler(place, {}, context)
    # 10 EUR/MW for the highest and 10 EUR/MWh for each: less than selling early is worth
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    costs = made.info["commitment_costs"]
    assert costs["electricity any production breach"] == pytest.approx(3)
    assert costs["electricity all production breaches"] == pytest.approx(6)


def test_the_capacity_of_a_device_is_soft_up_to_its_power_capacity(place):
    context = {"consumption-breach-price": "1 EUR/MW", "production-breach-price": "1 EUR/kW"}
    limits = {"consumption-capacity": "250 kW", "production-capacity": "250 kW"}
    made = scheduler(place, limits, context)
    # buying more in the dip saves 10 EUR/MWh, breaching costs 2; selling more earns at most 30
    np.testing.assert_allclose(energy(made), [-0.25, 0.25, -0.25, -0.25], atol=1e-9)
    made = scheduler(place, {**limits, "production-capacity": "500 kW"}, context)
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    costs = made.info["commitment_costs"]
    assert costs["any consumption breach device 0"] == pytest.approx(0.25)
    assert costs["all consumption breaches device 0"] == pytest.approx(0.25)


def test_a_capacity_of_zero_stays_hard(place):
    context = {"relax-capacity-constraints": True, "production-breach-price": 0}
    found = energy(scheduler(place, {"production-capacity": "0 kW"}, context))
    assert found.tolist() == [0, 0, 0, 0]


# Peaks


@pytest.mark.parametrize(
    ("context", "expected", "cost"),
    [
        # 60 EUR/MWh is earned between the second hour and the last; 1 EUR/kW is dearer
        ({"site-peak-consumption-price": "1 EUR/kW"}, [0, 0, 0, -0.5], 0),
        ({"site-peak-consumption-price": "10 EUR/MW"}, [-0.5, 0.5, 0, -0.5], 5),
        (
            {"site-peak-consumption-price": "1 EUR/kW", "site-peak-consumption": "200 kW"},
            [-0.4, 0.2, 0.2, -0.5],
            0,
        ),
    ],
)
def test_the_peak_of_consumption(place, context, expected, cost):
    made = scheduler(place, {}, context)
    np.testing.assert_allclose(energy(made), expected, atol=1e-9)
    peak = made.info["commitment_costs"]["electricity consumption peak"]
    assert peak == pytest.approx(cost, abs=1e-6)


def test_the_peak_of_production(place):
    context = {"site-peak-production-price": "1 EUR/kW", "site-peak-production": "100 kW"}
    made = scheduler(place, {}, context)
    np.testing.assert_allclose(energy(made), [-0.1, -0.1, -0.1, -0.1], atol=1e-9)
    context["site-peak-production-price"] = "1 EUR/MW"
    made = scheduler(place, {}, context)
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    peak = made.info["commitment_costs"]["electricity production peak"]
    assert peak == pytest.approx(0.4)


# Commitments


@pytest.mark.parametrize("resolution", [15, 60])
@pytest.mark.parametrize(
    ("commitment", "expected", "cost"),
    [
        # a charge per energy above a baseline of 200 kW
        ({"baseline": "200 kW", "up-price": "50 EUR/MWh"}, [-0.4, 0.2, 0.2, -0.5], 0),
        ({"baseline": "200 kW", "up-price": "5 EUR/MWh"}, [-0.5, 0.5, 0, -0.5], 1.5),
        # a penalty on consuming less than promised in the first hour
        (
            {
                "baseline": [{"value": "0 kW", "start": moment(0), "duration": "PT1H"}],
                "down-price": "-100 EUR/MWh",
            },
            [0, 0.5, -0.5, -0.5],
            0,
        ),
        # an income for consuming less than 500 kW in the second hour, where it would consume
        (
            {
                "baseline": [{"value": "500 kW", "start": moment(1), "duration": "PT1H"}],
                "down-price": "70 EUR/MWh",
            },
            [0, -0.5, 0.5, -0.5],
            -70.0,
        ),
        # the largest deviation of the window, both ways
        (
            {"baseline": "0 kW", "up-price": "1 EUR/kW", "down-price": "-1 EUR/kW"},
            [0, 0, 0, 0],
            0,
        ),
        ({"baseline": "0 kW", "down-price": "-1 EUR/MW"}, [-0.5, 0.5, 0, -0.5], 0.5),
    ],
)
def test_commitments_of_the_site(place, commitment, expected, cost, resolution):
    context = {"commitments": [{"name": "promise", **commitment}]}
    made = scheduler(place, {}, context, resolution=timedelta(minutes=resolution))
    found = energy(made)
    assert made.info["commitment_costs"]["promise"] == pytest.approx(cost, abs=1e-6)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_commitment_of_some_sensors_leaves_the_others_free(place):
    other = place.book.add(place.battery, "kW")
    battery = {"soc-at-start": "500 kWh"}
    entries = [{"sensor": place.power.id, **battery}, {"sensor": other.id, **battery}]
    promise = {"name": "promise", "baseline": 0, "up-price": "1 EUR/kW", "down-price": "-1 EUR/kW"}
    context = {
        "consumption-price": {"sensor": place.prices.id},
        "commitments": [{**promise, "sensors": [other.id]}],
    }
    first, second = place.scheduler(entries, context, target=place.building).compute()
    assert second.values.tolist() == [0] * 16
    hourly = first.values.reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(hourly, [-0.5, 0.5, 0, -0.5], atol=1e-9)


@pytest.mark.parametrize(
    ("commitment", "field", "message"),
    [
        ({"sensors": [1, 2]}, "commitments.0.sensors.1", "Sensor 2 is not scheduled"),
        ({"up-price": "-1 EUR/kW"}, "commitments.0.up-price", "cannot be an income"),
        ({"down-price": "1 EUR/kW"}, "commitments.0.down-price", "cannot be an income"),
    ],
)
def test_commitments_that_make_no_sense(place, commitment, field, message):
    given = {"name": "x", "baseline": 0, "up-price": "1 EUR/kW", **commitment}
    with pytest.raises(InvalidInput) as caught:
        scheduler(place, {}, {"commitments": [given]}).compute()
    assert caught.value.field == field
    assert message in caught.value.message


def test_prices_of_commitments_may_change_over_time_and_must_be_known(place):
    price = [{"value": "100 EUR/MWh", "start": moment(0), "duration": "PT1H"}]
    price.append({"value": "0 EUR/MWh", "start": moment(1), "duration": "PT3H"})
    promise = {"name": "x", "baseline": {"sensor": place.power.id}, "up-price": price}
    place.book.write(place.power, [0.0] * 4)
    made = scheduler(place, {}, {"commitments": [promise]})
    np.testing.assert_allclose(energy(made), [-0.5, 0.5, 0, -0.5], atol=1e-9)
    assert "nothing is committed to then" in " ".join(made.info["assumed"])
    unknown = place.book.add(place.building, "EUR/MWh", HOUR)
    promise["up-price"] = {"sensor": unknown.id}
    made = scheduler(place, {}, {"commitments": [promise]})
    with pytest.raises(UnknownPrices) as caught:
        made.compute()
    assert caught.value.field == "commitments.0.up-price"
