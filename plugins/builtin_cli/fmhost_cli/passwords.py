"""Asking for passwords."""

from __future__ import annotations

import sys

import click

from fmhost.plugin import InvalidInput


def ask_password(command: str) -> str:
    """A new password: asked for twice, or the first line of standard input without a terminal.

    :param command: what was typed, for the advice.
    :raises InvalidInput: where the two differ, or there is none.
    """
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True)
        again: str = click.prompt("Repeat the password", hide_input=True)
        if again != password:
            raise InvalidInput("Passwords do not match!", field="password", hint="Try again.")
        return password
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise InvalidInput(
            "There is no terminal to ask for the password, and standard input is empty.",
            field="password",
            hint=f"Send it in, as in: {command} < file-with-the-password",
        )
    return password
