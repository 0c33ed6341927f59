"""``fmhost add toy-account``."""

from __future__ import annotations

import click

from fmhost.plugin import Sensor, current_installation, toy, toy_reports


@click.command()
@click.option(
    "--kind",
    type=click.Choice(["battery", "process", "reporter"]),
    default="battery",
    show_default=True,
    help="What for: to schedule a battery; or, in the same account, three processes; or to report "
    "on the battery.",
)
@click.option("--name", default=toy.DEFAULT_NAME, show_default=True, help="Name of the account.")
@click.option("--client-version", hidden=True, help="Accepted for older scripts, without effect.")
@click.option(
    "--shell-vars", is_flag=True, help="Print the IDs as lines that a shell can evaluate, only."
)
def command(kind: str, name: str, client_version: str | None, shell_vars: bool) -> None:
    """Add an account with a user, a solar roof, a building, a battery and a market.

    With --kind process: three processes instead, to an account that may be there already. With
    --kind reporter: sensors for reports about the battery.

    With --shell-vars, scripts get at the IDs: eval "$(fmhost add toy-account --shell-vars)"
    """
    installation = current_installation()
    made: toy.ToyAccount | toy.ToyProcesses | toy_reports.ToyReports
    with installation.database.transaction() as session:
        if kind == "process":
            made = toy.create_processes(installation, session, name=name)
        elif kind == "reporter":
            made = toy_reports.create_reports(installation, session, name=name)
        else:
            made = toy.create_battery_account(installation, session, name=name)
        if shell_vars:
            for variable, value in made.ids().items():
                click.echo(f"FM_TOY_{variable}={value}")
        elif isinstance(made, toy.ToyProcesses):
            _tell_of_processes(made)
        elif isinstance(made, toy_reports.ToyReports):
            _tell_of_reports(made)
        else:
            _tell_of_battery(made)


def _tell_of_battery(made: toy.ToyAccount) -> None:
    click.secho(
        f"Toy account {made.account.name} with user {made.user.email} created successfully. "
        f"You might want to run `fmhost show account --id {made.account.id}`",
        fg="green",
    )
    for what, sensor in (
        ("battery (dis)charging", made.discharging),
        ("Day ahead prices", made.prices),
    ):
        _tell_of_sensor(what, sensor)


def _tell_of_processes(made: toy.ToyProcesses) -> None:
    click.secho(
        f"Toy account {made.account.name} has three processes. You might want to run "
        f"`fmhost show account --id {made.account.id}`",
        fg="green",
    )
    for kind, sensor in made.power.items():
        _tell_of_sensor(f"the {kind} process", sensor)
    _tell_of_sensor("Day ahead prices", made.prices)


def _tell_of_reports(made: toy_reports.ToyReports) -> None:
    click.secho(f"Toy account {made.account.name} has sensors for reports.", fg="green")
    for what, sensor in (
        ("battery (dis)charging", made.load),
        ("Day ahead prices", made.prices),
        ("the grid connection capacity", made.capacity),
        ("headroom", made.headroom),
        ("profit", made.profit),
    ):
        _tell_of_sensor(what, sensor)


def _tell_of_sensor(what: str, sensor: Sensor) -> None:
    described = (
        f"<Sensor {sensor.id}: {sensor.name}, unit: {sensor.unit} res.: {sensor.event_resolution}>"
    )
    click.secho(f"The sensor for {what} is {described} (ID: {sensor.id}).", fg="green")
