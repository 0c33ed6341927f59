"""The ribbon of a plan, and the money at stake in words."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.plugin import Asset, AssetType, Job, Sensor, device_plans, overview
from fmhost_ui.ribbon import MOST_SLOTS, Ribbon
from fmhost_ui.stakes import at_stake, money, whole_plan

NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)  # Monday, 10:07 in Amsterdam
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reason(first: int, last: int, action: str, energy: float, **more: Any) -> dict[str, Any]:
    return {
        "start": (START + first * HOUR).isoformat(),
        "end": (START + last * HOUR).isoformat(),
        "action": action,
        "energy": energy,
        "price": 20.0,
        "later-price": None,
        "price-unit": "EUR/MWh",
        "text": f"It {action}s.",
        **more,
    }


def plan(
    *consumption: float, before: tuple[float, ...] = (), step: timedelta = HOUR, **told: Any
) -> Ribbon:
    asset = Asset(id=1, name="home", generic_asset_type=AssetType(name="battery"))
    sensor = Sensor(
        id=7,
        name="power",
        unit="kW",
        timezone="Europe/Amsterdam",
        generic_asset=asset,
        generic_asset_id=1,
        event_resolution=step,
    )
    device = {"name": "home", "sensor": 7, "reasons": told.pop("reasons", [])}
    explanation = {
        "start": START.isoformat(),
        "end": (START + 24 * HOUR).isoformat(),
        "currency": "EUR",
        "cost": -1.5,
        "breaches": [],
        "assumed": [],
        "warnings": [],
        "devices": [device],
        **told,
    }
    ahead = overview.ScheduleAhead(sensor, START, step, consumption)
    earlier = START - HOUR if before else None
    made = device_plans.DevicePlan(ahead, START, before, earlier, Job(), explanation, device)
    return Ribbon(made, NOW)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_slot_tells_what_why_and_at_what_price() -> None:
    found = plan(5, 0, -2.5, math.nan, 4, reasons=[reason(0, 1, "charge", 5)])
    slots = found.slots
    assert [slot.level for slot in slots] == [10, 0, -5, 0, 8]
    assert [slot.action for slot in slots] == ["taking", "idle", "giving", "unknown", "taking"]
    assert plain(slots[0].title) == "10:00 to 11:00: charging at 5 kW"
    assert (slots[0].reason, slots[0].price) == ("It charges.", "20 EUR/MWh")
    assert (slots[1].reason, slots[1].price) == ("", "")
    assert [slot.day for slot in slots] == ["Mon 2 Mar", "", "", "", ""]
    assert [slot.label for slot in slots] == ["", "", "12:00", "", ""]


@pytest.mark.parametrize(
    ("step", "count", "slots"), [(15, 96, 96), (15, 192, 96), (5, 288, 96), (60, 168, 48)]
)
def test_there_are_few_enough_slots(step: int, count: int, slots: int) -> None:
    found = plan(*range(1, count + 1), step=timedelta(minutes=step)).slots
    assert len(found) == slots <= MOST_SLOTS


def test_a_slot_of_several_steps_has_the_reason_of_the_step_with_most_power() -> None:
    minutes = timedelta(minutes=5)
    times = {"start": START + 2 * minutes, "end": START + 3 * minutes}
    why = reason(0, 1, "charge", 5) | {name: each.isoformat() for name, each in times.items()}
    (first, *_) = plan(0, 0, 5, *[0] * 285, step=minutes, reasons=[why]).slots
    assert (first.end - first.start, first.reason) == (timedelta(minutes=15), "It charges.")


def test_breaches_are_named_and_marked_where_they_are() -> None:
    def breach(first: float, last: float, **about: Any) -> dict[str, Any]:
        moments = {"start": START + first * HOUR, "end": START + last * HOUR}
        texts = {name: each.isoformat() for name, each in moments.items()}
        return {"field": "soc-minima", "amount": 2.0, "unit": "kWh", **texts, **about}

    found = plan(
        *(1, 1, 1, 1),
        breaches=[breach(1, 2), breach(3, 3, sensor=7), breach(0, 4, sensor=8)],
    )
    assert [len(slot.breaches) for slot in found.slots] == [0, 1, 1, 0]
    assert [plain(each) for each in found.breaches] == [
        "soc-minima is breached by up to 2 kWh from 11:00 to 12:00",
        "soc-minima is breached by up to 2 kWh at 13:00",
    ]


def test_what_was_assumed_is_told_where_it_was() -> None:
    times = {"start": START + HOUR, "end": START + 2 * HOUR}
    told = {name: each.isoformat() for name, each in times.items()} | {"text": "no price"}
    found = plan(1, 1, 1, **{"assumed-when": [told]})
    assert [slot.assumed for slot in found.slots] == [[], ["no price"], []]


def test_what_changed_is_told_in_power_and_in_money() -> None:
    reasons = [reason(0, 3, "charge", 10)]
    found = plan(5, 3, 0, before=(5, 0, math.nan), reasons=reasons)
    assert plain(found.change) == (
        "Since the plan of 09:00, 1 step changed, by up to 3 kW. At the prices of this plan, that "
        "costs 0.06 EUR more."
    )
    assert [plain(slot.change) for slot in found.slots] == ["", "idle", ""]
    assert plan(5, before=(5,)).change == "Nothing is planned otherwise than at 09:00."
    assert plan(5).change == "There was no plan for this time before."


def test_the_money_at_stake_is_that_of_now_or_next() -> None:
    now = reason(0, 2, "charge", 421.6, **{"later-price": 90.0})
    assert plain(plan(5, 5, reasons=[now]).stakes) == (
        "At stake: 422 kWh for 8.43 EUR, worth 37.94 EUR when it is used."
    )
    rest, then = reason(0, 1, "idle", 0), reason(1, 2, "discharge", -100)
    assert plain(plan(0, -5, reasons=[rest, then]).stakes) == (
        "At stake, from 11:00: 100 kWh worth 2.00 EUR."
    )
    assert plan(5).stakes == ""


def test_amounts_have_two_digits() -> None:
    assert plain(money(-0.001, "EUR")) == "0.00 EUR"
    assert plain(money(-1234.5, "EUR")) == "−1\u202f234.50 EUR"
    assert plain(whole_plan(-2.5, "EUR")) == "The plan earns 2.50 EUR in all"
    assert plain(whole_plan(2.5, "EUR")) == "The plan costs 2.50 EUR in all"
    assert at_stake(reason(0, 1, "charge", 5, price=None), "EUR") == ""
