"""``fmhost delete nan-beliefs``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from fmhost.plugin import belief_removal, current_installation
from fmhost_cli.confirmation import force_option
from fmhost_cli.delete.choice import sensors_option, sources_option
from fmhost_cli.delete.removal import remove


@click.command()
@sensors_option
@sources_option
@force_option
def command(sensor_ids: Sequence[int], sources: Sequence[str], force: bool) -> None:
    """Delete beliefs that say that there is no value (NaN)."""
    with current_installation().database.reading() as session:
        sensors = belief_removal.sensors_meant(session, sensor_ids)
        of_sources = belief_removal.source_ids_meant(session, sources)
    doomed = replace(belief_removal.MISSING, source_ids=of_sources)
    remove(sensors, doomed, "NaN beliefs", force=force)
