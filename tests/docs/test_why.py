"""The page on why schedules are as they are is run as its readers would."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "scheduling" / "why.md"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_page_is_true(environment: dict[str, str], tmp_path: Path) -> None:
    assert run_page(PAGE, tmp_path, environment) >= 6
