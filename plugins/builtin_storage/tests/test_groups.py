"""Groups of devices: two chargers at one fuse, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fmhost.plugin import InvalidInput


@pytest.fixture
def cars(place):
    """Entries of two chargers of 0.4 MW that need 0.4 MWh each within four hours."""
    sensors = [place.book.add(place.building) for _ in range(2)]
    need = {
        "consumption-capacity": "0.4 MW",
        "soc-at-start": 0,
        "soc-max": "1 MWh",
        "soc-minima": [{"value": "0.4 MWh", "datetime": "2026-03-02T10:00Z"}],
        "group": {"asset": place.building.id},
    }
    return [{"sensor": sensor.id, **need} for sensor in sensors]


def results(place, entries, context=None):
    given = {"consumption-price": {"sensor": place.prices.id}, **(context or {})}
    made = place.scheduler(entries, given, target=place.building)
    return made, made.compute()


def total(found, count=2):
    power = sum(result.values for result in found[:count])
    return power.reshape(-1, 4).mean(axis=1)


def test_the_power_of_a_group_is_limited(place, cars):
    fuse = {"asset": place.building.id, "power-capacity": "0.5 MW"}
    made, found = results(place, [*cars, fuse])
    np.testing.assert_allclose(total(found), [0, 0.5, 0.3, 0], atol=1e-9)
    assert made.info["cost"] == pytest.approx(0.5 * 20 + 0.3 * 30)


def test_without_its_limit_all_charge_in_the_cheapest_hour(place, cars):
    made, found = results(place, [*cars, {"asset": place.building.id}])
    np.testing.assert_allclose(total(found), [0, 0.8, 0, 0], atol=1e-9)
    assert made.info["cost"] == pytest.approx(0.8 * 20)


def test_the_capacity_one_way_is_soft(place, cars):
    for car in cars:
        car["soc-minima"] = [{"value": "0.4 MWh", "datetime": "2026-03-02T08:00Z"}]
    fuse = {"asset": place.building.id, "consumption-capacity": "0.3 MW"}
    made, found = results(place, [*cars, fuse])
    # 0.8 MWh in two hours at 0.3 MW: somewhere it must be breached; least where spread evenly.
    np.testing.assert_allclose(total(found)[:2], [0.4, 0.4], atol=1e-6)
    costs = made.info["commitment_costs"]
    name = f"group asset:{place.building.id}"
    assert costs[f"{name} any consumption breach"] == pytest.approx(0.1 * 1e7)
    assert costs[f"{name} all consumption breaches"] == pytest.approx(0.1 * 2 * 1e7)
    assert {each["field"] for each in made.info["breaches"]} == {"consumption-capacity"}
    assert {each["asset"] for each in made.info["breaches"]} == {place.building.id}


@pytest.mark.parametrize(("direction", "sign"), [("production", 1), ("consumption", -1)])
def test_a_capacity_of_zero_is_hard(place, cars, direction, sign):
    house = {"sensor": cars[0]["sensor"], "power-capacity": 0.4, "group": cars[0]["group"]}
    house |= {"soc-at-start": 1, "soc-max": 1, "consumption-capacity": 0.4}
    fuse = {"asset": place.building.id, f"{direction}-capacity": 0}
    made, found = results(place, [house, cars[1], fuse])
    assert (sign * total(found)).min() >= -1e-9
    assert np.abs(found[0].values).max() > 0.1
    assert not [name for name in made.info["commitment_costs"] if "group" in name]


def test_the_power_of_a_group_is_an_output(place, cars):
    takes = place.book.add(place.building)
    _, found = results(
        place, [*cars, {"asset": place.building.id, "consumption": {"sensor": takes.id}}]
    )
    (result,) = [each for each in found if each.sensor is takes]
    assert result.name == "consumption_schedule"
    np.testing.assert_allclose(result.values, found[0].values + found[1].values)


def test_a_sensor_may_stand_for_a_group_and_takes_its_power(place, cars):
    takes = place.book.add(place.building)
    for car in cars:
        car["group"] = {"sensor": takes.id}
    _, found = results(place, [*cars, {"sensor": takes.id, "power-capacity": "0.5 MW"}])
    (result,) = [each for each in found if each.sensor is takes]
    assert result.name == "storage_schedule"
    np.testing.assert_allclose(result.values.reshape(-1, 4).mean(axis=1), [0, 0.5, 0.3, 0])


def test_groups_nest(place, cars):
    first, second = place.book.add(place.building), place.book.add(place.building)
    cars[0]["group"], cars[1]["group"] = {"sensor": first.id}, {"sensor": second.id}
    fuses = [
        {"sensor": first.id, "power-capacity": 0.25, "group": {"sensor": second.id}},
        {"sensor": second.id, "power-capacity": 0.5},
    ]
    made, found = results(place, [*cars, *fuses])
    own = found[0].values.reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(total(found), [0, 0.5, 0.3, 0], atol=1e-9)
    assert own.max() <= 0.25 + 1e-9
    assert made.info["cost"] == pytest.approx(0.5 * 20 + 0.3 * 30)


def test_the_limits_of_a_group_may_be_stored_on_its_asset(place, cars):
    place.battery.flex_model = {"power-capacity": "500 kW", "soc-max": "3 MWh"}
    for car in cars:
        car["group"] = {"asset": place.battery.id}
    made, _ = results(place, cars)
    assert made.info["cost"] == pytest.approx(0.5 * 20 + 0.3 * 30)


def test_a_commitment_may_be_about_a_group(place, cars):
    promise = {
        "name": "promise",
        "baseline": "100 kW",
        "up-price": "100 EUR/MWh",
        "group": {"asset": place.building.id},
    }
    made, found = results(place, [*cars, {"asset": place.building.id}], {"commitments": [promise]})
    # Only 4 * 0.1 MWh are free of the price; the rest goes to the cheapest hour.
    np.testing.assert_allclose(total(found), [0.1, 0.5, 0.1, 0.1], atol=1e-9)
    assert made.info["commitment_costs"]["promise"] == pytest.approx(0.4 * 100)


@pytest.mark.parametrize(
    ("fuses", "field", "message"),
    [
        ([{"asset": 1, "soc-max": 1}], "flex-model.2.soc-max", "Unknown field for a group"),
        ([{"asset": 1, "group": {"asset": 1}}], "group", "asset 1 in asset 1"),
        ([{"asset": 1, "group": {"asset": 9}}], "group asset", "Asset 9 is not asset 1"),
        ([{"asset": 1, "group": "fuse"}], "flex-model.2.group", "Not a group."),
    ],
)
def test_groups_that_make_no_sense(place, cars, fuses, field, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        results(place, [*cars, *fuses])
    assert caught.value.field == field
