"""Devices without a state of charge: roofs that can be curtailed, and loads that can be shed."""

from __future__ import annotations

import numpy as np
import pytest

from fmhost.plugin import InvalidInput


def context(place, **fields):
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    return {"consumption-price": {"sensor": place.prices.id}, **given}


@pytest.fixture
def roof(place):
    """A power sensor of the building, and a forecast of the sun of each hour [MW]."""
    power = place.book.add(place.building)
    sun = place.book.add(place.building)
    place.book.write(sun, np.repeat([0.1, 0.4, 0.3, 0.0], 4))
    return power, {"production-capacity": {"sensor": sun.id}}


def hourly(values):
    return values.reshape(-1, 4).mean(axis=1)


def test_the_sun_is_used_where_it_earns_and_curtailed_where_it_costs(place, roof):
    power, model = roof
    price = [
        {"value": value, "start": f"2026-03-02T0{hour}:00Z", "duration": "PT1H"}
        for hour, value in ((6, 5), (7, -10), (8, 20), (9, 1))
    ]
    made = place.scheduler(model, context(place, production_price=price), target=power)
    (result,) = made.compute()
    np.testing.assert_allclose(hourly(result.values), [-0.1, 0, -0.3, 0], atol=1e-9)
    assert made.info["cost"] == pytest.approx(-0.1 * 5 - 0.3 * 20)
    assert made.info["assumed"] == []


def test_an_export_limit_curtails_what_the_load_does_not_take(place, roof):
    power, model = roof
    load = place.book.write(place.book.add(place.building), np.repeat([0.0, 0.1, 0.1, 0.0], 4))
    made = place.scheduler(
        model,
        context(
            place,
            site_production_capacity="0.15 MW",
            inflexible_consumption=[{"sensor": load.id}],
        ),
        target=power,
    )
    (result,) = made.compute()
    np.testing.assert_allclose(hourly(result.values), [-0.1, -0.25, -0.25, 0], atol=1e-9)


def test_a_negative_forecast_counts_as_zero_and_that_is_told(place, roof):
    power, _ = roof
    sun = place.book.write(place.book.add(place.building), [-0.01] * 4 + [0.2] * 12)
    made = place.scheduler({"production-capacity": {"sensor": sun.id}}, target=power)
    (result,) = made.compute()
    np.testing.assert_allclose(hourly(result.values), [0, -0.2, -0.2, -0.2], atol=1e-9)
    assert made.info["warnings"] == [
        f"production-capacity: sensor {sun.id} has negative values at 4 of 16 steps, which count "
        "as zero."
    ]


def test_missing_sun_is_never_silent(place, roof):
    power, _ = roof
    sun = place.book.write(place.book.add(place.building), [0.2] * 8)
    made = place.scheduler({"production-capacity": {"sensor": sun.id}}, target=power)
    made.compute()
    (told,) = made.info["assumed"]
    assert f"sensor {sun.id} has no value for 8 of 16 steps" in told


def test_a_load_runs_where_it_is_paid_to(place, roof):
    power, _ = roof
    price = {"consumption-price": "-3 EUR/MWh"}
    made = place.scheduler({"consumption-capacity": "0.2 MW"}, price, target=power)
    (result,) = made.compute()
    assert result.values.tolist() == [0.2] * 16
    assert made.info["cost"] == pytest.approx(-3 * 0.2 * 4)


def test_a_field_of_the_state_of_charge_makes_it_a_storage(place, roof):
    power, _ = roof
    fields = {"power-capacity": "0.5 MW", "soc-at-start": "0.5 MWh"}
    device = place.device(fields, target=power)
    assert (device.stores, device.soc_min, device.soc_max) == (True, 0.0, np.inf)
    made = place.scheduler(fields, target=power)
    (result,) = made.compute()
    # Without a ceiling: 0.5 MWh are sold at 50; 0.5 MWh bought at 20, and sold at 80.
    np.testing.assert_allclose(hourly(result.values), [-0.5, 0.5, 0, -0.5], atol=1e-9)


def test_a_battery_must_say_how_much_it_stores(place):
    place.battery.attributes = {"capacity_in_mw": 0.5}
    with pytest.raises(InvalidInput, match="Need maximal permitted state of charge"):
        place.scheduler({"soc-at-start": 0.1})


def test_a_state_of_charge_in_percent_needs_a_ceiling(place, roof):
    power, _ = roof
    level = place.book.add(place.building, "%", 0 * (place.power.event_resolution))
    with pytest.raises(InvalidInput, match="requires a non-zero soc-max"):
        place.scheduler(
            {"power-capacity": 1, "state-of-charge": {"sensor": level.id}}, target=power
        )


@pytest.mark.parametrize("field", ["inflexible-consumption", "inflexible-production"])
def test_an_entry_of_the_list_may_be_a_device_that_is_not_scheduled(place, roof, field):
    power, model = roof
    load = place.book.write(place.book.add(place.building), [0.2] * 16)
    entries = [{"sensor": power.id, **model}, {field: {"sensor": load.id}}]
    made = place.scheduler(
        entries, context(place, production_price="0 EUR/MWh"), target=place.building
    )
    (result,) = made.compute()
    assert result.sensor is power
    used = np.minimum([0.1, 0.4, 0.3, 0.0], 0.2) if field == "inflexible-consumption" else 0.0
    bought = (0.2 - np.asarray(used)) if field == "inflexible-consumption" else np.zeros(4)
    assert made.info["cost"] == pytest.approx(float((bought * [50, 20, 30, 80]).sum()))


@pytest.mark.parametrize(
    ("entry", "field", "message"),
    [
        ({"inflexible-consumption": 3}, "inflexible-consumption", "Not a sensor."),
        ({"inflexible-consumption": {"sensor": 3}, "soc-max": 1}, "soc-max", "is not scheduled"),
        ({"inflexible-consumption": {"sensor": 2}}, "inflexible-consumption", "EUR/MWh"),
    ],
)
def test_what_is_not_scheduled_has_no_other_fields(place, roof, entry, field, message):
    power, model = roof
    with pytest.raises(InvalidInput, match=message) as caught:
        place.scheduler([{"sensor": power.id, **model}, entry], target=place.building)
    assert caught.value.field == f"flex-model.1.{field}"


def test_missing_power_of_such_a_device_is_told_by_its_place(place, roof):
    power, model = roof
    load = place.book.write(place.book.add(place.building), [0.2] * 12)
    entries = [{"sensor": power.id, **model}, {"inflexible-consumption": {"sensor": load.id}}]
    made = place.scheduler(entries, target=place.building)
    made.compute()
    assert made.info["assumed"] == [
        f"flex-model.1.inflexible-consumption: sensor {load.id} has no value for 4 of 16 steps "
        "(the first at 2026-03-02T09:00:00+00:00); 0 MW is assumed."
    ]


def test_it_is_listed_once(place, roof):
    power, model = roof
    entries = [{"sensor": power.id, **model}, {"inflexible-consumption": {"sensor": 3}}]
    listed = context(place, inflexible_consumption=[{"sensor": 3}])
    with pytest.raises(InvalidInput, match="may only be listed once"):
        place.scheduler(entries, listed, target=place.building)
