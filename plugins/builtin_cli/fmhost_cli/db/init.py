"""``fmhost db init``."""

from __future__ import annotations

from pathlib import Path

import click

from fmhost.plugin import Conflict, migrations, schema_changes
from fmhost_cli.db.templates import TEMPLATES


@click.command()
@click.option(
    "--directory",
    "-d",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the plugin, which its manifest will name under `migrations`.",
)
@click.option(
    "--template",
    "-t",
    type=click.Choice(list(TEMPLATES)),
    default="plugin",
    show_default=True,
    help="What to make.",
)
def command(directory: Path | None, template: str) -> None:
    """Begin the revisions of a plugin's tables, with an empty first one.

    The tables of fmhost itself have theirs already; `fmhost db upgrade` creates them.
    """
    if directory is None:
        raise Conflict(
            f"The tables of fmhost have their migrations, in {migrations.environment_folder()}.",
            field="directory",
            hint="Run `fmhost db upgrade` to create them, or name the folder of a plugin with "
            "`--directory`.",
        )
    click.secho(f"Wrote {schema_changes.begin(directory)} (template {template}).", fg="green")
    click.echo("Fill it, and name the folder and the prefix of its tables in the manifest.")
