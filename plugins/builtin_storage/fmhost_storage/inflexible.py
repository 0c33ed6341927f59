"""Devices that are not scheduled: whose power counts, and with which sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.plugin import InvalidInput
from fmhost_storage.kinds import POWER
from fmhost_storage.quantities import FromSensor, require_unit

SIGN = "consumption_is_positive"


@dataclass(frozen=True)
class Inflexible:
    """The power of a device that is not scheduled.

    :param field: the field that names it.
    :param sign: 1 where positive values are consumption, -1 where they are production.
    """

    field: str
    quantity: FromSensor
    sign: float

    @property
    def name(self) -> str:
        """The field without its place in a list, for messages."""
        head, _, last = self.field.rpartition(".")
        return head if last.isdigit() else self.field


def inflexible_flows(values: Mapping[str, Any]) -> tuple[Inflexible, ...]:
    """What the three fields name; each sensor once.

    The sign of a sensor in ``inflexible-device-sensors`` is that of its attribute, production
    positive without it; that of the others is their field's.

    :raises InvalidInput: where a sensor is listed twice, does not measure power, or says the
        opposite of its field; names the field.
    """
    found: dict[int, Inflexible] = {}
    for sensor in values.get("inflexible_device_sensors", ()):
        require_unit(sensor, POWER, "inflexible-device-sensors")
        sign = 1.0 if sensor.get_attribute(SIGN, False) else -1.0
        found[sensor.id] = Inflexible("inflexible-device-sensors", FromSensor(sensor), sign)
    for each in _directed(values):
        sensor = each.quantity.sensor
        if sensor.id in found:
            raise InvalidInput(
                f"Sensor {sensor.id} may only be listed once across inflexible-consumption and "
                "inflexible-production.",
                field=each.field,
            )
        told = sensor.get_attribute(SIGN)
        if told is not None and bool(told) != (each.sign > 0):
            raise InvalidInput(
                f"Sensor {sensor.id} has `{SIGN}={told}`, which conflicts with the sign convention "
                f"of {each.field.split('.')[0]}.",
                field=each.field,
                hint="Name it in the other of the two fields, or change the attribute.",
            )
        found[sensor.id] = each
    return tuple(found.values())


def _directed(values: Mapping[str, Any]) -> Iterator[Inflexible]:
    for direction, sign in (("consumption", 1.0), ("production", -1.0)):
        for number, quantity in enumerate(values.get(f"inflexible_{direction}", ())):
            yield Inflexible(f"inflexible-{direction}.{number}", quantity, sign)
