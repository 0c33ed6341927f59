"""``fmhost delete unchanged-beliefs``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from fmhost.plugin import belief_removal, current_installation
from fmhost_cli.confirmation import confirm, force_option
from fmhost_cli.delete.choice import names_of, sensors_option, sources_option, window_options


@click.command()
@sensors_option
@sources_option
@window_options
@click.option(
    "--delete-forecasts/--keep-forecasts",
    "forecasts",
    default=True,
    show_default=True,
    help="Whether to delete those from before the events.",
)
@click.option(
    "--delete-measurements/--keep-measurements",
    "measurements",
    default=True,
    show_default=True,
    help="Whether to delete those from after the events.",
)
@force_option
def command(
    sensor_ids: Sequence[int],
    sources: Sequence[str],
    start: datetime | None,
    end: datetime | None,
    forecasts: bool,
    measurements: bool,
    force: bool,
) -> None:
    """Delete beliefs with which a source only repeats what it had said about an event before."""
    if not forecasts and not measurements:
        raise click.UsageError("Nothing is left to delete: keep forecasts or measurements.")
    belief_removal.require_window(start, end)
    installation = current_installation()
    with installation.database.reading() as session:
        sensors = belief_removal.sensors_meant(session, sensor_ids)
        of_sources = belief_removal.source_ids_meant(session, sources)
    confirm(f"Delete the unchanged beliefs of {names_of(sensors)}?", force=force)
    removed = left = 0
    for sensor in sensors:
        with installation.database.transaction() as session:
            removed += belief_removal.remove_unchanged(
                installation,
                session,
                sensor,
                start=start,
                end=end,
                source_ids=of_sources,
                forecasts=forecasts,
                measurements=measurements,
                progress=_tell,
            )
            left += belief_removal.number(session, [sensor], belief_removal.Doomed())
    click.secho(f"Done! Removed {removed} beliefs, {left} beliefs left.", fg="green")


def _tell(processed: int) -> None:
    click.echo(f"{processed} beliefs processed ...", err=True)
