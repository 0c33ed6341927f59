"""The ribbon of a plan: slots of time, what a device does in each, why, and what is at stake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from fmhost.plugin import Sensor, common_units, device_plans, time_zone
from fmhost_ui.narrative import Action, Story, doing, tell
from fmhost_ui.stakes import at_stake, money, whole_plan
from fmhost_ui.wording import clock, number, with_clock, with_unit

#: Most slots of a ribbon, how far ahead it looks at most, and the length of slots that need not be
#: shorter than that.
MOST_SLOTS: Final = 96
FARTHEST: Final = timedelta(days=2)
SHORT: Final = timedelta(minutes=15)

_LEVELS: Final = 10
_COUNTS: Final = (1, 2, 3, 4, 6, 8, 12, 15, 24, 30, 60, 120, 240, 480, 1440, 2880)
_LABELLED_HOURS: Final = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the plan; the texts are for who selects it.

    :param start: on the clock of the sensor, like `end`.
    :param level: how high its bar is, from -10 (producing at most) to 10 (consuming at most).
    :param label: the hour that is written below it, if any; `day` that a day begins with it.
    :param change: what was planned before; empty where that is the same, or unknown.
    :param breaches: the limits that are breached then.
    :param assumed: what was assumed about that time.
    """

    start: datetime
    end: datetime
    action: Action
    level: int
    title: str
    power: float
    label: str
    day: str
    reason: str
    price: str
    change: str
    breaches: Sequence[str]
    assumed: Sequence[str]


