"""``fmhost routes`` and ``fmhost shell``: for those who look inside."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fmhost.model.database import Database


@pytest.fixture
def inside(fmhost: Callable[..., Any], sqlite_database: Database) -> Callable[..., Any]:
    """The program on an upgraded database."""

    def run(*arguments: str, **options: Any) -> Any:
        uri = str(sqlite_database.url)
        key = "k3-Vw9_fGhT5mQ2pLz8xRb7cNd4sJa6yE1uWoHi0"
        return fmhost(*arguments, SQLALCHEMY_DATABASE_URI=uri, SECRET_KEY=key, **options)

    return run


def test_routes_are_listed(inside: Callable[..., Any]) -> None:
    listed = inside("routes")
    assert listed.exit_code == 0
    found = json.loads(inside("routes", "--json").stdout)
    ready = "/api/v3_0/health/ready"
    assert {"route": ready, "methods": ["GET"], "endpoint": "health.is_ready"} in found
    (line,) = (line for line in listed.stdout.splitlines() if line.startswith(ready))
    assert line.split() == [ready, "GET", "health.is_ready"]
    assert len(found) == len(listed.stdout.splitlines())


def test_the_shell_runs_a_command(inside: Callable[..., Any]) -> None:
    told = inside("shell", "-c", "print(session.query(Account).count(), settings.environment)")
    assert told.stdout == "0 production\n"
    crashed = inside("shell", "-c", "1 / 0")
    assert isinstance(crashed.exception, ZeroDivisionError)


def test_the_shell_asks(inside: Callable[..., Any]) -> None:
    told = inside("shell", stdin="print(Sensor.__tablename__)\n")
    assert told.exit_code == 0
    assert "sensor\n" in told.stdout


def test_the_session_of_the_shell_only_reads(inside: Callable[..., Any]) -> None:
    told = inside("shell", "-c", "session.add(Account(name='x')); session.flush()")
    assert "readonly" in str(told.exception)
