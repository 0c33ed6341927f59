"""``fmhost show roles``."""

from __future__ import annotations

from typing import Any

import click

from fmhost.plugin import AccountRole, Role, current_installation, role_permissions, roles
from fmhost_cli.tables import echo_json, echo_table, json_option


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the roles of accounts and of users."""
    installation = current_installation()
    with installation.database.reading() as session:
        found = {
            "account": [_as_json(role) for role in roles.all_of(session, AccountRole)],
            "user": [
                {
                    **_as_json(role),
                    "permissions": list(role.permissions),
                    "granted": role_permissions.granted(installation.host, role),
                }
                for role in roles.all_of(session, Role)
            ],
        }
    if as_json:
        echo_json(found)
        return
    for kind, listed in found.items():
        if listed:
            headers = ["ID", "Name", "Description", "Permissions", "Granted by plugins"]
            click.echo(f"{kind.capitalize()} roles:\n")
            echo_table(headers[: len(listed[0])], [_cells(role) for role in listed])
        else:
            click.secho(f"No {kind} roles created yet.", fg="yellow")
        if kind == "account":
            click.echo()


def _as_json(role: AccountRole | Role) -> dict[str, Any]:
    return {"id": role.id, "name": role.name, "description": role.description}


def _cells(role: dict[str, Any]) -> list[Any]:
    return [", ".join(value) if isinstance(value, list) else value for value in role.values()]
