"""``fmhost plugins hooks``: every hook, what it is for and who implements it."""

from __future__ import annotations

import inspect
import re
from typing import Any

import click

from fmhost.cli.context import current_program
from fmhost.cli.plugins import as_json_option, print_json
from fmhost.host.host import Host
from fmhost.host.implementations import is_first_result, specifications

_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


@click.command("hooks")
@as_json_option
def show_hooks(as_json: bool) -> None:
    """List every hook, what it is for and who implements it."""
    host = current_program().host
    host.load()
    hooks = [_describe(host, name) for name in sorted(specifications())]
    if as_json:
        print_json(hooks)
        return
    for hook in hooks:
        click.echo(f"{hook['name']}{hook['signature']}")
        for line in hook["doc"].splitlines():
            click.echo(f"    {line}".rstrip())
        names = ", ".join(f"{by['plugin']} {by['version']}" for by in hook["implemented_by"])
        click.echo(f"    Implemented by: {names or 'nobody'}\n")
    for problem in host.problems():
        click.echo(problem, err=True)


def _describe(host: Host, name: str) -> dict[str, Any]:
    specification = specifications()[name]
    return {
        "name": name,
        "signature": str(inspect.signature(specification)).replace("'", ""),
        "doc": _ROLE.sub(r"\1", inspect.getdoc(specification) or ""),
        "first_result": is_first_result(specification),
        "implemented_by": [
            {
                "plugin": record.name,
                "distribution": record.distribution,
                "version": record.version,
            }
            for record in host.hooks.implementers(name)
        ],
    }
