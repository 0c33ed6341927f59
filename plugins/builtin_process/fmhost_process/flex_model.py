"""The flex-model of a process: what runs, how long, and how free it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from fmhost.plugin import InvalidInput, parse_duration, time_zone, units
from fmhost_process.allocation import ProcessType, Sense
from fmhost_process.fields import missing, placed, read_period, refuse_unknown, with_hyphens
from fmhost_process.grid import Period

#: The fields of a process.
FIELDS = ("duration", "power", "process-type", "time-restrictions", "optimization-sense")

#: The same, as JSON Schema.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A load that runs at constant power for a given time.",
    "properties": {
        "duration": {
            "type": "string",
            "format": "duration",
            "description": "How long it runs.",
            "examples": ["PT4H"],
            "x-asked-for": True,
        },
        "power": {
            "type": ["string", "number"],
            "description": "What it consumes while it runs; a bare number is in MW.",
            "examples": ["0.2 MW"],
            "x-asked-for": True,
        },
        "process-type": {
            "description": "Whether it can be moved, interrupted, or neither.",
            "enum": [str(each) for each in ProcessType],
        },
        "time-restrictions": {
            "type": "array",
            "description": "When it must not run: periods by two of start, end and duration.",
            "items": {
                "type": "object",
                "properties": {
                    "start": {"type": "string", "format": "date-time"},
                    "end": {"type": "string", "format": "date-time"},
                    "duration": {"type": "string", "format": "duration"},
                },
                "additionalProperties": False,
            },
        },
        "optimization-sense": {
            "description": "Whether it runs where prices are lowest, or highest.",
            "enum": [str(each) for each in Sense],
        },
    },
    "additionalProperties": False,
}

#: Where the request is for an asset, this field says which sensor gets the schedule.
TARGET = "sensor"

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True)
class Process:
    """One process to be scheduled.

    :param sensor: the power sensor that gets the schedule.
    :param duration: how long it runs.
    :param power: while it runs [MW, consumption positive].
    :param restrictions: when it must not run.
    :param assumed: what nobody said, in sentences.
    :param prefix: of the fields' names in messages.
    """

    sensor: Any
    duration: timedelta
    power: float
    process_type: ProcessType = ProcessType.INFLEXIBLE
    sense: Sense = Sense.MIN
    restrictions: tuple[Period, ...] = ()
    assumed: tuple[str, ...] = ()
    prefix: str = ""


def read_process(given: Any, sensor: Any, start: datetime, *, prefix: str = "") -> Process:
    """The process that a request describes, completed from what is stored.

    A field that the request leaves out is taken from the flex-model of the sensor's asset, and the
    process type then from the attribute ``process-type`` of the sensor or its asset.

    :param given: the flex-model of the request, without the sensor.
    :param start: start of the schedule, from which a nominal duration (P1D) is resolved, in the
        time zone of the sensor.
    :param prefix: of the fields' names in messages, such as ``flex-model.0.``.
    :raises InvalidInput: where a field is missing or wrong; names it.
    """
    with placed(prefix):
        trigger = with_hyphens(given, "flex-model")
        refuse_unknown(trigger, FIELDS)
    asset = sensor.generic_asset
    layers = [
        (trigger, ""),
        (with_hyphens(asset.flex_model, "flex-model"), f"the flex-model of asset {asset.id}"),
        (_attributes(sensor), f"the attributes of sensor {sensor.id} or of its asset"),
    ]
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        for layer, place in layers:
            if name in layer:
                with placed(prefix, place):
                    found[name] = read(layer[name], sensor, start)
                break
    for name in ("duration", "power"):
        if name not in found:
            raise missing(f"{prefix}{name}")
    assumed = () if "process-type" in found else (_ASSUMED_TYPE.format(sensor=sensor.id),)
    return Process(
        sensor=sensor,
        duration=found["duration"],
        power=found["power"],
        process_type=found.get("process-type", ProcessType.INFLEXIBLE),
        sense=found.get("optimization-sense", Sense.MIN),
        restrictions=found.get("time-restrictions", ()),
        assumed=assumed,
        prefix=prefix,
    )


_ASSUMED_TYPE = (
    "process-type is not given for sensor {sensor}: the process is taken to be INFLEXIBLE."
)


def _attributes(sensor: Any) -> Mapping[str, Any]:
    for spelling in ("process-type", "process_type"):
        value = sensor.get_attribute(spelling)
        if value is not None:
            return {"process-type": value}
    return {}


def _read_duration(value: Any, sensor: Any, start: datetime) -> timedelta:
    span = parse_duration(value, field="duration")
    duration = span.length_from(start, time_zone(sensor.timezone))
    if duration <= timedelta(0):
        raise InvalidInput("The duration must be longer than zero.", field="duration")
    return duration


def _read_power(value: Any, _sensor: Any, _start: datetime) -> float:
    power = units.quantity(value, "MW", "MW", field="power")
    if power <= 0:
        raise InvalidInput(
            "The power must be greater than zero.",
            field="power",
            hint="Give the power that the process consumes while it runs.",
        )
    return power


def _read_type(value: Any, _sensor: Any, _start: datetime) -> ProcessType:
    return _read_choice(ProcessType, value, "process-type")


def _read_sense(value: Any, _sensor: Any, _start: datetime) -> Sense:
    return _read_choice(Sense, value, "optimization-sense")


def _read_choice(choices: type[_Choice], value: Any, field: str) -> _Choice:
    try:
        return choices(value.upper() if isinstance(value, str) else value)
    except ValueError as error:
        what = field.replace("-", " ")
        raise InvalidInput(
            f"Unknown {what} '{value}'.", field=field, hint=f"Give one of {', '.join(choices)}."
        ) from error


def _read_restrictions(value: Any, sensor: Any, _start: datetime) -> tuple[Period, ...]:
    field = "time-restrictions"
    if not isinstance(value, list | tuple):
        raise InvalidInput("Not a valid list.", field=field)
    found = []
    for number, entry in enumerate(value):
        place = f"{field}.{number}"
        if not isinstance(entry, Mapping):
            raise InvalidInput("Not a valid mapping type.", field=place)
        refuse_unknown(entry, ("start", "end", "duration"), f"{place}.")
        found.append(read_period(entry, place, sensor.timezone))
    return tuple(found)


_READERS = {
    "duration": _read_duration,
    "power": _read_power,
    "process-type": _read_type,
    "optimization-sense": _read_sense,
    "time-restrictions": _read_restrictions,
}
