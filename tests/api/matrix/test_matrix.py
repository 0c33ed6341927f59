"""Every operation, asked by people of every role about things of every owner."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fmhost.api.operations import operations
from fmhost.schemas.fields import EntityId, SensorReference
from fmhost.testing.access import (
    kernel_accounts,
    kernel_assets,
    kernel_references,
    kernel_rows,
    kernel_sensors,
    rows,
    rules,
)
from fmhost.testing.access.kernel_assets import READ
from fmhost.testing.access.routes import routes_of
from fmhost.testing.access.rows import OWNERS, Row
from fmhost.testing.access.rules import FEW

#: What the plugin that these tests install has.
TANKS = (
    Row(
        "GET /api/v3_0/tanks/<id>",
        needs=READ,
        owners=OWNERS,
        path=lambda _, estate: {"id": estate.asset_id},
    ),
    Row("GET /api/v3_0/tanks/plain", plain=True),
)
ROWS = (*kernel_rows.ROWS, *TANKS)

#: Views of the kernel that are no operations, by how their endpoints begin, and why they need no
#: row: none of them says anything about what is stored, but who is logged in.
OTHER_VIEWS = {
    "security.": "pages of Flask-Security, about the login of whoever asks",
    "documentation.show_page": "the page that shows the API's document, for everybody",
    "documentation.send_file_of_page": "files of that page, from the wheel",
    "documentation_page.show_page": "leads to that page",
    "sunset_v": "paths of older versions, which answer 410 to everybody",
    "ui.": "pages of a plugin, which has tests of its own",
}

#: Ids that are no secrets: everybody may know which of these exist.
NO_SECRETS = {"role", "account role", "plan"}

#: What each row of a page is about, where the row has no owners of its own.
PAGED = [row for row in ROWS if row.query and "by page" in row.way]


def served(app):
    """Operations, and the routes of plugins other than pages."""
    found = {f"{operation.method} {rule}" for rule, operation in operations(app)}
    return found | {route for route in routes_of(app, "tanks") if " /api/" in route}


def test_what_is_expected_does_not_come_from_the_code_that_decides():
    kernel = (kernel_rows, kernel_accounts, kernel_assets, kernel_sensors, kernel_references)
    for module in (rules, rows, *kernel):
        tree = ast.parse(Path(module.__file__).read_text())
        imported = {
            each.module
            for each in ast.walk(tree)
            if isinstance(each, ast.ImportFrom) and each.module
        }
        ours = {name for name in imported if name.startswith("fmhost.")}
        assert all(name.startswith("fmhost.testing.access") for name in ours)


def test_every_operation_has_a_row(sqlite_stage):
    assert served(sqlite_stage.app) == {row.operation for row in ROWS}


def test_routes_of_a_plugin_without_a_row_are_found(sqlite_stage):
    missing = served(sqlite_stage.app) - {row.operation for row in kernel_rows.ROWS}
    assert missing == {row.operation for row in TANKS}


def test_the_other_views_are_known(sqlite_stage):
    app = sqlite_stage.app
    known = {row.operation.partition(" ")[2] for row in ROWS}
    others = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule not in known}
    begins = tuple(OTHER_VIEWS)
    assert [each for each in sorted(others) if not each.startswith(begins)] == []
    assert [each for each in begins if not any(view.startswith(each) for view in others)] == []


def test_every_argument_that_names_something_has_a_row(sqlite_stage):
    named = {
        (f"{operation.method} {rule}", field.data_key or name)
        for rule, operation in operations(sqlite_stage.app)
        for name, field in (operation.schema.fields if operation.schema else {}).items()
        if isinstance(field, SensorReference)
        or (isinstance(field, EntityId) and field.kind not in NO_SECRETS)
    }
    assert len(named) > 15
    assert sorted(named - {(row.operation, row.refers) for row in ROWS}) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_who_may(sqlite_stage, row):
    assert list(sqlite_stage.deviations(row)) == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.owners], ids=lambda row: row.name)
def test_what_does_not_exist(sqlite_stage, row):
    assert list(sqlite_stage.differences(row)) == []


@pytest.mark.parametrize("row", PAGED, ids=lambda row: row.name)
def test_searching_finds_nothing_of_others(sqlite_stage, row):
    assert list(sqlite_stage.finds(row)) == []


@pytest.mark.parametrize(
    "row", {row.operation: row for row in reversed(ROWS)}.values(), ids=lambda row: row.name
)
def test_who_may_on_postgresql(postgresql_stage, row):
    """A sample: where databases differ, they differ in queries and not in who asks."""
    assert list(postgresql_stage.deviations(row, row.people or FEW)) == []


def test_servers_that_play_have_one_operation_more(open_here):
    with open_here("sqlite", FLEXMEASURES_MODE="play") as stage:
        playing = {row.operation for row in kernel_rows.PLAYING}
        assert served(stage.app) - {row.operation for row in ROWS} == playing
        for row in kernel_rows.PLAYING:
            assert list(stage.deviations(row)) == []
