"""``fmhost add automation``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from fmhost.plugin import (
    InvalidInput,
    User,
    assets,
    automations,
    current_installation,
    sensors,
    users,
)
from fmhost_cli.parameters import JSON_OBJECT, MOMENT, TIMEZONE, asset_option, sensor_option
from fmhost_cli.tables import moment_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@click.command()
@click.option("--name", required=True, help="What to call it.")
@click.option(
    "--kind",
    required=True,
    type=click.Choice(["schedule", "forecast", "report"]),
    help="What recurs.",
)
@asset_option("The asset; may be left out where there is a sensor.")
@sensor_option("The sensor that is scheduled or forecast, or gets a report; else the asset.")
@click.option("--cron", help="Cron expression: minute, hour, day of month, month, day of week.")
@click.option("--interval", help="Instead of --cron: every so often, such as PT15M or P1D.")
@click.option("--timezone", type=TIMEZONE, help="On whose clock. [default: that of the sensor]")
@click.option("--starts-at", type=MOMENT, help="First time of an interval. [default: midnight]")
@click.option(
    "--parameters",
    type=JSON_OBJECT,
    help="Of the request, as JSON or a file with it: duration, flex-model, config ... `lead` is "
    "how long after the due time what is computed begins.",
)
@click.option("--priority", type=int, default=0, show_default=True, help="Of its jobs.")
@click.option(
    "--user", "email", help="E-mail address: with whose rights. [default: the operator's]"
)
def command(
    asset_id: int | None,
    sensor_id: int | None,
    parameters: dict[str, Any] | None,
    starts_at: datetime | None,
    email: str | None,
    **given: Any,
) -> None:
    """Have a schedule, forecast or report recur: by cron expression or interval, on a zone's clock.

    Runs that are missed while nothing is up are caught up by one.
    """
    if asset_id is None and sensor_id is None:
        raise click.UsageError("Name an asset or a sensor: --asset or --sensor.")
    installation = current_installation()
    with installation.database.transaction() as session:
        sensor = None if sensor_id is None else sensors.get_sensor(session, sensor_id)
        asset = (
            sensor.generic_asset
            if asset_id is None and sensor is not None
            else assets.get_asset(session, asset_id or 0)
        )
        made = automations.create(
            installation,
            session,
            asset=asset,
            sensor=sensor,
            parameters=parameters,
            starts_at=starts_at,
            user=None if email is None else _user(session, email),
            **given,
        )
    click.secho(f"Successfully created automation with ID {made.id}.", fg="green")
    click.echo(f"It is due next at {moment_text(made.next_at)}.")


def _user(session: Session, email: str) -> User:
    user = users.find_user(session, email)
    if user is None:
        raise InvalidInput(f"There is no user with the e-mail address {email}.", field="user")
    return user
