"""``fmhost edit account``."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.model import Account, AuditLog

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

EDIT = ("edit", "account", "--id", "1")


def test_an_account_gets_a_plan_roles_and_a_look(toy: Any, database: Any) -> None:
    toy.ok("add", "plan", "--name", "Gold")
    toy.ok("add", "account", "--name", "Consultants", "--roles", "ESCO")
    printed = toy.ok(
        *(*EDIT, "--name", "Toys", "--plan", "1", "--roles", "ESCO", "--consultancy", "2"),
        *("--primary-color", "#123456"),
    )
    assert printed == "Account 'Toys' (ID: 1) has been changed.\n"
    (plan,) = toy.json("show", "plans")
    assert plan["accounts"] == [1]
    shown = toy.json("show", "account", "--id", "1")
    assert shown["plan"] == 1
    assert "Plan: Gold (ID: 1)." in toy.ok("show", "account", "--id", "1")
    assert (shown["name"], shown["roles"], shown["consultancy"]) == ("Toys", ["ESCO"], 2)
    toy.ok(*EDIT, "--clear", "plan", "--clear", "primary-color", "--roles", "")
    with database.reading() as session:
        account = session.get_one(Account, 1)
        assert (account.plan_id, account.primary_color, account.account_roles) == (None, None, [])
        assert account.consultancy_account_id == 2
        events = list(session.scalars(select(AuditLog.event)))
    assert sum("plan_id" in event for event in events) == 2


def test_what_cannot_be_changed(toy: Any) -> None:
    before = toy.json("show", "account", "--id", "1")
    toy.ok("add", "plan", "--name", "Old")
    toy.ok("edit", "plan", "--id", "1", "--legacy")
    assert "legacy plan" in toy.refused(*EDIT, "--plan", "1")
    assert "Plan with Id 9 doesn't exist." in toy.refused(*EDIT, "--plan", "9")
    assert "Account role 'x' does not exist." in toy.refused(*EDIT, "--roles", "x")
    assert "its own consultancy" in toy.refused(*EDIT, "--consultancy", "1")
    assert "not a valid hex color" in toy.refused(*EDIT, "--primary-color", "red")
    unknown = ("edit", "account", "--id", "9", "--name", "x")
    assert "No account with ID 9 found!" in toy.refused(*unknown)
    for wrong in ((), ("--plan", "1", "--clear", "plan")):
        assert toy(*EDIT, *wrong).exit_code == 2
    assert toy.json("show", "account", "--id", "1") == before
