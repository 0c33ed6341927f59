"""``fmhost add | edit | show`` of plans."""

from __future__ import annotations

from typing import Any

import pytest

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


GOLD = ("add", "plan", "--name", "Gold", "--max-users", "5", "--default-rate-limit", "9 per second")


def test_plans_are_added_changed_and_shown(cli: Any) -> None:
    assert cli.ok("show", "plans") == "No plans created yet.\n"
    assert cli.ok(*GOLD) == "Plan 'Gold' (ID: 1) successfully created.\n"
    cli.ok("add", "plan", "--name", "Free", "--trigger-rate-limit", "unlimited")
    edit = ("edit", "plan", "--id", "1")
    cli.ok(*edit, "--legacy", "--clear", "max-users", "--rate-limit-key", "user")
    cli.ok(*edit, "--name", "Old gold")
    gold, free = cli.json("show", "plans")
    assert gold == {
        "id": 1,
        "name": "Old gold",
        "default_rate_limit": "9 per second",
        "trigger_rate_limit": None,
        "rate_limit_key": "user",
        "max_users": None,
        "max_assets": None,
        "max_clients": None,
        "legacy": True,
        "accounts": [],
    }
    assert (free["trigger_rate_limit"], free["legacy"]) == ("unlimited", False)
    assert "Old gold" in cli.ok("show", "plans")


def test_what_is_no_plan(cli: Any) -> None:
    cli.ok(*GOLD)
    before = cli.json("show", "plans")
    assert "Plan 'Gold' already exists." in cli.refused(*GOLD)
    edit = ("edit", "plan", "--id", "1")
    assert "'often' is no rate limit." in cli.refused(*edit, "--default-rate-limit", "often")
    assert "max_users must not be negative" in cli.refused(*edit, "--max-users", "-1")
    assert "No plan with ID 2 found!" in cli.refused("edit", "plan", "--id", "2", "--legacy")
    for wrong in ((), ("--clear", "max-users", "--max-users", "1"), ("--rate-limit-key", "x")):
        assert cli(*edit, *wrong).exit_code == 2
    assert cli.json("show", "plans") == before