class Ribbon:
    """The plan of one device, for its template."""

    def __init__(self, plan: device_plans.DevicePlan, now: datetime) -> None:
        self.plan = plan
        self.sensor: Sensor = plan.sensor
        self._zone: ZoneInfo = time_zone(self.sensor.timezone)
        self._now = now.astimezone(self._zone)
        self._start = plan.ahead.start.astimezone(UTC)

    @property
    def title(self) -> str:
        """The device."""
        return f"{self.sensor.generic_asset.name}, {self.sensor.name}"

    @property
    def per_megawatt(self) -> float:
        """How many of the sensor's unit are one MW."""
        return common_units.ratio("MW", self.sensor.unit) or 1.0

    @cached_property
    def story(self) -> Story:
        """What it does now and next."""
        return tell(self.plan.ahead, self._now)

    @property
    def stakes(self) -> str:
        """The money at stake in what it does now, else next; empty where nobody knows."""
        currency = self._told("currency")
        if not currency:
            return ""
        for each in self._reasons:
            start, end = (datetime.fromisoformat(each[name]) for name in ("start", "end"))
            text = at_stake(each, currency) if end > self._now else ""
            if text:
                when = f", from {clock(start.astimezone(self._zone), self._now)}"
                return f"At stake{when if start > self._now else ''}: {text}."
        return ""

    @property
    def whole(self) -> str:
        """What the plan costs, when it was made, and until when it lasts."""
        made = f"Planned at {clock(self.plan.formed.astimezone(self._zone), self._now)}"
        if self.plan.explanation is None:
            return f"{made}. Its scheduler does not say why it is as it is."
        end = datetime.fromisoformat(self._told("end")).astimezone(self._zone)
        cost = whole_plan(self._told("cost"), self._told("currency"))
        return f"{made}. {cost} until {clock(end, self._now)}."

    @cached_property
    def change(self) -> str:
        """What changed since the plan before."""
        if self.plan.formed_before is None:
            return "There was no plan for this time before."
        before = clock(self.plan.formed_before.astimezone(self._zone), self._now)
        unit = self.sensor.unit
        moved = [
            (position, each)
            for position, each in enumerate(self.plan.difference)
            if not math.isnan(each) and abs(each) > 1e-6
        ]
        if not moved:
            return f"Nothing is planned otherwise than at {before}."
        _, most = max(moved, key=lambda each: abs(each[1]))
        text = f"Since the plan of {before}, {len(moved)} step{'s' if len(moved) > 1 else ''}"
        text += f" changed, by up to {with_unit(abs(most), unit)}."
        cost = self._cost_of(moved)
        if cost is not None:
            how = "as much"
            if abs(cost) >= 0.005:
                more = "more" if cost > 0 else "less"
                how = f"{money(abs(cost), self._told('currency'))} {more}"
            text += f" At the prices of this plan, that costs {how}."
        return text

    @property
    def assumed(self) -> Sequence[str]:
        """What was taken for inputs that were missing."""
        return self._sentences("assumed")

    @property
    def stale(self) -> Sequence[str]:
        """Inputs that are older than they should be."""
        return self._sentences("stale")

    @property
    def warnings(self) -> Sequence[str]:
        """What else to know."""
        return [each for each in self._sentences("warnings") if each not in self.stale]

    @cached_property
    def breaches(self) -> Sequence[str]:
        """The limits that the plan breaches, with their times."""
        return [self._breach(each) for each in self._own_breaches()]

    @property
    def devices(self) -> Sequence[Mapping[str, Any]]:
        """The devices that can be asked about."""
        return [each for each in self._told("devices") or () if each.get("sensor") is not None]

    @cached_property
    def slots(self) -> Sequence[Slot]:
        """The plan from now on, in at most 96 slots."""
        return list(self._slots())

    def _slots(self) -> Iterator[Slot]:
        powers = self.plan.ahead.consumption
        step = self.plan.ahead.step
        farthest = min(FARTHEST, MOST_SLOTS * max(step, SHORT))
        steps = min(len(powers), max(farthest // step, 1))
        count = next((each for each in _COUNTS if steps / each <= MOST_SLOTS), _COUNTS[-1])
        changes = self.plan.difference
        known = [abs(each) for each in powers[:steps] if not math.isnan(each)]
        highest = max(known, default=0.0) or 1.0
        shown = ""
        for first in range(0, steps, count):
            last = min(first + count, steps)
            start, end = (
                (self._start + each * step).astimezone(self._zone) for each in (first, last)
            )
            day = f"{start:%a} {start.day} {start:%b}"
            most = max(range(first, last), key=lambda each: _magnitude(powers[each]))
            on_the_hour = start.minute == 0 and start.hour % _LABELLED_HOURS == 0
            yield self._slot(
                start,
                end,
                _mean(powers[first:last]),
                _mean(changes[first:last]),
                highest,
                self._reason_at(max(self._start + most * step, self._now)) or {},
                label=f"{start:%H:%M}" if on_the_hour and end - start < timedelta(days=1) else "",
                day=day if day != shown else "",
            )
            shown = day

    def _slot(
        self,
        start: datetime,
        end: datetime,
        power: float,
        change: float,
        highest: float,
        reason: Mapping[str, Any],
        *,
        label: str,
        day: str,
    ) -> Slot:
        action, words = doing(power, highest, self.sensor)
        breaches = [
            self._breach(each) for each in self._own_breaches() if _overlaps(each, start, end)
        ]
        changed = not math.isnan(change) and abs(change) > 1e-6
        price = reason.get("price")
        return Slot(
            start=start,
            end=end,
            action=action,
            level=0 if math.isnan(power) else _level(power / highest),
            title=f"{clock(start, self._now)} to {end:%H:%M}: {words}",
            power=0.0 if math.isnan(power) else power,
            label=label,
            day=day,
            reason=str(reason.get("text", "")),
            price="" if price is None else f"{number(price)} {reason['price-unit']}",
            change=self._before(power - change) if changed else "",
            breaches=breaches,
            assumed=[
                with_clock(str(each["text"]), self._zone, self._now)
                for each in self._told("assumed-when") or ()
                if _overlaps(each, start, end)
            ],
        )

    def _before(self, power: float) -> str:
        """What was planned before, in words."""
        if math.isnan(power):
            return ""
        highest = max(map(abs, filter(math.isfinite, self.plan.before)), default=1.0) or 1.0
        return doing(power, highest, self.sensor)[1]

    def _sentences(self, name: str) -> Sequence[str]:
        return [with_clock(str(each), self._zone, self._now) for each in self._told(name) or ()]

    def _told(self, name: str) -> Any:
        return (self.plan.explanation or {}).get(name)

    @property
    def _reasons(self) -> Sequence[Mapping[str, Any]]:
        """What the scheduler says of the device, one after another."""
        reasons: Sequence[Mapping[str, Any]] = (self.plan.device or {}).get("reasons", ())
        return reasons

    def _reason_at(self, moment: datetime) -> Mapping[str, Any] | None:
        """What the scheduler says of the device at a moment."""
        for each in self._reasons:
            start, end = (datetime.fromisoformat(each[name]) for name in ("start", "end"))
            if start <= moment < end:
                return each
        return None

    def _own_breaches(self) -> Iterator[Mapping[str, Any]]:
        """Breaches of this device, and those of the site."""
        for each in self._told("breaches") or ():
            if each.get("sensor", self.sensor.id) != self.sensor.id:
                continue
            if "sensor" in each or each.get("asset", self.sensor.generic_asset_id) == (
                self.sensor.generic_asset_id
            ):
                yield each

    def _breach(self, breach: Mapping[str, Any]) -> str:
        start, end = (
            datetime.fromisoformat(breach[name]).astimezone(self._zone) for name in ("start", "end")
        )
        when = f"at {clock(start, self._now)}"
        if end > start:
            when = f"from {clock(start, self._now)} to {clock(end, self._now)}"
        amount = with_unit(breach["amount"], breach["unit"])
        return f"{breach['field']} is breached by up to {amount} {when}"

    def _cost_of(self, moved: Sequence[tuple[int, float]]) -> float | None:
        """What the changes cost at the marginal prices of the plan; None where there are none."""
        factor = common_units.ratio(self.sensor.unit, "MW")
        if factor is None:
            return None
        hours = self.plan.ahead.step / timedelta(hours=1)
        total, priced = 0.0, False
        for position, change in moved:
            reason = self._reason_at(self._start + position * self.plan.ahead.step)
            if reason and reason.get("price") is not None:
                total += change * factor * hours * reason["price"]
                priced = True
        return total if priced else None


def _mean(values: Sequence[float]) -> float:
    known = [each for each in values if not math.isnan(each)]
    return sum(known) / len(known) if known else math.nan


def _magnitude(power: float) -> float:
    """Without sign; nothing where nothing is planned."""
    return 0.0 if math.isnan(power) else abs(power)


def _level(share: float) -> int:
    """From -10 to 10; what is not nothing is at least 1."""
    level = round(abs(share) * _LEVELS)
    level = max(level, 1) if abs(share) > 1e-4 else 0
    return level if share > 0 else -level


def _overlaps(told: Mapping[str, Any], start: datetime, end: datetime) -> bool:
    first, last = (datetime.fromisoformat(told[name]) for name in ("start", "end"))
    if first == last:  # a moment, at the end of the step that leads to it
        return start < first <= end
    return first < end and last > start
