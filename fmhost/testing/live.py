"""The program as its hosts run it: a server and workers in processes of their own, over real HTTP.

For tests of what only exists there: processes, signals, sockets, foreign clients. What needs the
API alone is tested with the fixture ``client``, which is much faster.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fmhost.testing.tenants import PASSWORD

if TYPE_CHECKING:
    from requests import Response

    from fmhost.model import User
    from fmhost.model.database import Database

#: What else the host of a real installation would see is an error.
_WARNINGS = "error,ignore::ResourceWarning"  # gunicorn leaves a socket open


@dataclass(frozen=True)
class Process:
    """A running command of the program.

    :param announced: the first line that it printed.
    :param log: the file with its standard error.
    """

    popen: subprocess.Popen[str]
    announced: str
    log: Path

    def stop(self, number: int) -> tuple[int, str]:
        """Send a signal and wait; its exit code, and what it wrote to standard error."""
        self.popen.send_signal(number)
        return self.popen.wait(timeout=60), self.log.read_text()


@dataclass(frozen=True)
class Server:
    """A running server, and calls to it in the name of somebody."""

    process: Process
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it listens, like ``http://127.0.0.1:45678``."""
        return self.process.announced.split()[3].removesuffix("/api/")

    def call(self, method: str, path: str, **options: Any) -> Response:
        """Send a request; the options are those of ``requests.request``."""
        import requests  # only tests have it

        url = self.url + path
        return requests.request(method, url, headers=dict(self.headers), timeout=60, **options)

    def log_in(self, user: User) -> Server:
        """The same server, with calls in the name of a user of the `Tenant`."""
        login = {"email": user.email, "password": PASSWORD}
        token = self.call("POST", "/api/requestAuthToken", json=login).json()["auth_token"]
        return replace(self, headers={"Authorization": token})


@dataclass(frozen=True)
class Program:
    """The program with an instance folder, and on a database that is upgraded.

    :param settings: written into the config file of the instance.
    """

    folder: Path
    database: Database
    settings: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def serve(self, *, workers: int = 2) -> Iterator[Server]:
        """``fmhost run`` on a free port."""
        with self.running("run", "--port", "0", "--workers", str(workers)) as process:
            yield Server(process)

    @contextmanager
    def work(self, *queues: str) -> Iterator[Process]:
        """``fmhost jobs run-worker``, for jobs that wait in Redis."""
        with self.running("jobs", "run-worker", "--queue", "|".join(queues)) as process:
            yield process

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Process]:
        """A command that goes on after it has printed a line; it is killed at the end."""
        self.folder.mkdir(exist_ok=True)
        lines = [f"{name} = {value!r}\n" for name, value in self.settings.items()]
        (self.folder / "fmhost.cfg").write_text("".join(lines))
        log = self.folder / f"{'-'.join(arguments[:2])}.log"
        with log.open("w") as errors, self._start(arguments, errors) as popen:
            assert popen.stdout is not None
            try:
                announced = popen.stdout.readline()
                assert announced, f"{arguments} ended with {popen.wait()}: {log.read_text()}"
                yield Process(popen, announced, log)
            finally:
                # With what it has forked: a worker left behind would take the jobs of other tests.
                with suppress(ProcessLookupError):
                    os.killpg(popen.pid, signal.SIGKILL)

    def environ(self) -> dict[str, str]:
        """The environment of its processes."""
        return {
            "FMHOST_INSTANCE": str(self.folder),
            "HOME": str(self.folder),
            "SECRET_KEY": "a key for this test",
            "SQLALCHEMY_DATABASE_URI": self.database.url.render_as_string(hide_password=False),
            "PYTHONWARNINGS": _WARNINGS,
            "PYTHONUNBUFFERED": "1",
        }

    def _start(self, arguments: tuple[str, ...], errors: IO[str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from fmhost.cli import main; main()", *arguments]
        return subprocess.Popen(
            command,
            env=self.environ(),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
