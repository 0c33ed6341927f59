"""The servers for tests: real, named or started, and gone with the process that asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import make_url, text

from fmhost.model.database import Database
from fmhost.settings.testing import ExistingServers, existing_servers
from fmhost.testing.databases import Kind, fresh_database

ASK_AND_WAIT = """
import sys
from fmhost.testing.servers import postgres_server, redis_server
print(postgres_server(), redis_server(), flush=True)
sys.stdin.readline()
"""


def test_named_servers_are_read_from_the_environment() -> None:
    environ = {"FMHOST_TEST_POSTGRES_URI": "postgresql://a/b", "FMHOST_TEST_REDIS_URL": ""}
    assert existing_servers(environ) == ExistingServers("postgresql://a/b", None)
    assert existing_servers({}) == ExistingServers(None, None)


def test_fresh_databases_are_upgraded_and_separate(database_kind: Kind) -> None:
    with fresh_database(database_kind) as one, fresh_database(database_kind) as other:
        one.require_upgraded()
        other.require_upgraded()
        with one.transaction() as session:
            session.execute(text("INSERT INTO role (name) VALUES ('r')"))
        with other.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM role")) == 0


def test_fresh_databases_are_removed(postgres_database: Database) -> None:
    with fresh_database("postgresql") as database:
        name = database.url.database
        database.require_upgraded()
    with postgres_database.reading() as session:
        query = text("SELECT count(*) FROM pg_database WHERE datname = :name")
        assert session.scalar(query, {"name": name}) == 0


def test_redis_is_empty_for_every_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "over")


def test_redis_is_empty_again(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def servers_of(process: subprocess.Popen[str], postgres_folder: str) -> list[psutil.Process]:
    """The guards and servers of a process; PostgreSQL detaches itself, its files tell it."""
    return [
        *psutil.Process(process.pid).children(recursive=True),
        *(
            other
            for other in psutil.process_iter(["cmdline"])
            if "-D" in (command := other.info["cmdline"] or []) and postgres_folder in command
        ),
    ]


@pytest.mark.parametrize("end", [signal.SIGKILL, None], ids=["killed", "at exit"])
def test_servers_end_with_their_process(end: signal.Signals | None) -> None:
    named = ("FMHOST_TEST_POSTGRES_URI", "FMHOST_TEST_REDIS_URL")
    process = subprocess.Popen(
        [sys.executable, "-c", ASK_AND_WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key not in named},
    )
    assert process.stdout is not None
    postgres_uri, redis_url = process.stdout.readline().split()
    folder = make_url(postgres_uri).query["host"]
    assert isinstance(folder, str)
    assert redis_url.startswith("redis://127.0.0.1:")
    running = servers_of(process, folder)
    names = sorted(other.name() for other in running)
    assert names.count("postgres") == 1
    assert names.count("redis-server") == 1
    if end is not None:
        process.send_signal(end)
    process.communicate("\n" if end is None else None, timeout=30)
    _, alive = psutil.wait_procs(running, timeout=30)
    assert alive == []
    assert not Path(folder).exists()
