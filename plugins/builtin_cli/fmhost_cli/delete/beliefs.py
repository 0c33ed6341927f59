"""``fmhost delete beliefs``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from fmhost.plugin import belief_removal, current_installation
from fmhost_cli.confirmation import force_option
from fmhost_cli.delete.choice import sensors_option, sources_option, window_options
from fmhost_cli.delete.removal import remove


@click.command()
@click.option(
    "--asset",
    "--asset-id",
    "asset_ids",
    type=int,
    multiple=True,
    help="ID of an asset: of all its sensors; repeat the option for several.",
)
@click.option("--offspring", is_flag=True, help="Of the assets' descendants, too.")
@sensors_option
@sources_option
@window_options
@force_option
def command(
    asset_ids: Sequence[int],
    offspring: bool,
    sensor_ids: Sequence[int],
    sources: Sequence[str],
    start: datetime | None,
    end: datetime | None,
    force: bool,
) -> None:
    """Delete beliefs about assets or sensors; all of them, or those of a time or a source.

    Name a sensor, an asset or a source at least.
    """
    if not (asset_ids or sensor_ids or sources):
        raise click.UsageError("Name a sensor, an asset or a source: --sensor, --asset, --source.")
    belief_removal.require_window(start, end)
    with current_installation().database.reading() as session:
        sensors = belief_removal.sensors_meant(session, sensor_ids, asset_ids, offspring=offspring)
        of_sources = belief_removal.source_ids_meant(session, sources)
    doomed = belief_removal.Doomed(start=start, end=end, source_ids=of_sources)
    remove(sensors, doomed, "beliefs", force=force)
