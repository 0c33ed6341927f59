"""The commands of the page about jobs print what it shows; its settings are ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fmhost.settings import DECLARATIONS
from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "jobs.md"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_commands_print_what_the_page_shows(environment, tmp_path):
    assert run_page(PAGE, tmp_path, environment) >= 8


def test_the_defaults_are_those_of_the_settings():
    rows = re.findall(r"^\| `(\w+)` \| (\d+)(?: s)? \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 6
    for name, default in rows:
        assert DECLARATIONS[name].default == float(default)
