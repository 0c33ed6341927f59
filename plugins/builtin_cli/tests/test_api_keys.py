"""Make, list and revoke API keys."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from fmhost.app import create
from fmhost.services.installation import Installation
from fmhost.settings import load


@pytest.fixture
def ann(cli: Any) -> Any:
    """The program on a database with the user Ann."""
    cli.ok("add", "account", "--name", "Acme")
    cli.ok(
        *("add", "user", "--username", "ann", "--email", "ann@example.org", "--account", 1),
        stdin="correct horse\n",
    )
    return cli


def add(cli: Any, *options: str) -> Any:
    return cli("add", "api-key", "--email", "ann@example.org", "--name", "robot", *options)


def status_with(cli: Any, key: str) -> int:
    """What a server on the same database answers to the key."""
    settings = load(environ={name: value for name, value in cli.environment.items() if value})
    opening = Installation.open(settings.with_overrides(FLEXMEASURES_FORCE_HTTPS=False))
    with closing(opening) as opened:
        client = create(installation=opened).test_client()
        answer = client.get("/api/v3_0/assets", headers={"Authorization": key})
        return int(answer.status_code)


def test_the_key_is_printed_alone_and_works(ann: Any) -> None:
    result = add(ann, "--scopes", "write-data,read")
    assert result.exit_code == 0, result.output
    key = result.stdout.strip()
    assert key.startswith("fmk_")
    assert "Successfully created API key 'robot' (ID: 1) for ann" in result.stderr
    assert "good for: read, write-data" in result.stderr.replace("\n", " ")
    assert status_with(ann, key) == 200


def test_keys_are_listed_without_what_makes_them_keys(ann: Any) -> None:
    key = add(ann, "--scopes", "read", "--scopes", "trigger").stdout.strip()
    expiring = add(ann, "--scopes", "read", "--expires", "2099-01-01T00:00:00+01:00").stdout.strip()
    first, second = ann.json("show", "api-keys")
    assert (first["name"], first["user"], first["prefix"]) == ("robot", 1, key[:12])
    assert first["scopes"] == ["read", "trigger"]
    assert first["expires"] is first["last_used"] is None
    assert second["expires"] == "2098-12-31T23:00:00+00:00"
    shown = ann.ok("show", "api-keys")
    assert key[:12] in shown
    assert "never" in shown
    assert key not in shown
    assert expiring not in shown


def test_keys_of_one_account(ann: Any) -> None:
    add(ann, "--scopes", "read")
    ann.ok("add", "account", "--name", "Empty")
    assert len(ann.json("show", "api-keys", "--account", "1")) == 1
    assert ann.json("show", "api-keys", "--account", "2") == []
    assert "No API keys" in ann.ok("show", "api-keys", "--account", "2")
    assert "999" in ann.refused("show", "api-keys", "--account", "999")


def test_a_revoked_key_is_worth_nothing(ann: Any) -> None:
    key = add(ann, "--scopes", "read").stdout.strip()
    assert "has been revoked" in ann.ok("delete", "api-key", "--id", "1", "--force")
    assert ann.json("show", "api-keys") == []
    assert status_with(ann, key) == 401
    assert "No API key found with ID 1." in ann.refused("delete", "api-key", "--id", "1", "--force")


def test_revoking_is_asked_for(ann: Any) -> None:
    add(ann, "--scopes", "read")
    assert ann("delete", "api-key", "--id", "1", stdin="n\n").exit_code != 0
    assert len(ann.json("show", "api-keys")) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--scopes", "admin"], "'admin' is no scope"),
        (["--scopes", ","], "without a scope"),
        (["--scopes", "read", "--expires", "2020-01-01T00:00:00+01:00"], "would have expired"),
    ],
)
def test_what_does_not_fit_is_refused(ann: Any, options: list[str], reason: str) -> None:
    refused = ann.refused(
        *("add", "api-key", "--email", "ann@example.org", "--name", "robot"), *options
    )
    assert reason in refused
    assert ann.json("show", "api-keys") == []


def test_the_user_must_exist(ann: Any) -> None:
    options = ("--email", "bob@example.org", "--name", "robot", "--scopes", "read")
    assert "bob@example.org" in ann.refused("add", "api-key", *options)
