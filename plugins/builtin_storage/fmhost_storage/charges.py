"""From inputs to commitments: soft limits, peaks, and what the user committed to.

Each breach of a soft limit costs its price twice: the highest breach of the window, per MW or MWh,
and each step's breach, per MW or MWh and hour. The money does not depend on the length of a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmhost.plugin import InvalidInput
from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.commitment_fields import CommitmentConfig
from fmhost_storage.commitments import Commitment
from fmhost_storage.grid_inputs import DeviceInputs, PricedFlow, SiteInputs
from fmhost_storage.price_fields import POWER
from fmhost_storage.soft import RELAXED

COMMODITY = "electricity"
#: Price of a breach of the SoC where it is soft for want of better [currency/MWh].
USUAL_SOC_BREACH = RELAXED["relax_soc_constraints"]["soc_minima_breach_price"][0]


@dataclass(frozen=True)
class SoftLimits:
    """The limits of one device that may be breached at a price; NaN or None where there is none.

    Powers [MW, >= 0] have shape (T,), levels [MWh] speak of ticks 1..T and have shape (T,).
    """

    consumption: FloatArray | None = None
    production: FloatArray | None = None
    minima: FloatArray | None = None
    maxima: FloatArray | None = None
    targets: FloatArray | None = None


def device_charges(
    limits: Sequence[SoftLimits], prices: Mapping[str, FloatArray], hours: FloatArray
) -> Iterator[Commitment]:
    """Breaches of the soft limits of devices.

    :param limits: of each device.
    :param prices: by field with underscores, shape (T,).
    """
    for direction, sign in (("consumption", 1.0), ("production", -1.0)):
        members, quantity = _stacked([getattr(each, direction) for each in limits])
        price = prices.get(f"{direction}_breach_price")
        if price is not None and members.size:
            yield from breach(
                [f"{direction} breach{{}} device {each[0]}" for each in members.tolist()],
                sign * quantity,
                price if sign > 0 else None,
                price if sign < 0 else None,
                hours,
                field=f"{direction}-capacity",
                members=members,
            )
    usual = np.full_like(hours, USUAL_SOC_BREACH)
    least = prices.get("soc_minima_breach_price", usual)
    most = prices.get("soc_maxima_breach_price", usual)
    for level, up, down in (
        ("minima", None, least),
        ("maxima", most, None),
        ("targets", most, least),
    ):
        members, quantity = _stacked([getattr(each, level) for each in limits])
        if members.size:
            yield from breach(
                [f"soc {level}"] * len(members),
                quantity,
                up,
                down,
                hours,
                field=f"soc-{level}",
                members=members,
                stock=True,
            )


def capacities(
    site: SiteInputs, unlimited: FloatArray
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Hard and soft capacities of the site by direction [MW]; the power capacity is always hard."""
    both_ways = filled(site.power_capacity, unlimited)
    hard, soft = {}, {}
    for direction, capacity in (
        ("consumption", site.consumption_capacity),
        ("production", site.production_capacity),
    ):
        if capacity is not None and f"site_{direction}_breach_price" in site.breach_prices:
            soft[direction] = np.where(capacity < both_ways, capacity, np.nan)
            hard[direction] = both_ways
        else:
            hard[direction] = np.fmin(filled(capacity, both_ways), both_ways)
    return hard, soft


def filled(values: FloatArray | None, default: FloatArray) -> FloatArray:
    """The values with `default` where there is none."""
    return default if values is None else np.where(np.isnan(values), default, values)


def site_charges(
    site: SiteInputs,
    soft: Mapping[str, FloatArray],
    hours: FloatArray,
    *,
    commodity: str = COMMODITY,
    members: IntArray | None = None,
    fixed: FloatArray | float = 0.0,
) -> Iterator[Commitment]:
    """Breaches of the soft capacities of the connection of a commodity, and its peaks.

    :param soft: capacity by direction where it is soft [MW, >= 0], NaN at steps without one.
    :param members: the devices at the connection, shape (1, K); None for those of the site.
    :param fixed: power of what is not scheduled next to these members.
    """
    about = None if members is None else {"commodity": commodity}
    for direction, sign in (("consumption", 1.0), ("production", -1.0)):
        if direction in soft:
            price = site.breach_prices[f"site_{direction}_breach_price"]
            yield from breach(
                [f"{direction} breach{{}}"],
                (sign * soft[direction] - fixed)[None],
                price if sign > 0 else None,
                price if sign < 0 else None,
                hours,
                field=f"site-{direction}-capacity",
                prefix=f"{commodity} ",
                members=members,
                about=about,
            )
        if direction in site.peaks:
            peak = site.peaks[direction]
            yield _commitment(
                f"{commodity} {direction} peak",
                sign * peak.quantity - fixed,
                peak.up_price if sign > 0 else None,
                None if sign > 0 or peak.up_price is None else -peak.up_price,
                highest=True,
                members=members,
            )


