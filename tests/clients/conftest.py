"""A live installation for clients: SQLite with jobs in the server, PostgreSQL with a worker."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from flexmeasures_client import FlexMeasuresClient

from fmhost.host.host import Composition, Host
from fmhost.services import plugin_tables
from fmhost.testing.databases import fresh_database
from fmhost.testing.live import Program, Server
from fmhost.testing.servers import redis_server
from fmhost.testing.tenants import PASSWORD, Tenant, create_tenant
from fmhost.testing.web import settings_for_tests

SETTINGS = {
    # Requests that start computations are limited per account, and these tests make many.
    "RATELIMIT_ENABLED": False,
    # All clients get the older answers, unless an attribute of the asset names a newer one.
    "FMHOST_LEGACY_JOB_RESPONSES": False,
    "FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION": {
        "flexmeasures-client-version": "0.9.0"
    },
    "FLEXMEASURES_LEGACY_JOB_RESPONSES_ASSUME_THIS_CLIENT_VERSION": {
        "flexmeasures-client-version": "0.9.0"
    },
}


_START = "2026-03-03T00:00:00+01:00"

#: Cheap in the third hour [EUR/MWh].
_PRICES = [100, 100, 10, 100, 100, 100]


class Live:
    """A server, and the people and things that it knows.

    The server serves all tests, so that each test makes what it changes.
    """

    def __init__(self, server: Server, tenant: Tenant) -> None:
        self.server = server
        self.tenant = tenant


@pytest.fixture(scope="session", params=["inline", "rq"])
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """``fmhost run``; where jobs wait in Redis, with ``fmhost jobs run-worker`` at its side."""
    with ExitStack() as stack:
        inline = request.param == "inline"
        database = stack.enter_context(fresh_database("sqlite" if inline else "postgresql"))
        folder: Path = tmp_path_factory.mktemp("instance")
        settings = settings_for_tests(folder)
        plugin_tables.upgrade(Host(Composition.from_settings(settings)), database)
        with database.transaction() as session:
            tenant = create_tenant(session, settings)
        program = Program(folder, database, SETTINGS | ({} if inline else empty_queue()))
        server = stack.enter_context(program.serve())
        if not inline:
            stack.enter_context(program.work("scheduling", "forecasting", "ingestion"))
        yield Live(server, tenant)


def empty_queue() -> dict[str, str]:
    """Settings of an installation whose jobs wait in Redis.

    They have a database of their own there: the worker listens until the last test has run.
    """
    url = urlsplit(redis_server())._replace(path="/1").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return {"FMHOST_QUEUE": "rq", "FLEXMEASURES_REDIS_URL": url}


class Caller:
    """The released client in the name of somebody, whose coroutines are run to their end.

    ``caller.get_assets(...)`` is ``await client.get_assets(...)``.
    """

    def __init__(self, runner: asyncio.Runner, client: FlexMeasuresClient) -> None:
        self._runner = runner
        self.client = client

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.client, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute
        return lambda *args, **options: self.run(attribute(*args, **options))

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(coroutine)


@pytest.fixture
def connect(live: Live) -> Iterator[Any]:
    """``connect(user)``: the client, as that user; the options are its own."""
    with asyncio.Runner() as runner:
        callers = []

        def connect_as(user: Any, **options: Any) -> Caller:
            host = live.server.url.removeprefix("http://")
            options = {"email": user.email, "password": PASSWORD} | quick_polling() | options

            async def make() -> FlexMeasuresClient:
                return FlexMeasuresClient(host=host, **options)

            callers.append(Caller(runner, runner.run(make())))
            return callers[-1]

        yield connect_as
        for caller in callers:
            caller.close()


def quick_polling() -> dict[str, Any]:
    """Options by which the client asks often whether a result is there; they had other names."""
    known = inspect.signature(FlexMeasuresClient).parameters
    options = {
        "job_polling_interval": 0.05,
        "job_polling_max_interval": 0.2,
        "request_retry_interval": 0.05,
    }
    if "request_retry_interval" not in known:
        options = {"polling_interval": 0.05}
    return options


@pytest.fixture
def boss(live: Live, connect: Any) -> Caller:
    """The client of the account's admin."""
    return connect(live.tenant.account_admin)


@pytest.fixture
def parsing() -> dict[str, bool]:
    """What tells the client to give JSON fields as objects, where its updates know it."""
    known = "parse_json_fields" in inspect.signature(FlexMeasuresClient.update_asset).parameters
    return {"parse_json_fields": True} if known else {}


@pytest.fixture
def site(boss: Any, live: Live) -> Callable[..., Any]:
    """``site(name)``: makes an asset, of the account's admin."""

    def make(name: str, **options: Any) -> Any:
        kind = boss.get_asset_types()[0]["id"]
        return boss.add_asset(
            name=name,
            account_id=live.tenant.account.id,
            latitude=52.37,
            longitude=4.89,
            generic_asset_type_id=kind,
            **options,
        )

    return make


@pytest.fixture
def sensor(boss: Any) -> Callable[..., int]:
    """``sensor(asset, name, unit)``: makes a sensor and gives its id."""

    def make(
        asset: Any, name: str, unit: str = "kW", resolution: str = "PT15M", **options: Any
    ) -> int:
        made = boss.add_sensor(name, resolution, unit, asset["id"], "Europe/Amsterdam", **options)
        identifier: int = made["id"]
        return identifier

    return make


@pytest.fixture
def priced(boss: Any, site: Any, sensor: Any, parsing: dict[str, bool]) -> Callable[..., Any]:
    """``priced(name)``: an asset with prices in its context; a battery and a second one in it."""

    def make(name: str) -> Any:
        asset = site(name)
        prices = sensor(asset, "prices", "EUR/MWh", "PT1H")
        boss.post_sensor_data(
            prices, start=_START, duration="PT6H", values=_PRICES, unit="EUR/MWh", prior=_START
        )
        context = {"consumption-price": {"sensor": prices}}
        boss.update_asset(asset["id"], {"flex_context": context}, **parsing)
        return asset, sensor(asset, "power"), sensor(asset, "second power"), prices

    return make
