"""The money at stake in a plan, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmhost_ui.wording import with_unit


def money(amount: float, currency: str) -> str:
    """An amount with two digits, and no minus sign before nothing."""
    text = f"{amount:,.2f}".replace(",", "\u202f").replace("-", "−")
    return f"{'0.00' if text == '−0.00' else text}\u00a0{currency}"


def at_stake(reason: Mapping[str, Any], currency: str) -> str:
    """What a stretch of time costs or earns, as its scheduler explains it; empty where unknown.

    :param reason: with its energy [kWh, consumption positive], what energy costs then, and what it
        costs when it is used or charged again.
    """
    energy, price, later = (reason.get(name) for name in ("energy", "price", "later-price"))
    if not energy or price is None:
        return ""
    amount = with_unit(abs(energy), "kWh")
    value = abs(energy) / 1000 * price
    after = None if later is None else abs(energy) / 1000 * later
    action = reason.get("action")
    if energy > 0:
        text = f"{amount} for {money(value, currency)}"
        if after is not None and action == "charge":
            text += f", worth {money(after, currency)} when it is used"
    else:
        text = f"{amount} worth {money(value, currency)}"
        if after is not None and action == "discharge":
            text += f", which costs {money(after, currency)} to charge again"
    return text


def whole_plan(cost: float, currency: str) -> str:
    """What a plan costs or earns in all."""
    if cost < 0:
        return f"The plan earns {money(-cost, currency)} in all"
    return f"The plan costs {money(cost, currency)} in all"
