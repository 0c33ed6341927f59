"""The list of schedulers or forecasters, which two commands share."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import current_program
from fmhost_cli.tables import echo_json, echo_table


def echo_drivers(kind: str, *, as_json: bool) -> None:
    """List the drivers of a kind (``scheduler``, ``forecaster``), importing each for its version.

    :raises PluginError: where one cannot be imported.
    """
    registry = current_program().host.registry
    found: list[dict[str, Any]] = []
    for name, offer in registry.offers(kind).items():
        driver, provenance = registry.get(kind, name)
        about = driver.get_data_source_info()
        found.append(
            {
                "name": name,
                "version": about["version"],
                "author": about["name"],
                "module": offer.driver.target.partition(":")[0],
                "plugin": provenance.plugin,
                "asset types": ", ".join(offer.driver.asset_types),
            }
        )
    if as_json:
        echo_json(found)
    elif found:
        headers = [key.capitalize() for key in found[0]]
        echo_table(headers, [list(driver.values()) for driver in found])
    else:
        click.secho(f"No plugin brings a {kind}. See `fmhost plugins list`.", fg="yellow")
