"""The list of schedulers, forecasters or reporters, which three commands share."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from fmhost.plugin import current_installation, driver_use
from fmhost_cli.tables import echo_json, echo_table

#: How many sensors and assets a table names; JSON has them all.
_NAMED = 10

_GONE = "plugin unavailable"


def echo_drivers(kind: str, *, as_json: bool) -> None:
    """List the drivers of a kind (``scheduler``, ``forecaster``, ``reporter``) and their use."""
    installation = current_installation()
    with installation.database.reading() as session:
        found = driver_use.list_drivers(installation, session, kind)
    if as_json:
        echo_json([_as_json(driver) for driver in found])
        return
    if not found:
        click.secho(f"No plugin brings a {kind}. See `fmhost plugins list`.", fg="yellow")
        return
    echo_table(
        ["Name", "Plugin", "Version", "Author", "Module", "Asset types", "In use by"],
        [_row(driver) for driver in found],
    )
    for driver in found:
        if driver.problem is not None:
            click.secho(f"{driver.name}: {driver.problem}", fg="yellow", err=True)


def _as_json(driver: Any) -> dict[str, Any]:
    shown = asdict(driver)
    status = "ok" if driver.problem is None else "broken"
    return {**shown, "status": _GONE if driver.plugin is None else status}


def _row(driver: Any) -> list[Any]:
    types = [*driver.asset_types, *(["(default)"] if driver.default else [])]
    version = f"{driver.distribution} {driver.version}" if driver.distribution else ""
    return [
        driver.name,
        driver.plugin or _GONE,
        version,
        driver.author,
        driver.module,
        "\n".join(types),
        _uses(driver.uses),
    ]


def _uses(uses: list[Any]) -> str:
    named = [f"{use.entity} {use.id} ({_name(use)})" for use in uses[:_NAMED]]
    more = [f"and {len(uses) - _NAMED} more"] if len(uses) > _NAMED else []
    return "\n".join([*named, *more])


def _name(use: Any) -> str:
    return use.name if use.entity == "asset" else f"{use.name} of {use.asset}"
