"""From inputs to commitments: soft limits, peaks, and what the user committed to.

Each breach of a soft limit costs its price twice: the highest breach of the window, per MW or MWh,
and each step's breach, per MW or MWh and hour. The money does not depend on the length of a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fmhost.plugin import InvalidInput
from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.commitment_fields import CommitmentConfig
from fmhost_storage.commitments import Commitment
from fmhost_storage.inputs import PricedFlow, SiteInputs
from fmhost_storage.price_fields import POWER

COMMODITY = "electricity"


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
            yield from _breach(
                [f"{direction} breach{{}} device {each[0]}" for each in members.tolist()],
                sign * quantity,
                price if sign > 0 else None,
                price if sign < 0 else None,
                hours,
                field=f"{direction}-capacity",
                members=members,
            )
    least, most = prices.get("soc_minima_breach_price"), prices.get("soc_maxima_breach_price")
    for level, up, down in (
        ("minima", None, least),
        ("maxima", most, None),
        ("targets", most, least),
    ):
        members, quantity = _stacked([getattr(each, level) for each in limits])
        if members.size:
            yield from _breach(
                [f"soc {level}"] * len(members),
                quantity,
                up,
                down,
                hours,
                field=f"soc-{level}",
                members=members,
                stock=True,
            )


def site_charges(
    site: SiteInputs, soft: Mapping[str, FloatArray], hours: FloatArray
) -> Iterator[Commitment]:
    """Breaches of the soft capacities of the site, and its peaks.

    :param soft: capacity by direction where it is soft [MW, >= 0], NaN at steps without one.
    """
    for direction, sign in (("consumption", 1.0), ("production", -1.0)):
        if direction in soft:
            price = site.breach_prices[f"site_{direction}_breach_price"]
            yield from _breach(
                [f"{direction} breach{{}}"],
                sign * soft[direction][None],
                price if sign > 0 else None,
                price if sign < 0 else None,
                hours,
                field=f"site-{direction}-capacity",
                prefix=f"{COMMODITY} ",
            )
        if direction in site.peaks:
            peak = site.peaks[direction]
            yield _commitment(
                f"{COMMODITY} {direction} peak",
                sign * peak.quantity,
                peak.up_price if sign > 0 else None,
                None if sign > 0 or peak.up_price is None else -peak.up_price,
                highest=True,
            )


def user_charges(
    configs: Sequence[CommitmentConfig],
    inputs: Sequence[PricedFlow],
    sensors: Sequence[int | None],
    hours: FloatArray,
) -> Iterator[Commitment]:
    """What the user committed to.

    :param sensors: id of the power sensor of each device.
    :raises InvalidInput: where a commitment names a sensor that is not scheduled, or where a price
        per power is an income.
    """
    for number, (config, flow) in enumerate(zip(configs, inputs, strict=True)):
        members = _members(config, sensors, number)
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
                    flow.quantity,
                    None if up is None else up * factor,
                    None if down is None else down * factor,
                    highest=highest,
                    members=members,
                )
            except InvalidInput as error:
                income = "up" if up is not None and np.any(up < 0) else "down"
                error.field = f"commitments.{number}.{income}-price"
                raise


def _members(
    config: CommitmentConfig, sensors: Sequence[int | None], number: int
) -> IntArray | None:
    if config.sensors is None:
        return None
    for place, sensor in enumerate(config.sensors):
        if sensor not in sensors:
            raise InvalidInput(
                f"Sensor {sensor} is not scheduled, so nothing can be committed for it.",
                field=f"commitments.{number}.sensors.{place}",
                hint="Name sensors of the flex-model, or leave it out for the whole site.",
            )
    return np.array([[sensors.index(sensor) for sensor in config.sensors]], np.int32)


def _stacked(rows: Sequence[FloatArray | None]) -> tuple[IntArray, FloatArray]:
    """The devices that have a row with a value, as members, and their rows."""
    kept = [
        (device, row)
        for device, row in enumerate(rows)
        if row is not None and not np.isnan(row).all()
    ]
    members = np.array([[device] for device, _ in kept], np.int32).reshape(-1, 1)
    return members, np.array([row for _, row in kept])


def _breach(
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
