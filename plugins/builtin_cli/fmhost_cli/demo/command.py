"""``fmhost demo``: from nothing to an optimal battery schedule."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime, time, timedelta, tzinfo
from datetime import date as date_type
from pathlib import Path

import click

from fmhost.plugin import (
    ConfigurationError,
    Installation,
    add_structure,
    create_secret_key,
    current_program,
    migrations,
    parse_duration,
    plugin_tables,
    schedules,
    time_zone,
)
from fmhost_cli.add.scheduling import run_here
from fmhost_cli.demo import outcome, picture, world
from fmhost_cli.terminal_chart import Panel, draw, is_braille_shown

HOURS = 48
#: Energy in the battery when the schedule starts [kWh].
SOC_AT_START = 20.0
PICTURE = "demo.svg"


@click.command()
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the schedule. [default: tomorrow]",
)
def command(day: datetime | None) -> None:
    """See it all at work: from nothing to an optimal battery schedule.

    Creates the database where it is missing, a company with an office, a solar roof and a battery,
    and a market with bundled prices; computes the schedule that costs least for two days, and draws
    it. It can be run again.
    """
    installation = _ready_installation()
    zone = time_zone(world.ZONE)
    now = installation.now()
    date = (day or now.astimezone(zone) + timedelta(days=1)).date()
    start = _midnight(date, zone)
    end = start + timedelta(hours=HOURS)
    with installation.database.transaction() as session:
        made = world.make(installation, session)
        # As if published at midnight, so that further runs on the same day bring nothing new.
        known = min(now, _midnight(date - timedelta(days=1), zone))
        world.load_forecasts(installation, session, made, start, end, known)
    _schedule(installation, made, start)
    with installation.database.reading() as session:
        found = outcome.read(session, made, start, parse_duration(f"PT{HOURS}H"), SOC_AT_START)
    drawing = _write_picture(installation, found, zone)
    _echo_chart(found, zone)
    _echo_result(found, drawing)
    _echo_next_steps(installation, made, start.astimezone(zone))


def _midnight(date: date_type, zone: tzinfo) -> datetime:
    """The begin of a day, in UTC, where sums of datetimes and durations are exact."""
    return datetime.combine(date, time(), zone).astimezone(UTC)


def _ready_installation() -> Installation:
    """The installation, with a secret key and an upgraded database."""
    program = current_program()
    try:
        program.settings.require_secret_key()
    except ConfigurationError:
        key = create_secret_key(program.settings.instance)
        click.echo(f"Made a secret key: {_short(key)}")
    installation = program.installation
    database = installation.database
    applied = migrations.upgrade(database)
    of_plugins = plugin_tables.upgrade(installation.host, database)
    with database.transaction() as session:
        add_structure(session, installation.host)
    if applied or of_plugins:
        click.echo(f"Created the tables in {database}")
    return installation


def _schedule(installation: Installation, made: world.World, start: datetime) -> None:
    with installation.database.transaction() as session:
        job = schedules.trigger(
            installation,
            session,
            target=session.merge(made.power),
            start=start,
            duration=timedelta(hours=HOURS),
            flex_model={**world.BATTERY, "soc-at-start": f"{SOC_AT_START:g} kWh"},
            flex_context=dict(made.building.flex_context),
            force_new=True,
        )
    run_here(installation, job)


def _title(found: outcome.Outcome) -> str:
    return (
        f"Costs {found.cost_without:.2f} EUR without the battery, {found.cost_with:.2f} EUR with "
        f"it: {found.saving:.2f} EUR saved in {HOURS} hours"
    )


def _write_picture(installation: Installation, found: outcome.Outcome, zone: tzinfo) -> Path:
    quarter, battery = world.QUARTER, found.battery
    panels = [
        picture.Panel(
            "Day-ahead price [EUR/MWh]",
            [picture.Trace("price", "price", quarter, found.prices, "veiled")],
        ),
        picture.Panel(
            "Power [kW]",
            [
                picture.Trace(
                    "charging", "charge", quarter, [max(p, 0.0) for p in battery], "area"
                ),
                picture.Trace(
                    "discharging", "discharge", quarter, [min(p, 0.0) for p in battery], "area"
                ),
                picture.Trace("solar roof", "solar", quarter, found.roof),
                picture.Trace("office", "load", quarter, found.load),
            ],
        ),
        picture.Panel(
            "State of charge [kWh]",
            [picture.Trace("energy", "soc", quarter, found.charge, "veiled", joined=True)],
        ),
    ]
    text = picture.render(
        panels,
        title="When a battery should run",
        subtitle=_title(found),
        start=found.start,
        end=found.end,
        zone=zone,
    )
    path = installation.settings.instance / PICTURE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"Cannot write {path}: {error.strerror}.",
            field="FMHOST_INSTANCE",
            hint="Make the instance folder writable.",
        ) from error
    return path


def _echo_chart(found: outcome.Outcome, zone: tzinfo) -> None:
    start, quarter = found.start, world.QUARTER
    panels = [
        Panel("Day-ahead price [EUR/MWh]", start, quarter, found.prices),
        Panel(
            "Battery power [kW], charging is positive", start, quarter, found.battery, filled=True
        ),
        Panel("State of charge [kWh]", start, quarter, found.charge[1:]),
    ]
    width = min(shutil.get_terminal_size().columns, 120)
    for line in draw(panels, zone, width=width, rows=7, braille=is_braille_shown(sys.stdout)):
        click.echo(line)


def _echo_result(found: outcome.Outcome, drawing: Path) -> None:
    click.echo()
    click.echo(f"Cost of {HOURS} hours without the battery: {found.cost_without:8.2f} EUR")
    click.echo(f"Cost of {HOURS} hours with the battery:    {found.cost_with:8.2f} EUR")
    click.secho(
        f"The optimal schedule saves:          {found.saving:8.2f} EUR", fg="green", bold=True
    )
    click.echo(f"\nThe picture: {_short(drawing)}")


def _echo_next_steps(installation: Installation, made: world.World, start: datetime) -> None:
    moment = start.isoformat(timespec="minutes")
    fmhost = _program()
    click.echo(
        f"\nTo log in, start the server with `{fmhost} run` and go to http://localhost:5000\n"
        f"    e-mail    {made.user.email}\n"
        f"    password  {world.password_of(installation)}\n"
        "\nWhat to try next:\n"
        f"    {fmhost} show account --id {made.account.id}\n"
        f"    {fmhost} show beliefs --sensor {made.prices.id} --sensor {made.power.id} "
        f"--start {moment} --duration P2D\n"
        f"    {fmhost} add schedule for-storage --sensor {made.power.id} "
        f"--consumption-price-sensor {made.prices.id} \\\n"
        f"        --start {moment} --duration P1D --soc-at-start 80% --dry-run"
    )


def _program() -> str:
    """How to call this program again: by its name where the shell finds it, else by its path."""
    started = Path(sys.argv[0])
    found = shutil.which("fmhost")
    if started.name != "fmhost" or (found and Path(found).resolve() == started.resolve()):
        return "fmhost"
    return _short(started.absolute())


def _short(path: Path) -> str:
    """The path as one would write it from the working directory."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
