"""Types of messages about sensor data, and what each asks of units and horizons."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import numpy as np

from fmhost.domain import units
from fmhost.domain.arrays import Durations
from fmhost.errors import InvalidInput, UnitMismatch


class PostType(StrEnum):
    """What kind of data a message brings."""

    SENSOR_DATA = "PostSensorDataRequest"
    METER_DATA = "PostMeterDataRequest"
    PROGNOSIS = "PostPrognosisRequest"
    PRICE_DATA = "PostPriceDataRequest"
    WEATHER_DATA = "PostWeatherDataRequest"


class GetType(StrEnum):
    """What kind of data a message asks for."""

    SENSOR_DATA = "GetSensorDataRequest"
    METER_DATA = "GetMeterDataRequest"
    PROGNOSIS = "GetPrognosisRequest"
    PRICE_DATA = "GetPriceDataRequest"


_POWER = (PostType.METER_DATA, PostType.PROGNOSIS, GetType.METER_DATA, GetType.PROGNOSIS)
_PRICES = (PostType.PRICE_DATA, GetType.PRICE_DATA)


def require_unit(
    kind: PostType | GetType,
    unit: str,
    sensor_unit: str,
    event_resolution: timedelta | None,
    *,
    capacity: float | None = None,
) -> None:
    """See that the unit of a message fits its type and its sensor.

    :param event_resolution: length of the events, where it is known; stocks convert to flows then.
    :param capacity: what 100 % stands for, where that is known; percentages of it convert then.
    :raises UnitMismatch: where it does not.
    """
    asked = "The unit required for this message type should be convertible to"
    share = capacity is not None and units.is_share(unit) and units.is_power(sensor_unit)
    if kind in _POWER and not (share or units.convertible(unit, "MW", event_resolution)):
        raise UnitMismatch(f"{asked} MW, got incompatible unit: {unit}", field="unit")
    if kind in _PRICES and not units.is_energy_price(unit):
        raise UnitMismatch(
            f"{asked} an energy price unit, got incompatible unit: {unit}", field="unit"
        )
    if not units.convertible(unit, sensor_unit, event_resolution, capacity=capacity):
        raise UnitMismatch(
            f"Required unit for this sensor is {sensor_unit}, got incompatible unit: {unit}",
            field="unit",
        )


def require_horizons(kind: PostType, horizons: Durations) -> None:
    """See that meter data lie in the past, and prognoses in the future.

    :param horizons: belief horizons; positive before the event is known.
    :raises InvalidInput: where one does not.
    """
    none = np.timedelta64(0, "us")
    if kind == PostType.METER_DATA and bool((horizons > none).any()):
        raise InvalidInput("Meter data must lie in the past.", field="horizon")
    if kind == PostType.PROGNOSIS and bool((horizons < none).any()):
        raise InvalidInput("Prognoses must lie in the future.", field="horizon")
