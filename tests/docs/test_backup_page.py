"""The drill of the page about backups, as a host would do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "backup.md"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_drill(environment, tmp_path):
    assert run_page(PAGE, tmp_path, environment) == 5
