"""Revisions only add to the schema, so that the program before them can go on meanwhile."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REVISIONS = sorted(
    [*ROOT.glob("migrations/versions/*.py"), *ROOT.glob("plugins/*/**/versions/*.py")]
)

#: What takes away something that an older program may use.
TAKES_AWAY = {"drop_table", "drop_column", "drop_constraint", "rename_table", "alter_column"}

#: A revision that takes something away has this name: since which release nobody uses it.
EXCUSE = "NOT_USED_SINCE"


def taken_away(source: str) -> list[str]:
    """What the upgrade of a revision takes away without an excuse."""
    module = ast.parse(source)
    names = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if EXCUSE in names:
        return []
    return [
        call.func.attr
        for node in module.body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in TAKES_AWAY
    ]


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda path: path.stem)
def test_an_upgrade_takes_nothing_away(revision):
    assert taken_away(revision.read_text()) == []


def test_one_that_does_is_found():
    source = "def upgrade():\n    op.drop_column('sensor', 'unit')\n"
    assert taken_away(source) == ["drop_column"]
    assert taken_away(f"{EXCUSE} = '0.3'\n{source}") == []
