"""``fmhost shell``: Python with the installation at hand."""

from __future__ import annotations

import code
import sys
from typing import Any

import click

from fmhost import __version__, model
from fmhost.cli.context import current_installation

_ADVICE = """At hand: installation, settings, the entities (Sensor, Asset, ...), and a session that
reads. To change something: with installation.database.transaction() as session: ..."""


@click.command("shell")
@click.option("--command", "-c", "statement", help="Run this and stop, instead of asking.")
def shell(statement: str | None) -> None:
    """Open a Python shell with the installation, a session and all entities at hand.

    The session sees the database as it is at its first query; `session.rollback()` has it look
    anew.
    """
    installation = current_installation()
    with installation.database.reading() as session:
        names: dict[str, Any] = {
            **{name: getattr(model, name) for name in model.__all__},
            "installation": installation,
            "settings": installation.settings,
            "session": session,
        }
        if statement is not None:
            exec(compile(statement, "<command>", "exec"), names)
            return
        python = sys.version.split()[0]
        banner = f"fmhost {__version__} on {installation.database}, Python {python}.\n{_ADVICE}"
        code.interact(banner, local=names, exitmsg="")
