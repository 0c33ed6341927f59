"""``fmhost add toy-account``."""

from __future__ import annotations

import click

from fmhost.plugin import Sensor, current_installation, toy


@click.command()
@click.option(
    "--kind", type=click.Choice(["battery"]), default="battery", show_default=True, help="What for."
)
@click.option("--name", default=toy.DEFAULT_NAME, show_default=True, help="Name of the account.")
@click.option("--client-version", hidden=True, help="Accepted for older scripts, without effect.")
@click.option(
    "--shell-vars", is_flag=True, help="Print the IDs as lines that a shell can evaluate, only."
)
def command(kind: str, name: str, client_version: str | None, shell_vars: bool) -> None:
    """Add an account with a user, a solar roof, a building, a battery and a market.

    With --shell-vars, scripts get at the IDs: eval "$(fmhost add toy-account --shell-vars)"
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        made = toy.create_battery_account(installation, session, name=name)
        if shell_vars:
            for variable, value in made.ids().items():
                click.echo(f"FM_TOY_{variable}={value}")
            return
        click.secho(
            f"Toy account {made.account.name} with user {made.user.email} created successfully. "
            f"You might want to run `fmhost show account --id {made.account.id}`",
            fg="green",
        )
        for what, sensor in (
            ("battery (dis)charging", made.discharging),
            ("Day ahead prices", made.prices),
        ):
            click.secho(
                f"The sensor for {what} is {_describe(sensor)} (ID: {sensor.id}).", fg="green"
            )


def _describe(sensor: Sensor) -> str:
    return (
        f"<Sensor {sensor.id}: {sensor.name}, unit: {sensor.unit} res.: {sensor.event_resolution}>"
    )
