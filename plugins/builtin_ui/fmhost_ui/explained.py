"""Why a schedule is as it is: what its scheduler says of it, in words and tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fmhost_ui.stakes import money
from fmhost_ui.wording import clock, number, with_clock, with_unit

_TOLD: Final = frozenset(
    {
        *("scheduler", "start", "end", "currency", "cost", "costs", "commodities", "basis"),
        *("devices", "limits", "breaches", "assumed", "assumed-when", "stale", "warnings"),
    }
)
_SOLUTION: Final = ("conflict", "repair")
#: Also of what has no solution, but not for people, or told in words.
_OF_CONFLICT: Final = frozenset({*_SOLUTION, "scheduler", "minimal", "fallback"})

#: A scheduler of a plugin may say anything; where these arise, that is shown as it is.
_ODD: Final = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Reason:
    """What a device does for a while, and why.

    :param energy: that it takes or gives then; `price`, what energy is worth then. Both may be
        empty.
    """

    when: str
    action: str
    text: str
    energy: str
    price: str


@dataclass(frozen=True, slots=True)
class ExplainedDevice:
    """A device and what it does in turn; `sensor` is the id of its power, where it has one."""

    name: str
    sensor: int | None
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that matters: that binds, is breached, or cannot be kept.

    :param amount: what one more would be worth, by how much it is breached, or what it asks.
    """

    field: str
    of: str
    when: str
    amount: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What is said of one schedule; a text is empty, and a list too, where nothing is said.

    :param costs: names of commitments with their amounts; `commodities` likewise.
    :param assumed: when, and what was assumed.
    :param rest: what else the scheduler says, as JSON.
    """

    scheduler: str = ""
    when: str = ""
    total: str = ""
    basis: str = ""
    costs: Sequence[tuple[str, str]] = ()
    commodities: Sequence[tuple[str, str]] = ()
    devices: Sequence[ExplainedDevice] = ()
    limits: Sequence[Limit] = ()
    breaches: Sequence[Limit] = ()
    assumed: Sequence[tuple[str, str]] = ()
    stale: Sequence[str] = ()
    warnings: Sequence[str] = ()
    conflict: Sequence[Limit] = ()
    repair: Sequence[Limit] = ()
    rest: str = ""


def explained(told: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> list[Explained]:
    """What a job says of its schedules; of several, where devices were scheduled in turn.

    :param zone: on whose clock moments are told.
    """
    reader = _Reader(zone, now)
    parts = told.get("sequence")
    parts = parts if isinstance(parts, list) else [told] if told else []
    return [_one(reader, each) for each in parts if isinstance(each, Mapping)]


def _one(reader: _Reader, told: Mapping[str, Any]) -> Explained:
    """As tables; as the scheduler says it where these do not fit."""
    scheduler = str(told.get("scheduler", ""))
    try:
        if "devices" in told and "cost" in told:
            return reader.schedule(told)
        if any(told.get(name) for name in _SOLUTION):
            return reader.conflict(told)
    except _ODD:
        pass
    return Explained(scheduler=scheduler, rest=_rest(told, frozenset({"scheduler"})))


def _rest(told: Mapping[str, Any], known: frozenset[str]) -> str:
    left = {name: value for name, value in told.items() if name not in known and value}
    return json.dumps(left, indent=2, ensure_ascii=False) if left else ""


class _Reader:
    """Reads what schedulers say, with times on one clock."""

    def __init__(self, zone: ZoneInfo, now: datetime) -> None:
        self._zone = zone
        self._now = now

    def schedule(self, told: Mapping[str, Any]) -> Explained:
        currency = told["currency"]
        names = {
            device[key]: device["name"]
            for device in told["devices"]
            for key in ("sensor", "asset")
            if device.get(key) is not None
        }
        commodities = list(told.get("commodities", {}).items())
        return Explained(
            scheduler=str(told.get("scheduler", "")),
            when=self._when(told),
            total=money(told["cost"], currency),
            basis=str(told.get("basis", "")),
            costs=[(name, money(each, currency)) for name, each in told["costs"].items()],
            commodities=[
                (name, money(each, currency)) for name, each in commodities if len(commodities) > 1
            ],
            devices=[self._device(each) for each in told["devices"]],
            limits=[
                Limit(
                    each["field"],
                    each.get("device") or "the site",
                    self._when(each),
                    with_unit(each["worth"], each["unit"]),
                )
                for each in told.get("limits", ())
            ],
            breaches=[
                Limit(
                    each["field"],
                    names.get(each.get("sensor"), names.get(each.get("asset"), "the site")),
                    self._when(each),
                    with_unit(each["amount"], each["unit"]),
                )
                for each in told.get("breaches", ())
            ],
            assumed=self._assumed(told),
            stale=[self._text(each) for each in told.get("stale", ())],
            warnings=[self._text(each) for each in told.get("warnings", ())],
            rest=_rest(told, _TOLD),
        )

    def conflict(self, told: Mapping[str, Any]) -> Explained:
        def limit(each: Mapping[str, Any], name: str) -> Limit:
            value = each.get(name)
            amount = "" if value is None else with_unit(value, each["unit"])
            if "from" in each:
                amount += f" instead of {with_unit(each['from'], each['unit'])}"
            return Limit(each["field"], each.get("device") or "the site", self._when(each), amount)

        return Explained(
            scheduler=str(told.get("scheduler", "")),
            conflict=[limit(each, "value") for each in told.get("conflict", ())],
            repair=[limit(each, "to") for each in told.get("repair", ())],
            rest=_rest(told, _OF_CONFLICT),
        )

    def _device(self, told: Mapping[str, Any]) -> ExplainedDevice:
        return ExplainedDevice(
            told["name"], told.get("sensor"), [self._reason(each) for each in told["reasons"]]
        )

    def _reason(self, told: Mapping[str, Any]) -> Reason:
        energy, price = told.get("energy"), told.get("price")
        return Reason(
            self._when(told),
            told.get("action", ""),
            self._text(told.get("text", "")),
            "" if not energy else with_unit(energy, told["unit"]),
            "" if price is None else f"{number(price)}\u00a0{told['price-unit']}",
        )

    def _assumed(self, told: Mapping[str, Any]) -> list[tuple[str, str]]:
        """When, and what; of what holds for the whole schedule there is no time."""
        timed = [(self._when(each), each["text"]) for each in told.get("assumed-when", ())]
        known = {text for _, text in timed}
        always = [("", each) for each in told.get("assumed", ()) if each not in known]
        return [(when, self._text(text)) for when, text in (*timed, *always)]

    def _text(self, said: Any) -> str:
        return with_clock(str(said), self._zone, self._now)

    def _when(self, told: Mapping[str, Any]) -> str:
        """From when to when something holds; empty where it is not said."""
        moments = [
            datetime.fromisoformat(told[name]).astimezone(self._zone)
            for name in ("start", "end")
            if told.get(name)
        ]
        if not moments:
            return ""
        texts = [clock(each, self._now) for each in moments]
        if len(moments) == 2 and moments[0].date() == moments[1].date():
            texts[1] = f"{moments[1]:%H:%M}"
        return " to ".join(texts if moments[0] != moments[-1] else texts[:1])
