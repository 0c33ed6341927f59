"""Fixtures and options of all tests in this workspace."""

from __future__ import annotations

import gc

import pytest

pytest_plugins = ["fmhost.testing.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how much of what can be made up at random is to be tried."""
    parser.addoption(
        "--fuzz-examples",
        type=int,
        metavar="N",
        help="requests that each fuzz test makes up, at random; default: the same few each time",
    )


def pytest_configure() -> None:
    """Have the garbage collector look seldom through all that is imported and collected.

    It took a quarter of the time of the API's tests.
    """
    gc.set_threshold(50_000, 20, 50)
