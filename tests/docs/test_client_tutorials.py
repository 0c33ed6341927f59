"""The tutorials of API clients are run as their readers would, against running servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmhost.testing.pages import run_page

PAGES = Path(__file__).parents[2] / "docs" / "tutorials"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_first_client_works_with_the_demo(environment, tmp_path, serve):
    with serve() as url:
        assert run_page(PAGES / "first-client.md", tmp_path, {**environment, "FMHOST_URL": url}) > 3


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_data_are_posted_as_the_page_says(environment, tmp_path, serve):
    with serve() as url, serve(FMHOST_LEGACY_JOB_RESPONSES="false") as second:
        variables = {**environment, "FMHOST_URL": url, "SECOND_URL": second}
        assert run_page(PAGES / "posting-data.md", tmp_path, variables) > 15
