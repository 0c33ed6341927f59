"""Units and signs of what is posted, and asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fmhost.domain.messages import GetType, PostType
from fmhost.errors import InvalidInput, UnitMismatch
from fmhost.model import Asset

START = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize("capacity", [0.5, "500 kW"])
def test_a_percentage_of_the_capacity_is_power_and_back(post, ask, tenant, change, capacity):
    change(tenant.power, attributes={"capacity_in_mw": capacity})
    post([50, 100, 0, -20], unit="%", kind=PostType.METER_DATA, horizon=timedelta(0))
    assert ask() == [250, 500, 0, -100]
    assert ask(unit="%", kind=GetType.METER_DATA) == [50, 100, 0, -20]
    assert ask(unit="‰") == [500, 1000, 0, -200]


def test_the_capacity_may_stand_in_the_flex_model_of_the_asset(post, ask, tenant, installation):
    with installation.database.transaction() as session:
        asset = session.get(Asset, tenant.battery.id)
        asset.flex_model = {"power-capacity": "2 MW", "soc-max": "40 kWh"}
    post([50] * 4, unit="%")
    assert ask() == [1000] * 4
    post([25], "PT0H", sensor=tenant.level, unit="%")
    assert ask("PT5M", sensor=tenant.level) == [10]
    assert ask("PT5M", sensor=tenant.level, unit="%") == [25]


def test_a_sensor_of_percentages_takes_quantities_where_the_capacity_is_known(
    post, ask, tenant, change
):
    change(tenant.power, unit="%", attributes={"capacity_in_mw": 0.01})
    post([5, 10, 0, 2.5], unit="kW")
    assert ask(unit="%") == [50, 100, 0, 25]
    assert ask(unit="W") == [5000, 10000, 0, 2500]
    assert ask(unit="") == [0.5, 1, 0, 0.25]


@pytest.mark.parametrize("capacity", [0, -1, "5 V", "much"])
def test_what_is_no_capacity_is_refused(post, tenant, change, capacity):
    change(tenant.power, attributes={"capacity_in_mw": capacity})
    with pytest.raises(InvalidInput) as caught:
        post([1] * 4, unit="%")
    assert caught.value.field == "capacity_in_mw"


def test_a_capacity_that_changes_is_none(post, tenant, change):
    change(tenant.power, attributes={"capacity_in_mw": {"sensor": 7}})
    with pytest.raises(UnitMismatch, match="Required unit for this sensor is kW"):
        post([1] * 4, unit="%")


@pytest.mark.parametrize(
    ("unit", "values", "other", "stored"),
    [
        ("°C", [32, 212, -40, 68], "°F", [0, 100, -40, 20]),
        ("°F", [0, 100, -40, 20], "°C", [32, 212, -40, 68]),
        ("%", [0.25, 1, 0, -1], "", [25, 100, 0, -100]),
        ("%", [250, 1000, 0, 5], "‰", [25, 100, 0, 0.5]),
        ("EUR/MWh", [0.1, 0.25, 0, -0.1], "EUR/kWh", [100, 250, 0, -100]),
        ("EUR/kWh", [100, 250, 0, -100], "EUR/MWh", [0.1, 0.25, 0, -0.1]),
        ("kEUR", [1500, 0, 250, -1], "EUR", [1.5, 0, 0.25, -0.001]),
        ("kVA", [1, 2, 3, 4], "kW", [1, 2, 3, 4]),
    ],
)
def test_other_units_of_the_same_dimension(post, ask, tenant, change, unit, values, other, stored):
    change(tenant.power, unit=unit)
    post(values, unit=other)
    assert ask(unit=unit) == pytest.approx(stored)
    assert ask(unit=other) == pytest.approx(values)


@pytest.mark.parametrize(
    ("unit", "other"), [("EUR/MWh", "USD/MWh"), ("EUR", "KRW"), ("EUR/MWh", "EUR"), ("°C", "%")]
)
def test_money_is_not_changed_into_other_money(post, ask, tenant, change, unit, other):
    change(tenant.power, unit=unit)
    with pytest.raises(UnitMismatch, match=f"Required unit for this sensor is {unit}"):
        post([1] * 4, unit=other)
    with pytest.raises(UnitMismatch):
        ask(unit=other)


@pytest.mark.parametrize("attributes", [{}, {"consumption_is_positive": True}])
def test_power_is_stored_with_the_sign_with_which_it_is_posted(
    post, stored, tenant, change, attributes
):
    change(tenant.power, attributes=attributes)
    post([1, -2, 3, -4])
    assert stored().event_value.tolist() == [1, -2, 3, -4]


def test_a_rate_of_moments_is_no_amount(post, ask, tenant, change):
    change(tenant.level, unit="kW")
    with pytest.raises(UnitMismatch):
        post([1, 2], "PT30M", sensor=tenant.level, unit="kWh")
    post([1, 2], "PT10M", sensor=tenant.level, unit="kW")
    assert ask("PT10M", sensor=tenant.level, unit="kW") == [1, 2]


def test_moments_are_rounded_to_the_frequency_of_their_sensor(post, stored, tenant, change):
    change(tenant.level, attributes={"frequency": "15min"})
    post([1, 2], "PT20M", sensor=tenant.level, unit="kWh", start=START + timedelta(minutes=8))
    starts = stored(tenant.level).event_start.tolist()
    assert [start.minute for start in starts] == [15, 25]
