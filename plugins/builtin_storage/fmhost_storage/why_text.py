"""Reasons in sentences."""

from __future__ import annotations

from fmhost_storage.reasons import Action, Reason

_VERBS = {
    Action.IDLE: "Rests",
    Action.CHARGE: "Charges",
    Action.DISCHARGE: "Discharges",
    Action.CONSUME: "Consumes",
    Action.PRODUCE: "Produces",
}
_REASONS = {
    (Action.CHARGE, Reason.PRICE): "as energy costs {now} now{used}",
    (Action.CHARGE, Reason.TARGET): "for a set-point of its state of charge, at {now}",
    (Action.CHARGE, Reason.SELF_CONSUMPTION): "with what the site has to spare, which would earn "
    "{now}{used}",
    (Action.CHARGE, Reason.CAPACITY): "as the site cannot sell all that it has to spare (at the "
    "margin, energy is worth {now})",
    (Action.CHARGE, Reason.USAGE): "to make up for what is used and lost, at {now}",
    (Action.DISCHARGE, Reason.PRICE): "as energy is worth {now} now{refilled}",
    (Action.DISCHARGE, Reason.TARGET): "for a set-point of its state of charge, at {now}",
    (Action.DISCHARGE, Reason.SELF_CONSUMPTION): "to serve what the site consumes, which saves "
    "{now}{refilled}",
    (Action.DISCHARGE, Reason.CAPACITY): "to keep the site within its capacity (at the margin, "
    "energy costs {now})",
    (Action.DISCHARGE, Reason.PEAK): "to keep the peak of the site low (at the margin, energy "
    "costs {now})",
    (Action.IDLE, Reason.PRICE): "as neither direction pays at {now}",
    (Action.IDLE, Reason.FULL): "as it is full, and has better use for its energy than {now}",
    (Action.IDLE, Reason.EMPTY): "as it is empty, and energy is too dear at {now}",
    (Action.IDLE, Reason.CAPACITY): "as the capacity of the site leaves no room (at the margin, "
    "energy costs {now})",
    (Action.IDLE, Reason.PEAK): "to keep the peak of the site low (at the margin, energy costs "
    "{now})",
    (Action.IDLE, Reason.OFF): "as it has no capacity",
    (Action.CONSUME, Reason.PRICE): "at {now}",
    (Action.CONSUME, Reason.CAPACITY): "as far as the capacity of the site allows, at {now}",
    (Action.PRODUCE, Reason.PRICE): "as energy is worth {now}",
    (Action.PRODUCE, Reason.CAPACITY): "as far as the capacity of the site allows (at the margin, "
    "energy is worth {now})",
}


def reason_text(
    action: Action, reason: Reason, now: float | None, later: float | None, currency: str
) -> str:
    """One sentence; prices in currency/MWh.

    :param now: the marginal price of energy at the site.
    :param later: the mean of that where the energy is used, or charged again.
    """
    if reason is Reason.LINK:
        return f"{_VERBS[action]} as devices that it is tied to need."
    known = _REASONS.get((action, reason))
    if known is None or now is None:
        return f"{_VERBS[action]}."
    after = "" if later is None else _price(later, currency)
    told = known.format(
        now=_price(now, currency),
        used=after and f", and {after} when it is used",
        refilled=after and f", and {after} when it is charged again",
    )
    return f"{_VERBS[action]} {told}."


def _price(value: float, currency: str) -> str:
    return f"{value + 0.0:.2f} {currency}/MWh"
