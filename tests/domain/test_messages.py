from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from fmhost.domain.messages import GetType, PostType, require_horizons, require_unit
from fmhost.errors import InvalidInput, UnitMismatch

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("kind", "unit", "sensor_unit"),
    [
        (PostType.SENSOR_DATA, "MW", "kW"),
        (PostType.SENSOR_DATA, "kWh", "kW"),
        (PostType.METER_DATA, "kWh", "kW"),
        (PostType.PROGNOSIS, "MW", "kWh"),
        (PostType.PRICE_DATA, "EUR/kWh", "EUR/MWh"),
        (PostType.WEATHER_DATA, "°F", "°C"),
        (GetType.SENSOR_DATA, "kW", "kWh"),
        (GetType.METER_DATA, "kVA", "kW"),
        (GetType.PRICE_DATA, "EUR/MWh", "EUR/kWh"),
    ],
)
def test_units_that_fit_message_and_sensor(kind, unit, sensor_unit):
    require_unit(kind, unit, sensor_unit, QUARTER)


@pytest.mark.parametrize(
    ("kind", "unit", "sensor_unit", "message"),
    [
        (
            PostType.SENSOR_DATA,
            "m",
            "kW",
            "Required unit for this sensor is kW, got incompatible unit: m",
        ),
        (PostType.METER_DATA, "°C", "°C", "should be convertible to MW, got incompatible unit: °C"),
        (PostType.PROGNOSIS, "EUR/MWh", "EUR/MWh", "should be convertible to MW"),
        (PostType.PRICE_DATA, "EUR/kW", "EUR/kW", "should be convertible to an energy price unit"),
        (PostType.PRICE_DATA, "USD/MWh", "EUR/MWh", "Required unit for this sensor is EUR/MWh"),
        (GetType.METER_DATA, "m/s", "m/s", "should be convertible to MW"),
        (GetType.PRICE_DATA, "kW", "kW", "should be convertible to an energy price unit"),
    ],
)
def test_units_that_do_not(kind, unit, sensor_unit, message):
    with pytest.raises(UnitMismatch) as caught:
        require_unit(kind, unit, sensor_unit, QUARTER)
    assert message in str(caught.value)
    assert caught.value.field == "unit"


def test_amounts_of_moments_are_no_rates():
    with pytest.raises(UnitMismatch):
        require_unit(PostType.SENSOR_DATA, "kWh", "kW", None)


def hours(*numbers: int):
    return np.array(numbers, dtype="timedelta64[h]").astype("timedelta64[us]")


@pytest.mark.parametrize(
    ("kind", "horizons"),
    [
        (PostType.SENSOR_DATA, hours(-5, 0, 5)),
        (PostType.METER_DATA, hours(-5, 0)),
        (PostType.PROGNOSIS, hours(0, 5)),
        (PostType.METER_DATA, hours()),
    ],
)
def test_horizons_that_fit(kind, horizons):
    require_horizons(kind, horizons)


def test_meter_data_of_the_future_are_refused():
    with pytest.raises(InvalidInput, match="Meter data must lie in the past"):
        require_horizons(PostType.METER_DATA, hours(-1, 1))


def test_prognoses_of_the_past_are_refused():
    with pytest.raises(InvalidInput, match="Prognoses must lie in the future"):
        require_horizons(PostType.PROGNOSIS, hours(-1, 1))
