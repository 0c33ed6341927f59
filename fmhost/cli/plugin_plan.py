"""``fmhost plugins plan``: what a change of the plugins would do, before it happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from fmhost.cli.context import Program, current_program
from fmhost.cli.plugins import as_json_option, print_json
from fmhost.errors import DatabaseNotReady, InvalidInput
from fmhost.host.host import Host
from fmhost.model.database import Database
from fmhost.services import plugin_plan
from fmhost.services.plugin_plan import Change, Plan


@click.command("plan")
@click.option("--disable", multiple=True, metavar="NAME", help="Switch this plugin off.")
@click.option("--enable", multiple=True, metavar="NAME", help="Switch this plugin on.")
@click.option("--uninstall", multiple=True, metavar="NAME", help="Take this plugin away.")
@as_json_option
def plan_plugins(
    disable: tuple[str, ...], enable: tuple[str, ...], uninstall: tuple[str, ...], as_json: bool
) -> None:
    """Say what a change of the plugins would add, remove or orphan.

    Nothing is changed. Each option can be given several times.
    """
    if not (disable or enable or uninstall):
        raise InvalidInput(
            "No change is named.", hint="Name one with --disable, --enable or --uninstall."
        )
    program = current_program()
    before = program.host
    then = plugin_plan.after(before, Change(disable, enable, uninstall))
    found, unknown = _ask_database(program, before, then, plugin_plan.compare(before, then))
    if as_json:
        print_json({**asdict(found), "harms": found.harms, "unknown": unknown})
        return
    lines = list(_lines(found))
    for line in lines or ["Nothing would change."]:
        click.echo(line)
    if unknown is not None:
        click.echo(f"Which sensors and assets are concerned is not known: {unknown}", err=True)


def _ask_database(
    program: Program, before: Host, then: Host, found: Plan
) -> tuple[Plan, str | None]:
    """The plan with what is in the database, or why that cannot be known."""
    settings = program.settings
    database = Database(settings.database_uri, settings["SQLALCHEMY_ENGINE_OPTIONS"])
    defaults = {kind: settings[f"FMHOST_DEFAULT_{kind.upper()}"] for kind in plugin_plan.KINDS}
    try:
        database.require_upgraded()
        with database.reading() as session:
            return plugin_plan.with_entities(found, session, before, then, defaults), None
    except DatabaseNotReady as error:
        return found, str(error)
    finally:
        database.dispose()


def _lines(found: Plan) -> Iterator[str]:
    for switched in found.switched:
        reason = f" {switched.cause} {switched.fix}".rstrip() if switched.cause else ""
        yield f"Plugin '{switched.plugin}': {switched.before} -> {switched.after}.{reason}"
    for offer in found.offers:
        what = f"{offer.kind} {offer.name}"
        if offer.after is None:
            yield f"- {what} ({offer.before})"
        elif offer.before is None:
            yield f"+ {what} ({offer.after})"
        else:
            yield f"~ {what} ({offer.before} -> {offer.after})"
    for prefix in found.kept_tables:
        yield f"The tables that begin with '{prefix}' stay in the database."
    for orphan in found.orphans or ():
        of = f" of asset '{orphan.asset}'" if orphan.entity == "sensor" else ""
        owner = "public" if orphan.account_id is None else f"account {orphan.account_id}"
        yield (
            f"! {orphan.entity} {orphan.id} '{orphan.name}'{of} ({owner}) names the {orphan.kind} "
            f"{orphan.driver}, which would be gone."
        )
    for change in found.types or ():
        becomes = f"be served by {change.after}" if change.after else f"have no {change.kind}"
        yield (
            f"! {change.assets} asset(s) of type {change.asset_type} would {becomes} "
            f"(now {change.before or 'none'})."
        )
