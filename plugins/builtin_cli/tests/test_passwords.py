"""Passwords are asked for twice in a terminal, and never shown."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def add_user(cli: Any) -> Any:
    """Runs ``fmhost add user`` in a terminal and types; returns exit code and what was shown."""
    cli.ok("add", "account", "--name", "Company")
    environment = {name: value for name, value in cli.environment.items() if value is not None}

    def run(*typed: str) -> tuple[int, str]:
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            [
                Path(sys.executable).with_name("fmhost"),
                *("add", "user", "--username", "ann", "--email", "ann@example.com"),
                *("--account", "1"),
            ],
            env={**environment, "PATH": os.environ["PATH"]},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        shown = ""
        for text in typed:
            while not shown.rstrip(" ").endswith(":"):
                shown += os.read(controller, 1024).decode()
            os.write(controller, f"{text}\n".encode())
            shown += "\n"
        try:
            while chunk := os.read(controller, 1024):
                shown += chunk.decode()
        except OSError:  # how Linux says that the other side is closed
            pass
        os.close(controller)
        return process.wait(), shown

    return run


def test_the_password_is_asked_for_twice_and_hidden(add_user: Any, cli: Any) -> None:
    code, shown = add_user("correct horse", "correct horse")
    assert code == 0, shown
    assert shown.count("assword") == 2
    assert "correct horse" not in shown
    assert "Successfully created user ann (ID: 1)." in shown


def test_two_different_passwords_are_refused(add_user: Any, cli: Any) -> None:
    code, shown = add_user("correct horse", "wrong horse")
    assert code == 1
    assert "Passwords do not match!" in shown
    assert cli.json("show", "account", "--id", "1")["users"] == []
