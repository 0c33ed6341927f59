"""``fmhost edit attribute``."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.model import Account, AssetAuditLog

EDIT = ("edit", "attribute")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (("--float", "0.5"), 0.5),
        (("--int", "3"), 3),
        (("--bool", "true"), True),
        (("--bool", "false"), False),
        (("--str", "text"), "text"),
        (("--str", ""), ""),
        (("--list", "[1, {}]"), [1, {}]),
        (("--dict", '{"a": [1]}'), {"a": [1]}),
        (("--int", "0"), 0),
        (("--null",), None),
    ],
)
def test_an_attribute_takes_every_kind_of_value(
    toy: Any, option: tuple[str, ...], value: Any
) -> None:
    printed = toy.ok(*EDIT, "--asset-id", "3", "--attribute", "colour", *option)
    assert printed == "Successfully edited/added attribute.\n"
    stored = toy.json("show", "asset", "--id", "3")["attributes"]
    assert stored["colour"] == value
    assert type(stored["colour"]) is type(value)
    assert stored["capacity_in_mw"] == 0.5


def test_several_entities_at_once(toy: Any, database: Any) -> None:
    toy.ok(
        *(*EDIT, "--asset", "1", "--asset-id", "2", "--sensor", "2", "--sensor-id", "1"),
        *("--account", "1", "--attribute", "a", "--int", "3"),
    )
    for asset_id in ("1", "2"):
        assert toy.json("show", "asset", "--id", asset_id)["attributes"]["a"] == 3
    assert toy.json("show", "asset", "--id", "3")["sensors"][0]["attributes"] == {"a": 3}
    with database.reading() as session:
        assert session.get_one(Account, 1).attributes == {"a": 3}
        events = session.scalars(select(AssetAuditLog.event)).all()
    assert events.count("Updated Attr: a, From: None, To: 3") == 2
    assert (
        "Updated sensor 'discharging': 2. Updated fields: "
        "Field name: attributes, Old value: {}, New value: {'a': 3}" in events
    )


def test_one_of_several_that_fails_leaves_the_others_alone(toy: Any) -> None:
    refused = toy.refused(*EDIT, "--asset", "1", "--asset", "99", "--attribute", "a", "--null")
    assert "No asset found with ID 99." in refused
    assert "a" not in toy.json("show", "asset", "--id", "1")["attributes"]


def test_exactly_one_value_and_somebody_to_have_it(toy: Any) -> None:
    of = (*EDIT, "--asset", "1", "--attribute", "a")
    for wrong in (
        of,
        (*of, "--int", "1", "--str", "x"),
        (*of, "--int", "0", "--null"),
        (*EDIT, "--attribute", "a", "--int", "1"),
        (*EDIT, "--asset", "1", "--int", "1"),
        (*of, "--bool", "perhaps"),
        (*of, "--dict", "[]"),
        (*of, "--list", "{}"),
    ):
        assert toy(*wrong).exit_code == 2, wrong
        assert "Traceback" not in toy(*wrong).output
    assert "Give exactly one value: --float," in toy(*of).stderr


def test_values_are_checked_like_anywhere_else(toy: Any) -> None:
    scheduler = (*EDIT, "--sensor", "2", "--attribute", "custom-scheduler")
    refused = toy.refused(*scheduler, "--str", "Magic")
    assert "Attribute 'custom-scheduler': There is no scheduler named 'Magic'." in refused
    assert "StorageScheduler" in refused
    refused = toy.refused(*scheduler, "--dict", '{"name": "StorageScheduler", "config": {"a": 1}}')
    assert "The scheduler 'StorageScheduler' takes no config." in refused
    refused = toy.refused(*EDIT, "--asset", "1", "--attribute", "market_id", "--int", "99")
    assert "No sensor found with ID 99." in refused
    refused = toy.refused(*EDIT, "--asset", "1", "--attribute", "a", "--float", "nan")
    assert "not finite" in refused
    toy.ok(*scheduler, "--str", "StorageScheduler")
    toy.ok(*scheduler, "--null")
