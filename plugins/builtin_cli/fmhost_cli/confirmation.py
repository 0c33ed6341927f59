"""Questions before something is deleted for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

#: The option that skips the question.
force_option: Callable[[Any], Any] = click.option(
    "--force", is_flag=True, help="Do not ask for confirmation."
)


def confirm(question: str, *, force: bool) -> None:
    """Ask, and abort (exit code 1) unless the answer is yes.

    :param force: the answer is yes.
    """
    if not force:
        click.confirm(question, abort=True)
