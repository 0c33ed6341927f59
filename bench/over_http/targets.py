"""Servers to measure, and connections to them."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fmhost.model import Asset, Sensor
from fmhost.model.database import Database
from fmhost.services.assets import list_assets
from fmhost.testing.tenants import PASSWORD, create_tenant
from fmhost.testing.web import settings_for_tests

WORKERS = 2


@dataclass(frozen=True)
class Target:
    """A running server.

    :param sensors: ids of sensors that the user may post to.
    :param process: the id of its first process, and `database` the name of its database, where it
        is ours.
    :param prices: id of a sensor with prices, where schedules may be asked for.
    """

    url: str
    email: str
    password: str
    sensors: Sequence[int]
    process: int | None = None
    database: str = ""
    prices: int | None = None


class Client:
    """One connection, in the name of the user."""

    def __init__(self, target: Target) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(target.url).netloc, timeout=300)
        self._headers = {"Content-Type": "application/json"}
        login = json.dumps({"email": target.email, "password": target.password}).encode()
        answer = json.loads(self.call("POST", "/api/requestAuthToken", login))
        self._headers["Authorization"] = answer["auth_token"]

    def close(self) -> None:
        """Have the next call open a connection anew."""
        self._connection.close()

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of a good answer."""
        status, content = self.ask(method, path, body)
        if status != 200:
            raise SystemExit(f"{method} {path} was answered {status}: {content[:500]!r}")
        return content

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The status and the body of any answer."""
        try:
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
        except ConnectionError:  # the server closes connections that are idle
            self._connection.close()
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def our_server(
    database: Database, folder: Path, sensors: int, assets: int, workers: int = WORKERS
) -> Iterator[Target]:
    """`fmhost run` on a fresh database, with a user, sensors, and so many assets to list."""
    settings = settings_for_tests(folder)
    with database.transaction() as session:
        tenant = create_tenant(session, settings)
        made = [
            Sensor(
                name=f"bench {number}",
                unit="kW",
                event_resolution=timedelta(minutes=15),
                generic_asset_id=tenant.battery.id,
            )
            for number in range(sensors)
        ]
        session.add_all(made)
        there = len(list_assets(session, tenant.account.id))
        kind = tenant.battery.generic_asset_type_id
        session.add_all(
            Asset(
                name=f"bench {number}",
                generic_asset_type_id=kind,
                account_id=tenant.account.id,
                latitude=52.37,
                longitude=4.9,
            )
            for number in range(assets - there)
        )
    environ = {
        "FMHOST_INSTANCE": str(folder),
        "HOME": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "SQLALCHEMY_DATABASE_URI": database.url.render_as_string(hide_password=False),
    }
    (folder / "fmhost.cfg").write_text("RATELIMIT_ENABLED = False\n")
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from fmhost.cli import main; main()"),
            *("run", "--port", "0", "--workers", str(workers)),
        ],
        env=environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        announced = process.stdout.readline().split()
        if len(announced) < 4:
            raise SystemExit("The server did not start.")
        url = announced[3].removesuffix("/api/")
        ids = [sensor.id for sensor in made]
        yield Target(
            url, tenant.member.email, PASSWORD, ids, process.pid, database.url.database or ""
        )
    finally:
        process.terminate()
        process.communicate()


def peer() -> Target | None:
    """The server that the environment names, if any."""
    url = os.environ.get("FMHOST_BENCH_PEER_URL")
    if not url:
        return None
    names = ("EMAIL", "PASSWORD", "SENSORS")
    email, password, sensors = (os.environ.get(f"FMHOST_BENCH_PEER_{name}", "") for name in names)
    if not (email and password and sensors):
        raise SystemExit("FMHOST_BENCH_PEER_EMAIL, _PASSWORD and _SENSORS go with the URL.")
    return Target(url, email, password, [int(each) for each in sensors.split(",")])
