"""``fmhost edit transfer-parenthood``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from fmhost.plugin import assets, current_installation, transfers


@click.command()
@click.option(
    "--asset",
    "--asset-id",
    "asset_ids",
    type=int,
    multiple=True,
    help="ID of the asset to move; repeat the option for several.",
)
@click.option("--old-parent", "old_id", type=int, help="ID of an asset, all parts of which move.")
@click.option(
    "--new-parent",
    "new_id",
    type=int,
    help="ID of the asset of which they become parts. "
    "[default: none, they become assets of their own]",
)
def command(asset_ids: Sequence[int], old_id: int | None, new_id: int | None) -> None:
    """Make assets parts of another asset; name the assets, or the one whose parts they are."""
    if bool(asset_ids) == (old_id is not None):
        raise click.UsageError("Name either assets (--asset) or their parent (--old-parent).")
    installation = current_installation()
    with installation.database.transaction() as session:
        parent = None
        if new_id is not None:
            parent = assets.get_asset(session, new_id, field="new-parent")
        if old_id is None:
            moved = [assets.get_asset(session, each) for each in dict.fromkeys(asset_ids)]
        else:
            moved = list(assets.get_asset(session, old_id, field="old-parent").child_assets)
        for asset in moved:
            transfers.transfer_parenthood(installation, session, asset, parent)
    place = f"parts of '{parent.name}' (ID: {parent.id})" if parent else "assets of their own"
    names = ", ".join(f"'{each.name}' (ID: {each.id})" for each in moved)
    if moved:
        click.secho(f"These are {place} now: {names}.", fg="green")
    else:
        click.secho(f"Asset {old_id} has no parts.", fg="yellow")
