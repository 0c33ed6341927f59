"""The page about testing names every fixture, check and attribute, and its examples run."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import pytest

import fmhost.testing
from fmhost.testing import AccessConformance, ForecasterConformance, Row, SchedulerConformance
from fmhost.testing import plugin as pytest_plugin

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/plugins/testing.md").read_text("utf-8")

#: What a row of the suite for access can say, besides its operation.
ROW = {field.name for field in dataclasses.fields(Row)} - {"operation"}

_FILE = re.compile(r"^```python\n# (?P<path>[\w./]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def fixtures() -> set[str]:
    """The names of the fixtures that the pytest plugin loads, from the sources of its modules."""
    modules = [pytest_plugin.__name__, *pytest_plugin.pytest_plugins]
    return {
        function.name
        for module in modules
        for function in ast.walk(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text()))
        if isinstance(function, ast.FunctionDef)
        and any("pytest.fixture" in ast.unparse(each) for each in function.decorator_list)
    }


def rows(section: str) -> list[str]:
    """What stands in the first column of the tables in a section of the page."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"\w+", cell)]


def test_every_fixture_is_explained():
    assert {"app", "database", "day_ahead_prices", "fmhost"} <= fixtures()
    assert sorted(rows("Fixtures")) == sorted(fixtures())


@pytest.mark.parametrize(
    ("suite", "section"),
    [
        (SchedulerConformance, "The conformance suite for schedulers"),
        (ForecasterConformance, "The conformance suite for forecasters"),
        (AccessConformance, "Who may do what"),
    ],
)
def test_every_check_and_attribute_of_a_suite_is_explained(suite, section):
    public = {
        name
        for kind in suite.__mro__[:-1]
        for name in (*vars(kind), *kind.__annotations__)
        if not name.startswith(("_", "pytest_")) and name not in ("trial", "access_stage")
    }
    assert len(public) > 7
    explained = sorted(name.removeprefix("test_") for name in public)
    assert sorted(set(rows(section)) - ROW) == explained


def test_every_part_of_a_row_is_explained():
    assert {"needs", "owners", "unknown"} <= ROW
    assert sorted(ROW) == sorted(set(rows("Who may do what")) & ROW)


def test_every_name_is_listed():
    listed = PAGE.split("may change at any time:")[1]
    assert re.findall(r"`(\w+)`", listed) == fmhost.testing.__all__
    for name in fmhost.testing.__all__:
        value = getattr(fmhost.testing, name)
        assert getattr(value, "__name__", name) == name


def test_its_examples_run(pytester):
    found = {block["path"]: block["text"] for block in _FILE.finditer(PAGE)}
    assert len(found) == 9
    for name, text in found.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    options = ["-q", "--import-mode=importlib", "-W", "error", "-p", "no:cacheprovider", "-rs"]
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\npythonpath = ['.']")
    result = pytester.runpytest_subprocess(*options, "tests")
    schedulers, forecasters = (
        sum(name.startswith("test_") for name in dir(suite))
        for suite in (SchedulerConformance, ForecasterConformance)
    )
    access = 1 + 2 + 1  # each of two rows, and one of them about what does not exist
    passed = 2 + 2 * schedulers + forecasters - 2 + access
    assert result.parseoutcomes() == {"passed": passed, "skipped": 2}
