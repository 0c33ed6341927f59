"""``fmhost routes``: every route of the server, and who brings it."""

from __future__ import annotations

import click

from fmhost.app import create
from fmhost.cli.context import current_program
from fmhost.cli.plugins import as_json_option, print_json

#: Methods that every route has.
_OF_ALL = {"HEAD", "OPTIONS"}


@click.command("routes")
@as_json_option
def routes(as_json: bool) -> None:
    """List every route of the server, with its methods and the name of its endpoint."""
    app = create(installation=current_program().installation)
    found = sorted(
        (rule.rule, sorted((rule.methods or set()) - _OF_ALL), rule.endpoint)
        for rule in app.url_map.iter_rules()
    )
    if as_json:
        keys = ("route", "methods", "endpoint")
        print_json([dict(zip(keys, row, strict=True)) for row in found])
        return
    width = max(len(rule) for rule, _, _ in found)
    for rule, methods, endpoint in found:
        click.echo(f"{rule:{width}}  {', '.join(methods):18}  {endpoint}".rstrip())
