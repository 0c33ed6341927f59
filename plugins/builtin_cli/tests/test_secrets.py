"""Secrets on the command line: stored, listed and deleted, and never printed."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def acme(cli: Any) -> Any:
    """The program on a database with one account."""
    cli.ok("add", "account", "--name", "Acme")
    return cli


def test_a_secret_is_stored_listed_and_deleted(acme: Any) -> None:
    where = ("--account", "1")
    group = ("--secret-path", "ocpp", "--secret-path", "password")
    printed = acme.ok("edit", "secret", *where, *group, "--prompt", stdin="s3cret\n")
    printed += acme.ok(
        *("edit", "secret", *where, "--secret", "token", "--value", "s3cret"),
        *("--metadata", '{"user": "robot"}'),
    )
    first, second = acme.json("show", "secrets", *where)
    assert first["path"] == ["ocpp", "password"]
    assert (second["path"], second["key"], second["metadata"]) == (
        ["token"],
        "0",
        {"user": "robot"},
    )
    printed += acme.ok("show", "secrets", *where)
    assert "ocpp.password" in printed
    assert "s3cret" not in printed + json.dumps([first, second])
    acme.environment["FLEXMEASURES_ENV"] = "production"
    acme.ok("delete", "secret", *where, "--secret", "token", "--force")
    assert len(acme.json("show", "secrets", *where)) == 1
    assert "no secret 'token'" in acme.refused(
        *("delete", "secret", *where, "--secret", "token", "--force")
    )


def test_rotation(acme: Any) -> None:
    acme.ok("edit", "secret", "--account", "1", "--secret", "a", "--value", "s3cret")
    (acme.folder / "instance").mkdir(exist_ok=True)
    configuration = 'FLEXMEASURES_SECRETS_ENCRYPTION_KEYS = {"7": "a key of many letters"}\n'
    (acme.folder / "instance" / "fmhost.cfg").write_text(configuration)
    assert "1 of 1 secrets" in acme.ok("edit", "rotate-secrets")
    assert "0 of 1 secrets" in acme.ok("edit", "rotate-secrets")
    assert acme.json("show", "secrets", "--account", "1")[0]["key"] == "7"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--account", "1", "--asset", "1", "--secret", "a", "--value", "b"),
        ("--secret", "a", "--value", "b"),
        ("--account", "1", "--value", "b"),
        ("--account", "1", "--secret", "a", "--secret-path", "a", "--value", "b"),
        ("--account", "1", "--secret", "a"),
        ("--account", "1", "--secret", "a", "--value", "b", "--prompt"),
        ("--account", "9", "--secret", "a", "--value", "b"),
    ],
)
def test_what_does_not_say_which(acme: Any, arguments: tuple[str, ...]) -> None:
    assert acme.refused("edit", "secret", *arguments)
