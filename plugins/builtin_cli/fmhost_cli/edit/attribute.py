"""``fmhost edit attribute``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from fmhost.plugin import accounts, assets, attributes, current_installation, sensors
from fmhost_cli.parameters import JSON_LIST, JSON_OBJECT


@click.command()
@click.option("--asset", "--asset-id", "asset_ids", type=int, multiple=True, help="ID of an asset.")
@click.option(
    "--sensor", "--sensor-id", "sensor_ids", type=int, multiple=True, help="ID of a sensor."
)
@click.option(
    "--account", "--account-id", "account_ids", type=int, multiple=True, help="ID of an account."
)
@click.option("--attribute", "name", required=True, help="Name of the attribute.")
@click.option("--float", "as_float", type=float, help="Set it to this number.")
@click.option("--int", "as_int", type=int, help="Set it to this whole number.")
@click.option("--bool", "as_bool", type=bool, help="Set it to true or false.")
@click.option("--str", "as_str", help="Set it to this text.")
@click.option("--list", "as_list", type=JSON_LIST, help="Set it to this JSON list, or file.")
@click.option("--dict", "as_dict", type=JSON_OBJECT, help="Set it to this JSON object, or file.")
@click.option("--null", "as_null", is_flag=True, help="Set it to nothing (null).")
def command(
    asset_ids: Sequence[int],
    sensor_ids: Sequence[int],
    account_ids: Sequence[int],
    name: str,
    as_null: bool,
    **values: Any,
) -> None:
    """Set an attribute of assets, sensors or accounts; the other attributes stay.

    Name one or several of them, and exactly one value.
    """
    if not (asset_ids or sensor_ids or account_ids):
        raise click.UsageError("Name an asset, a sensor or an account: --asset, --sensor, ...")
    value = _only_value(values, as_null=as_null)
    installation = current_installation()
    with installation.database.transaction() as session:
        targets: list[Any] = [
            *(assets.get_asset(session, each) for each in dict.fromkeys(asset_ids)),
            *(sensors.get_sensor(session, each) for each in dict.fromkeys(sensor_ids)),
            *(accounts.get_account(session, each) for each in dict.fromkeys(account_ids)),
        ]
        for target in targets:
            attributes.set_attribute(installation, session, target, name, value)
    click.secho("Successfully edited/added attribute.", fg="green")


def _only_value(values: dict[str, Any], *, as_null: bool) -> Any:
    given = [value for value in values.values() if value is not None]
    if len(given) + as_null != 1:
        options = ", ".join(f"--{name.removeprefix('as_')}" for name in values)
        raise click.UsageError(f"Give exactly one value: {options} or --null.")
    return None if as_null else given[0]
