"""An application on each kind of database, to which anything can be sent without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

from fmhost.testing.access.stage import Stage, open_stage
from fmhost.testing.databases import KINDS
from fmhost.testing.fuzzing.asker import Asker
from fmhost.testing.fuzzing.fuzzed import Fuzzed

#: Requests that each test makes up, where nobody says how many.
EXAMPLES = 3

#: On which database, and in whose name: in short runs, and what long ones have besides.
SHORT = (("sqlite", "member"), ("postgresql", "admin"))
LONG = (*SHORT, ("sqlite", "admin"), ("postgresql", "member"))


@pytest.fixture(scope="session")
def stage_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Stage]]:
    """Gives the stage on a kind of database; one for all tests, which leave no trace.

    It plays, so that it has all operations.
    """
    with ExitStack() as stack:

        @cache
        def stage(kind: str) -> Stage:
            opened = open_stage(
                kind,
                tmp_path_factory.mktemp(kind),
                FLEXMEASURES_MODE="play",
                RATELIMIT_ENABLED=False,
            )
            return stack.enter_context(opened)

        yield stage


@pytest.fixture(scope="session", params=KINDS)
def asker(request: pytest.FixtureRequest, stage_on: Callable[[str], Stage]) -> Asker:
    """The application on either kind of database, asked by an admin.

    In short runs each takes every second of the many things to ask; in long ones both take all.
    """
    short = request.config.option.fuzz_examples is None
    share = slice(KINDS.index(request.param), None, len(KINDS)) if short else slice(None)
    return Asker(stage_on(request.param), share)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have long runs ask everything in all names on all databases."""
    if "fuzzed" in metafunc.fixturenames:
        pairs = SHORT if metafunc.config.option.fuzz_examples is None else LONG
        names = [f"{person}-{kind}" for kind, person in pairs]
        metafunc.parametrize("fuzzed", pairs, indirect=True, ids=names, scope="session")


@pytest.fixture(scope="session")
def fuzzed(request: pytest.FixtureRequest, stage_on: Callable[[str], Stage]) -> Fuzzed:
    """The application on a kind of database, asked in somebody's name."""
    kind, person = request.param
    return Fuzzed(stage_on(kind), person)


@pytest.fixture(scope="session")
def fuzz_settings(request: pytest.FixtureRequest) -> settings:
    """How many requests are made up: the same few each time, or as many others as are wanted."""
    wanted: int | None = request.config.option.fuzz_examples
    return settings(
        max_examples=wanted or EXAMPLES,
        derandomize=wanted is None,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
