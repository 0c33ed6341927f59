"""``fmhost plugins``: what is installed, what it offers, and why something is not active."""

from __future__ import annotations

import json
from typing import Any

import click

from fmhost.cli.context import current_program
from fmhost.errors import NotFound, PluginError
from fmhost.host.description import describe, offers
from fmhost.host.lifecycle import PluginRecord

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text for people."
)


def print_json(found: Any) -> None:
    """Print `found` as indented JSON."""
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@click.command("list")
@as_json_option
def list_plugins(as_json: bool) -> None:
    """List the plugins with version, state and what they offer."""
    host = current_program().host
    if as_json:
        print_json([describe(record) for record in host.records])
        return
    if not host.records:
        click.echo("No plugins are installed. Try: pip install 'fmhost[all]'")
        return
    for row in _aligned([_row(record) for record in host.records]):
        click.echo(row)
    for line in [*host.warnings(), *host.problems()]:
        click.echo(line, err=True)


def _row(record: PluginRecord) -> tuple[str, ...]:
    found = offers(record.manifest) if record.manifest else {}
    counted = ", ".join(
        f"{len(names)} {kind if len(names) > 1 else _singular(kind)}"
        for kind, names in found.items()
        if names
    )
    return record.name, record.version, str(record.status), counted


def _singular(kind: str) -> str:
    return {"menu entries": "menu entry", "table prefixes": "table prefix"}.get(kind, kind[:-1])


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


@click.command("show")
@click.argument("name")
@as_json_option
def show_plugin(name: str, as_json: bool) -> None:
    """Show one plugin: where it comes from, what it offers, why it is not active."""
    host = current_program().host
    found = [describe(record) for record in host.records if record.name == name]
    if not found:
        known = ", ".join(sorted(host.plugins)) or "none"
        raise NotFound(f"No plugin named '{name}' is installed.", hint=f"Installed: {known}.")
    if as_json:
        print_json(found[0] if len(found) == 1 else found)
        return
    for plugin in found:
        _print_plugin(plugin)


def _print_plugin(plugin: dict[str, Any]) -> None:
    title = f"{plugin['name']} {plugin['version']}"
    click.echo(f"{title}: {plugin['summary']}" if plugin["summary"] else title)
    facts = [
        ("status", f"{plugin['status']} (stage: {plugin['stage']})"),
        ("cause", plugin["cause"]),
        ("fix", plugin["fix"]),
        ("distribution", plugin["distribution"]),
        ("from", plugin["from"]),
        ("licence", plugin["licence"]),
        ("author", plugin["author"]),
        ("homepage", plugin["homepage"]),
        ("plugin API", plugin["plugin_api"]),
        ("requires", ", ".join(plugin["requires"])),
        ("after", ", ".join(plugin["after"])),
        ("import", f"{plugin['import_ms']:g} ms"),
        *((kind, ", ".join(names)) for kind, names in plugin["offers"].items()),
        *(
            ("without", f"{problem['claim']}: {problem['cause']} {problem['fix']}")
            for kind in ("contested", "withheld", "broken")
            for problem in plugin[kind]
        ),
    ]
    for key, text in facts:
        if text:
            click.echo(f"  {key:14}  {text}")


@click.command("check")
@as_json_option
def check_plugins(as_json: bool) -> None:
    """Load all that the plugins offer; exit with 1 where one is not healthy."""
    from fmhost.cli.plugin_check import check  # imports what plugins offer

    program = current_program()
    findings = check(program.host, program.settings)
    if as_json:
        print_json(
            {
                "healthy": not findings.problems,
                "problems": findings.problems,
                "advice": findings.advice,
                "plugins": [describe(record) for record in program.host.records],
            }
        )
    else:
        for line in (*findings.problems, *findings.advice):
            click.echo(line, err=True)
    if findings.problems:
        raise PluginError(
            f"{len(findings.problems)} problem(s) found.", hint="Each line names its remedy."
        )
    if not as_json:
        click.echo(f"All {len(program.host.records)} plugins are healthy.")
