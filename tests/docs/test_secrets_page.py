"""The commands of the page about secrets print what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "secrets.md"


@pytest.fixture
def database_kind():
    """One is enough: what is stored is tested on both."""
    return "sqlite"


def test_the_commands_print_what_the_page_shows(environment, tmp_path):
    assert run_page(PAGE, tmp_path, environment) == 6
