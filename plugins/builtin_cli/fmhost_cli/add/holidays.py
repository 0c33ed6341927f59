"""``fmhost add holidays``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import click

from fmhost.plugin import (
    Account,
    Asset,
    Remark,
    accounts,
    annotate,
    assets,
    current_installation,
    sources,
    time_zone,
)
from fmhost_cli.holiday_calendar import (
    Holiday,
    holidays_by_workalendar,
    holidays_of,
    holidays_of_calendar,
)
from fmhost_cli.parameters import JSON_OBJECT, TIMEZONE

#: Name of the data source of these annotations; its model is the place.
SOURCE = "holidays"


@click.command()
@click.option(
    "--year", "years", type=click.IntRange(1900, 2200), multiple=True, required=True, help="Year."
)
@click.option(
    "--country",
    "places",
    multiple=True,
    help="ISO code of a country (NL) or of a part of one (DE-BY); may be repeated.",
)
@click.option(
    "--calendar-class",
    help="Instead of a country, a class: workalendar.europe.Netherlands, or one of yours.",
)
@click.option("--calendar-kwargs", type=JSON_OBJECT, help="JSON object: arguments of that class.")
@click.option(
    "--package",
    type=click.Choice(["holidays", "workalendar"]),
    default="holidays",
    show_default=True,
    help="What knows the holidays of countries; workalendar has to be installed.",
)
@click.option("--subdiv", help="ISO code of a part of the country (BY).")
@click.option(
    "--category",
    "categories",
    multiple=True,
    help="Such as public, school or bank; may be repeated.",
)
@click.option("--account", "--account-id", "account_ids", type=int, multiple=True, help="ID.")
@click.option("--asset", "--asset-id", "asset_ids", type=int, multiple=True, help="ID.")
@click.option(
    "--timezone",
    type=TIMEZONE,
    help="Where the days begin. [default: as the first asset's sensors, else the setting "
    "FLEXMEASURES_TIMEZONE]",
)
def command(
    years: Sequence[int],
    places: Sequence[str],
    calendar_class: str | None,
    calendar_kwargs: dict[str, Any] | None,
    package: str,
    subdiv: str | None,
    categories: Sequence[str],
    account_ids: Sequence[int],
    asset_ids: Sequence[int],
    timezone: str | None,
) -> None:
    """Annotate accounts and assets with the holidays of countries, for forecasts and charts."""
    if not (account_ids or asset_ids):
        raise click.UsageError("Name an account or an asset: --account, --asset.")
    if bool(places) == (calendar_class is not None):
        raise click.UsageError("Give either --country or --calendar-class.")
    if calendar_class is not None:
        days = holidays_of_calendar(calendar_class, calendar_kwargs or {}, years)
    else:
        days = _of_countries(_with_part(places, subdiv), years, package, categories)
    installation = current_installation()
    with installation.database.transaction() as session:
        targets: list[Account | Asset] = [
            *(assets.get_asset(session, each) for each in dict.fromkeys(asset_ids)),
            *(accounts.get_account(session, each) for each in dict.fromkeys(account_ids)),
        ]
        default: str = installation.settings["FLEXMEASURES_TIMEZONE"]
        zone = timezone or _zone_of(targets[0]) or default
        new = 0
        for day in days:
            source = sources.create_source(
                session, name=SOURCE, source_type=sources.CLI_SCRIPT, model=day.place
            )
            for target in targets:
                _, is_new = annotate(session, target, _remark(day, zone), source)
                new += is_new
    click.secho(
        f"Successfully added {len(days)} holidays, {new} of them new, to {len(targets)} accounts "
        f"and assets ({zone}).",
        fg="green",
    )


def _with_part(places: Sequence[str], subdiv: str | None) -> Sequence[str]:
    """The codes, that of a part of a country put together."""
    if subdiv is None:
        return places
    if len(places) != 1:
        raise click.UsageError("--subdiv goes with a single --country; or write DE-BY.")
    return [f"{places[0]}-{subdiv}"]


def _of_countries(
    places: Sequence[str], years: Sequence[int], package: str, categories: Sequence[str]
) -> list[Holiday]:
    if package == "holidays":
        return [day for place in places for day in holidays_of(place, years, categories)]
    if categories:
        raise click.UsageError("--category goes with --package holidays.")
    return [day for place in places for day in holidays_by_workalendar(place, years)]


def _zone_of(target: Account | Asset) -> str | None:
    """The time zone of an asset's first sensor."""
    found = target.sensors if isinstance(target, Asset) else []
    return found[0].timezone if found else None


def _remark(holiday: Holiday, timezone: str) -> Remark:
    zone = time_zone(timezone)
    start = datetime.combine(holiday.day, time.min, zone)
    end = datetime.combine(holiday.day + timedelta(days=1), time.min, zone)
    return Remark(holiday.name, start, end, "holiday")
