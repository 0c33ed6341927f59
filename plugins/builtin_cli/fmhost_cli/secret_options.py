"""Which secret of which account or asset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from fmhost.plugin import Account, Asset, accounts, assets
from fmhost_cli.parameters import account_option, asset_option

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def secret_options(command: Decorated) -> Decorated:
    """``--secret NAME``, or ``--secret-path`` once or twice."""
    for option in (
        click.option(
            "--secret-path",
            "path",
            multiple=True,
            help="One name, or, given twice, that of a group and one in it.",
        ),
        click.option("--secret", "name", help="Name of the secret."),
    ):
        command = option(command)
    return command


def owner_options(command: Decorated) -> Decorated:
    """``--account`` or ``--asset``."""
    return account_option("Whose secret it is.")(asset_option("Whose secret it is.")(command))


def owner_of(session: Any, account_id: int | None, asset_id: int | None) -> Account | Asset:
    """The account or asset that was named."""
    if account_id is not None and asset_id is None:
        return accounts.get_account(session, account_id)
    if asset_id is not None and account_id is None:
        return assets.get_asset(session, asset_id)
    raise click.UsageError("Name either an account or an asset: --account or --asset.")


def path_of(name: str | None, path: Sequence[str]) -> tuple[str, ...]:
    """The path that was given in one of two ways."""
    if (name is None) == (not path):
        raise click.UsageError("Name the secret: --secret, or --secret-path once or twice.")
    return tuple(path) if name is None else (name,)
