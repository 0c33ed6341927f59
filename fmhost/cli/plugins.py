"""``fmhost plugins``: what is installed, what it offers, and why something is not active."""

from __future__ import annotations

import json
from typing import Any

import click

from fmhost.cli.context import current_program
from fmhost.errors import NotFound, PluginError
from fmhost.host.discovery import summary_of
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.manifest import DRIVER_KINDS


@click.group()
def plugins() -> None:
    """See and check the plugins of this installation."""


def _as_json(record: PluginRecord) -> dict[str, Any]:
    manifest = record.manifest
    offers: dict[str, list[str]] = {}
    if manifest is not None:
        for kind in DRIVER_KINDS:
            offers[f"{kind}s"] = sorted(manifest.drivers(kind))
        offers["commands"] = sorted(command.path for command in manifest.commands)
        offers["routes"] = sorted(route for pages in manifest.pages for route in pages.routes)
    return {
        "name": record.name,
        "status": str(record.status),
        "stage": str(record.stage),
        "version": record.version,
        "distribution": record.distribution,
        "summary": summary_of(record.distribution),
        "offers": offers,
        "cause": record.cause,
        "fix": record.fix,
        "contested": record.contested,
        "withheld": record.withheld,
        "import_ms": round(record.import_ms, 1),
    }


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_plugins(as_json: bool) -> None:
    """List the plugins with version, state and what they offer."""
    found = [_as_json(record) for record in current_program().host.plugins.values()]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    if not found:
        click.echo("No plugins are installed. Try: pip install 'fmhost[all]'")
        return
    width = max(len(plugin["name"]) for plugin in found)
    for plugin in found:
        offers = ", ".join(
            f"{len(names)} {kind if len(names) > 1 else kind[:-1]}"
            for kind, names in plugin["offers"].items()
            if names
        )
        click.echo(
            f"{plugin['name']:{width}}  {plugin['version']:8} {plugin['status']:11} {offers}"
        )
        for problem in filter(None, [plugin["cause"], *plugin["contested"].values()]):
            click.echo(f"{'':{width}}  {problem} {plugin['fix'] or ''}".rstrip())


@plugins.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def show_plugin(name: str, as_json: bool) -> None:
    """Show one plugin: where it comes from, what it offers, why it is not active."""
    record = current_program().host.plugins.get(name)
    if record is None:
        known = ", ".join(current_program().host.plugins) or "none"
        raise NotFound(f"No plugin named '{name}' is installed.", hint=f"Installed: {known}.")
    plugin = _as_json(record)
    if as_json:
        click.echo(json.dumps(plugin, indent=2))
        return
    click.echo(f"{plugin['name']} {plugin['version']}: {plugin['summary']}")
    click.echo(f"distribution  {plugin['distribution']}")
    click.echo(f"status        {plugin['status']} (stage: {plugin['stage']})")
    for key in ("cause", "fix"):
        if plugin[key]:
            click.echo(f"{key:12}  {plugin[key]}")
    for claim, problem in {**plugin["contested"], **plugin["withheld"]}.items():
        click.echo(f"without       {claim}: {problem}")
    for kind, names in plugin["offers"].items():
        if names:
            click.echo(f"{kind:12}  {', '.join(names)}")


@plugins.command("check")
def check_plugins() -> None:
    """Load every plugin; exit with 1 and the causes where one is not healthy."""
    host = current_program().host
    host.hooks.load(host.plugins, budget=host.composition.import_budget)
    problems: list[str] = []
    for record in host.plugins.values():
        if record.manifest is not None and record.active:
            problems.extend(_broken_offers(record))
        if not record.active and not record.healthy:
            problems.append(record.describe_failure())
        problems.extend(f"Plugin '{record.name}': {text}" for text in record.contested.values())
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise PluginError(f"{len(problems)} problem(s) found.", hint="Each line names its remedy.")
    click.echo(f"All {len(host.plugins)} plugins are healthy.")


def _broken_offers(record: PluginRecord) -> list[str]:
    """Import every driver that the plugin offers; what went wrong, one line each."""
    host = current_program().host
    problems = []
    assert record.manifest is not None
    for kind in DRIVER_KINDS:
        for name in record.manifest.drivers(kind):
            if record.owns(kind, name):
                try:
                    host.registry.get(kind, name)
                except PluginError as error:
                    problems.append(str(error))
    return problems
