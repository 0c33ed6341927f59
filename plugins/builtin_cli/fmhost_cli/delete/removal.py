"""Deleting beliefs: look, ask, delete, tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from fmhost.plugin import Sensor, belief_removal, current_installation
from fmhost_cli.confirmation import confirm
from fmhost_cli.delete.choice import names_of


def remove(sensors: Sequence[Sensor], doomed: Any, what: str, *, force: bool) -> None:
    """Delete beliefs about these sensors, once somebody has agreed.

    :param doomed: which: a ``belief_removal.Doomed``.
    :param what: what they are called: ``measurements``.
    """
    installation = current_installation()
    with installation.database.reading() as session:
        number = belief_removal.number(session, sensors, doomed)
    if not number:
        click.secho(f"There are no {what} of {names_of(sensors)}.", fg="yellow")
        return
    confirm(f"Delete {number} {what} of {names_of(sensors)}?", force=force)
    with installation.database.transaction() as session:
        removed = belief_removal.remove(installation, session, sensors, doomed)
        left = belief_removal.number(session, sensors, belief_removal.Doomed())
    click.secho(f"Done! {removed} {what} deleted, {left} beliefs left.", fg="green")
