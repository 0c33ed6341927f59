"""A schedule in one sentence: what happens now, and what next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fmhost.plugin import Sensor, overview, time_zone
from fmhost_ui.wording import clock, number, with_unit

Action = Literal["taking", "giving", "idle", "unknown"]

#: Asset types that store what they take.
_STORING = frozenset({"battery", "one-way_evse", "two-way_evse"})

#: Powers below this share of the largest one count as none: what is left after rounding.
_NEGLIGIBLE = 1e-4


@dataclass(frozen=True, slots=True)
class Story:
    """What a schedule says.

    :param action: what the device does now.
    :param now: the first words of the sentence, e.g. ``Charging at 25 kW``.
    :param rest: how it goes on, up to the full stop.
    """

    action: Action
    now: str
    rest: str

    @property
    def sentence(self) -> str:
        """The whole sentence."""
        return f"{self.now} {self.rest}"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time in which a device does one thing; `powers` are without sign."""

    action: Action
    start: datetime
    end: datetime
    powers: Sequence[float]


def tell(ahead: overview.ScheduleAhead, now: datetime) -> Story:
    """The schedule in one sentence, with times of day of the sensor's time zone."""
    stretches = _stretches(ahead)
    storing = ahead.sensor.generic_asset.generic_asset_type.name in _STORING
    unit = ahead.sensor.unit
    first = stretches[0]
    until = clock(first.end, now)
    opening = _words(first, unit, storing)
    if ahead.fallback:
        opening = f"Fallback, as no schedule was possible: {opening[0].lower()}{opening[1:]}"
    if len(stretches) == 1:
        rest = f"until {until}, when the schedule ends."
    else:
        second = stretches[1]
        words = _words(second, unit, storing)
        rest = f"until {until}, then {words[0].lower()}{words[1:]} until {clock(second.end, now)}."
    return Story(first.action, opening, rest)


def tell_all(ahead: Mapping[int, overview.ScheduleAhead], now: datetime) -> dict[int, Story]:
    """The sentences of several schedules, by the same keys."""
    return {key: tell(schedule, now) for key, schedule in ahead.items()}


def balance(powers: Sequence[float]) -> str:
    """What several devices do together: ``consuming 12 kW``.

    :param powers: [kW, consumption positive].
    """
    total = sum(powers)
    highest = max(map(abs, powers), default=0.0)
    action = _action(total, highest * _NEGLIGIBLE)
    if action == "idle":
        return "idle" if highest == 0 else "in balance"
    large = abs(total) >= 1000
    power = with_unit(abs(total) / (1000 if large else 1), "MW" if large else "kW")
    return f"{'consuming' if action == 'taking' else 'producing'} {power}"


def doing(consumption: float, highest: float, sensor: Sensor) -> tuple[Action, str]:
    """What a device does at a power, and that in words.

    :param consumption: [unit of the sensor, consumption positive]; NaN for nothing planned.
    :param highest: the largest power of the schedule, without sign.
    """
    action = _action(consumption, highest * _NEGLIGIBLE)
    stretch = _Stretch(action, datetime.min, datetime.min, [abs(consumption)])
    storing = sensor.generic_asset.generic_asset_type.name in _STORING
    words = _words(stretch, sensor.unit, storing)
    return action, f"{words[0].lower()}{words[1:]}"


def _words(stretch: _Stretch, unit: str, storing: bool) -> str:
    if stretch.action == "unknown":
        return "Nothing scheduled"
    if stretch.action == "idle":
        return "Idle"
    verbs = ("Charging", "Discharging") if storing else ("Consuming", "Producing")
    verb = verbs[0] if stretch.action == "taking" else verbs[1]
    low, high = number(min(stretch.powers)), number(max(stretch.powers))
    power = high if low == high else f"{low} to {high}"
    return f"{verb} at {power}\u00a0{unit}"


def _stretches(ahead: overview.ScheduleAhead) -> list[_Stretch]:
    """The schedule as a row of stretches; steps of one action belong together."""
    zone = time_zone(ahead.sensor.timezone)
    known = [abs(value) for value in ahead.consumption if not math.isnan(value)]
    negligible = max(known) * _NEGLIGIBLE
    begin = ahead.start.astimezone(time_zone("UTC"))
    found: list[_Stretch] = []
    first = 0
    actions = [_action(value, negligible) for value in ahead.consumption]
    for position, action in enumerate(actions):
        following = position + 1
        if following == len(actions) or actions[following] != action:
            powers = [abs(value) for value in ahead.consumption[first:following]]
            start, end = (
                (begin + steps * ahead.step).astimezone(zone) for steps in (first, following)
            )
            found.append(_Stretch(action, start, end, powers))
            first = following
    return found


def _action(consumption: float, negligible: float) -> Action:
    if math.isnan(consumption):
        return "unknown"
    if abs(consumption) <= negligible:
        return "idle"
    return "taking" if consumption > 0 else "giving"
