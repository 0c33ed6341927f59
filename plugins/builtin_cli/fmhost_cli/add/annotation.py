"""``fmhost add annotation``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from fmhost.plugin import (
    ANNOTATION_TYPES,
    Account,
    Asset,
    Remark,
    Sensor,
    accounts,
    annotate,
    assets,
    current_installation,
    parse_duration,
    sensors,
    time_zone,
    users,
)
from fmhost_cli.parameters import MOMENT


@click.command()
@click.option("--content", required=True, help="What to say.")
@click.option(
    "--at", "start", type=MOMENT, required=True, help="From when it holds, with UTC offset."
)
@click.option(
    "--until", "end", type=MOMENT, help="Until when it holds. [default: the same time next day]"
)
@click.option("--account", "--account-id", "account_ids", type=int, multiple=True, help="ID.")
@click.option("--asset", "--asset-id", "asset_ids", type=int, multiple=True, help="ID.")
@click.option("--sensor", "--sensor-id", "sensor_ids", type=int, multiple=True, help="ID.")
@click.option("--user", "--user-id", "user_id", type=int, required=True, help="ID of the author.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(ANNOTATION_TYPES),
    default="label",
    show_default=True,
    help="What kind of remark it is.",
)
def command(
    content: str,
    start: datetime,
    end: datetime | None,
    account_ids: Sequence[int],
    asset_ids: Sequence[int],
    sensor_ids: Sequence[int],
    user_id: int,
    kind: str,
) -> None:
    """Annotate accounts, assets and sensors; name one or several of them."""
    if not (account_ids or asset_ids or sensor_ids):
        raise click.UsageError("Name an account, an asset or a sensor: --account, --asset, ...")
    installation = current_installation()
    with installation.database.transaction() as session:
        user = users.get_user(session, user_id)
        targets: list[Account | Asset | Sensor] = [
            *(accounts.get_account(session, each) for each in dict.fromkeys(account_ids)),
            *(assets.get_asset(session, each) for each in dict.fromkeys(asset_ids)),
            *(sensors.get_sensor(session, each) for each in dict.fromkeys(sensor_ids)),
        ]
        if end is None:
            own_zone = user.timezone or installation.settings["FLEXMEASURES_TIMEZONE"]
            zone = getattr(targets[-1], "timezone", own_zone)
            end = parse_duration("P1D").add_to(start, time_zone(zone))
        remark = Remark(content, start, end, kind)
        for target in targets:
            annotation, _ = annotate(session, target, remark, user)
    click.secho(f"Successfully added annotation (ID: {annotation.id}).", fg="green")
