"""``fmhost show plans``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import current_installation
from fmhost.plugin import plans as plan_service
from fmhost_cli.tables import echo_json, echo_table, json_option

_FIELDS = ("id", "name", *plan_service.OPTIONAL, "legacy")


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the plans, with what they grant; empty cells are as the server has it."""
    with current_installation().database.reading() as session:
        listed: list[dict[str, Any]] = [
            {
                **{field: getattr(plan, field) for field in _FIELDS},
                "accounts": [account.id for account in plan.accounts],
            }
            for plan in plan_service.list_plans(session)
        ]
    if as_json:
        echo_json(listed)
    elif not listed:
        click.secho("No plans created yet.", fg="yellow")
    else:
        headers = ["ID", *(name.replace("_", " ").capitalize() for name in _FIELDS[1:]), "Accounts"]
        rows = [[*(plan[field] for field in _FIELDS), len(plan["accounts"])] for plan in listed]
        echo_table(headers, rows)
