"""Fixtures and options of all tests in this workspace."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["fmhost.testing.plugin"]

# What is made up at random may take its time. It is the same in each run, so that a change is
# judged by what it changes; "--hypothesis-profile=others" has others made up in each run.
settings.register_profile("others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "same", settings.get_profile("others"), derandomize=True, database=None, print_blob=True
)
settings.load_profile("same")


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