def habit_charges(
    devices: Sequence[DeviceInputs], site: SiteInputs, hours: FloatArray
) -> Iterator[Commitment]:
    """What the throughput of devices costs, and deviating from the previous plan."""
    nothing = np.zeros_like(hours)
    for name, terms in (
        ("cycle cost", [(nothing, each.cycle_cost) for each in devices]),
        ("stability", [(each.previous_plan, site.stability_cost) for each in devices]),
    ):
        told = [
            (number, quantity, price * hours)
            for number, (quantity, price) in enumerate(terms)
            if quantity is not None and price is not None and np.any(price != 0)
        ]
        if told:
            price = np.array([price for _, _, price in told])
            yield Commitment(
                names=tuple(f"{name} device {number}" for number, _, _ in told),
                quantity=np.array([quantity for _, quantity, _ in told]),
                up_price=price,
                down_price=-price,
                members=np.array([[number] for number, _, _ in told], np.int32),
                gross=True,
            )


def user_charges(
    configs: Sequence[CommitmentConfig],
    inputs: Sequence[PricedFlow],
    flows: Sequence[tuple[IntArray | None, FloatArray | float]],
    hours: FloatArray,
) -> Iterator[Commitment]:
    """What the user committed to.

    :param flows: of each commitment: the devices that are meant, shape (1, K), or None for the
        whole site; and what is not scheduled next to these.
    :raises InvalidInput: where a price per power is an income.
    """
    for number, (config, flow, meant) in enumerate(zip(configs, inputs, flows, strict=True)):
        members, fixed = meant
        told = [
            (price.per == POWER, up, down)
            for price, up, down in (
                (config.up_price, flow.up_price, None),
                (config.down_price, None, flow.down_price),
            )
            if price is not None
        ]
        if len({highest for highest, _, _ in told}) == 1:
            # Together, so that a kink that costs in sum needs no binary.
            told = [(told[0][0], flow.up_price, flow.down_price)]
        for highest, up, down in told:
            factor = np.ones_like(hours) if highest else hours
            try:
                yield _commitment(
                    config.name,
                    flow.quantity - fixed,
                    None if up is None else up * factor,
                    None if down is None else down * factor,
                    highest=highest,
                    members=members,
                )
            except InvalidInput as error:
                income = "up" if up is not None and np.any(up < 0) else "down"
                error.field = f"commitments.{number}.{income}-price"
                raise


def _stacked(rows: Sequence[FloatArray | None]) -> tuple[IntArray, FloatArray]:
    """The devices that have a row with a value, as members, and their rows."""
    kept = [
        (device, row)
        for device, row in enumerate(rows)
        if row is not None and not np.isnan(row).all()
    ]
    members = np.array([[device] for device, _ in kept], np.int32).reshape(-1, 1)
    return members, np.array([row for _, row in kept])


def breach(
    names: Sequence[str],
    quantity: FloatArray,
    up: FloatArray | None,
    down: FloatArray | None,
    hours: FloatArray,
    *,
    field: str,
    prefix: str = "",
    members: IntArray | None = None,
    stock: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Iterator[Commitment]:
    """The highest breach, and every one per hour; `up` and `down` are prices of the breach."""
    for word, plural, factor in (("any", "", np.ones_like(hours)), ("all", "es", hours)):
        yield Commitment(
            names=tuple(f"{prefix}{word} {name.format(plural)}" for name in names),
            quantity=quantity,
            up_price=_spread(up, factor, quantity.shape),
            down_price=-_spread(down, factor, quantity.shape),
            members=members,
            stock=stock,
            highest=word == "any",
            field=field,
            about=about,
        )


def _spread(price: FloatArray | None, factor: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return np.zeros(shape) if price is None else np.broadcast_to(price * factor, shape)


def _commitment(
    name: str,
    quantity: FloatArray,
    up: FloatArray | None,
    down: FloatArray | None,
    *,
    highest: bool,
    members: IntArray | None = None,
) -> Commitment:
    nothing = np.zeros_like(quantity)
    return Commitment(
        names=(name,),
        quantity=quantity[None],
        up_price=(nothing if up is None else up)[None],
        down_price=(nothing if down is None else down)[None],
        members=members,
        highest=highest,
    )
