"""``fmhost add schedule for-storage``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from fmhost.plugin import (
    Checked,
    InvalidInput,
    Sensor,
    Span,
    current_installation,
    sensors,
    units,
)
from fmhost_cli.add.scheduling import ScheduleRequest, as_job_option, dry_run_option, fulfil
from fmhost_cli.parameters import DURATION, MOMENT, sensor_option


def _share(text: str) -> float:
    """A fraction (``0.5``) or a percentage (``50%``), from 0 to 1."""
    number, unit = units.parse_quantity(text, "")
    if unit not in ("", "%"):
        raise InvalidInput(f"'{text}' is no share.", hint="Write 0.5 or 50%.")
    share = number / 100 if unit == "%" else number
    if not 0 <= share <= 1:
        raise InvalidInput(f"{text} is not between 0 and 1 (0% and 100%).")
    return share


SHARE = Checked("share", _share)


@click.command()
@sensor_option("The power sensor of the storage.", required=True)
@click.option(
    "--consumption-price-sensor",
    "--optimization-context-id",
    "consumption_price_sensor",
    type=int,
    help="ID of the sensor with the price of consumption. [default: that of the asset]",
)
@click.option(
    "--production-price-sensor",
    type=int,
    help="ID of the sensor with the price of production. [default: the price of consumption]",
)
@click.option("--start", type=MOMENT, required=True, help="Start, with UTC offset.")
@click.option("--duration", type=DURATION, required=True, help="Length: PT12H.")
@click.option(
    "--soc-at-start",
    type=SHARE,
    required=True,
    help="State of charge at the start, as a share of the maximum: 0.5 or 50%.",
)
@click.option(
    "--soc-target",
    "soc_targets",
    type=(SHARE, MOMENT),
    multiple=True,
    help="A share and a moment by which it is to be reached, as in: 100% 2026-03-01T07:00+01:00. "
    "Repeat the option for several.",
)
@click.option("--soc-min", type=SHARE, help="Least state of charge, as a share of the maximum.")
@click.option("--soc-max", type=SHARE, help="Most state of charge, as a share of the maximum.")
@click.option(
    "--roundtrip-efficiency",
    type=SHARE,
    help="Share of the energy that charging and discharging leave. [default: 100%]",
)
@as_job_option
@dry_run_option
def command(
    sensor_id: int,
    consumption_price_sensor: int | None,
    production_price_sensor: int | None,
    start: datetime,
    duration: Span,
    soc_at_start: float,
    soc_targets: Sequence[tuple[float, datetime]],
    soc_min: float | None,
    soc_max: float | None,
    roundtrip_efficiency: float | None,
    as_job: bool,
    dry_run: bool,
) -> None:
    """Compute a schedule for a battery or another storage.

    States of charge are shares of the storage's maximum, its attribute `max_soc_in_mwh`.
    """
    with current_installation().database.reading() as session:
        full = _largest_charge(sensors.get_sensor(session, sensor_id))
    flex_model: dict[str, Any] = {"soc-at-start": _energy(soc_at_start, full)}
    if soc_targets:
        flex_model["soc-targets"] = [
            {"value": _energy(share, full), "datetime": moment.isoformat()}
            for share, moment in soc_targets
        ]
    for field, share in (("soc-min", soc_min), ("soc-max", soc_max)):
        if share is not None:
            flex_model[field] = _energy(share, full)
    if roundtrip_efficiency is not None:
        flex_model["roundtrip-efficiency"] = roundtrip_efficiency
    flex_context: dict[str, Any] = {}
    for field, price_sensor in (
        ("consumption-price", consumption_price_sensor),
        ("production-price", production_price_sensor),
    ):
        if price_sensor is not None:
            flex_context[field] = {"sensor": price_sensor}
    fulfil(
        ScheduleRequest(
            sensor_id=sensor_id,
            asset_id=None,
            start=start,
            duration=duration,
            flex_model=flex_model,
            flex_context=flex_context,
        ),
        as_job=as_job,
        dry_run=dry_run,
    )


def _largest_charge(sensor: Sensor) -> float:
    """What 100 % stands for [MWh].

    :raises InvalidInput: where the sensor does not measure power, or nothing tells the maximum.
    """
    if not units.is_power(sensor.unit):
        raise InvalidInput(
            f"Sensor with ID {sensor.id} is not a power sensor.",
            field="sensor",
            hint=f"Its unit is {sensor.unit}.",
        )
    largest = sensor.get_attribute("max_soc_in_mwh")
    if largest is None:
        raise InvalidInput(
            f"Sensor {sensor.id} has no max_soc_in_mwh attribute.",
            field="sensor",
            hint="Set it on the sensor or on its asset, or use `fmhost add schedule` with "
            "energies in --flex-model.",
        )
    return units.quantity(largest, "MWh", "MWh", field="max_soc_in_mwh")


def _energy(share: float, full: float) -> str:
    return f"{share * full:.9g} MWh"
