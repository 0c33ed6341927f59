"""Questions before something is deleted for good."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from fmhost.plugin import InvalidInput

#: The option that skips the question.
force_option: Callable[[Any], Any] = click.option(
    "--force", "--yes", "-y", "force", is_flag=True, help="Do not ask for confirmation."
)


def confirm(question: str, *, force: bool) -> None:
    """Ask, and abort (exit code 1) unless the answer is yes.

    :param force: the answer is yes.
    :raises InvalidInput: where nobody is there to answer.
    """
    if force:
        return
    try:
        agreed = click.confirm(question)
    except click.Abort:
        if sys.stdin.isatty():  # somebody is there, and pressed Ctrl-C
            raise
        click.echo()
        raise InvalidInput(
            "Nothing was changed: there is no terminal to ask for confirmation.",
            hint="Give --force where you are sure.",
        ) from None
    if not agreed:
        raise click.Abort
