"""The page on authentication: its examples are run, and its settings are those that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fmhost.auth.api_keys import Scope
from fmhost.settings import DECLARATIONS
from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "authentication.md"
TEXT = PAGE.read_text(encoding="utf-8")

#: Variables of the shell in the examples, and words in capitals.
_NO_SETTINGS = {"FMHOST_URL", "FMHOST_PASSWORD", "TOO_MANY_REQUESTS"}


# The API is tested on either database elsewhere.
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_its_examples_do_what_it_says(environment, tmp_path, serve):
    with serve() as url:
        assert run_page(PAGE, tmp_path, {**environment, "FMHOST_URL": url}) > 20


def test_every_setting_that_it_names_exists():
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", TEXT)) - _NO_SETTINGS
    assert len(named) > 20
    assert named - set(DECLARATIONS) == set()


@pytest.mark.parametrize(
    ("name", "default"), re.findall(r"^\| `([A-Z_]+)` \| `(.*?)` \|", TEXT, re.MULTILINE)
)
def test_the_defaults_are_those_that_it_names(name, default):
    assert str(DECLARATIONS[name].default) == default


def test_it_names_every_scope_of_keys():
    assert re.findall(r"^\| `([a-z-]+)` \| .*", TEXT.partition("| Scope |")[2], re.MULTILINE)[
        :3
    ] == [str(scope) for scope in Scope]
