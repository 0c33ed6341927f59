"""The pytest plugin: ``pytest_plugins = ["fmhost.testing.plugin"]``.

Servers start when a test first needs them and stop at the end of the session; see
`fmhost.testing.servers` for the variables that name existing ones instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fmhost.model.database import Database
from fmhost.testing.databases import KINDS, Content, Kind, fresh_database, nothing
from fmhost.testing.servers import redis_server

pytest_plugins = [
    "fmhost.testing.web",
    "fmhost.testing.browser",
    "fmhost.testing.battery",
    "fmhost.testing.hosting",
    "fmhost.testing.statements",
]


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """``sqlite`` and ``postgresql``, one after the other."""
    kind: Kind = request.param
    return kind


@pytest.fixture
def database(database_kind: Kind, database_content: Content) -> Iterator[Database]:
    """A fresh, upgraded database, of either kind."""
    with fresh_database(database_kind, content=database_content) as fresh:
        yield fresh


@pytest.fixture
def database_content(request: pytest.FixtureRequest) -> Content:
    """What the database of the test has from the beginning: the tenant, where it is asked for."""
    if "tenant" not in request.fixturenames:
        return nothing
    from fmhost.testing.tenants import store_tenant  # loads what checks passwords

    return store_tenant


@pytest.fixture
def empty_database(database_kind: Kind) -> Iterator[Database]:
    """A fresh database without any table, of either kind."""
    with fresh_database(database_kind, upgraded=False) as fresh:
        yield fresh


@pytest.fixture
def sqlite_database(database_content: Content) -> Iterator[Database]:
    """A fresh, upgraded SQLite database."""
    with fresh_database("sqlite", content=database_content) as fresh:
        yield fresh


@pytest.fixture
def postgres_database(database_content: Content) -> Iterator[Database]:
    """A fresh, upgraded PostgreSQL database."""
    with fresh_database("postgresql", content=database_content) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def redis_server_url() -> str:
    """URL of a Redis database for tests, with whatever earlier tests left in it."""
    return redis_server()


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """URL of a Redis database, emptied for this test."""
    import redis  # only tests of queues need the client

    with redis.Redis.from_url(redis_server_url) as client:
        client.flushdb()
    return redis_server_url
