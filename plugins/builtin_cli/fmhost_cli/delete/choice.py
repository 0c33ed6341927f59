"""Options with which commands name the beliefs that they delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from fmhost.plugin import Sensor
from fmhost_cli.parameters import MOMENT

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

sensors_option: Callable[[Any], Any] = click.option(
    "--sensor",
    "--sensor-id",
    "sensor_ids",
    type=int,
    multiple=True,
    help="ID of a sensor; repeat the option for several. [default: all sensors]",
)

sources_option: Callable[[Any], Any] = click.option(
    "--source",
    "--source-id",
    "sources",
    multiple=True,
    help="Only beliefs of this source: ID or name; repeat the option for several.",
)


def window_options(function: Decorated) -> Decorated:
    """``--start`` and ``--end``."""
    start = click.option(
        "--start", type=MOMENT, help="Only about events from this moment on, with UTC offset."
    )
    end = click.option("--end", type=MOMENT, help="Only about events that start before it.")
    return start(end(function))


def names_of(sensors: Sequence[Sensor]) -> str:
    """``sensor 'discharging' (ID: 2)``, ``2 sensors``, as a question names them."""
    if len(sensors) == 1:
        return f"sensor '{sensors[0].name}' (ID: {sensors[0].id})"
    return f"{len(sensors)} sensors"
