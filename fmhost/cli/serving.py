"""The web server: gunicorn with threads, configured here and by nothing else."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from fmhost import __version__
from fmhost.cli.balanced_worker import BalancedWorker, ConnectionCounts
from fmhost.errors import FmhostError
from fmhost.jobs.collection import collect_seldom
from fmhost.settings import Settings
from fmhost.telemetry.logs import Facts, line_format

#: With this exit code of a worker, gunicorn gives up instead of starting the next one.
_CANNOT_START = 4

#: How long requests and jobs may take to come to their end when the server stops [s].
_PATIENCE = 30


def serve(settings: Settings, listener: socket.socket, *, workers: int, threads: int) -> None:
    """Serve until SIGINT or SIGTERM; what is being answered then is still answered.

    Each worker opens the installation for itself.

    :param listener: a listening socket; it is closed at the end.
    """
    _Server(settings, listener, workers=workers, threads=threads).run()


class _GracefulArbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """An arbiter that stops as gently on Ctrl-C as on SIGTERM."""

    def handle_int(self) -> None:
        self.handle_term()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(
        self, settings: Settings, listener: socket.socket, *, workers: int, threads: int
    ) -> None:
        self._settings = settings
        self._url = _url(listener)
        self._counts = ConnectionCounts(workers)
        self._options = {
            "bind": f"fd://{listener.detach()}",
            "worker_class": BalancedWorker,
            "workers": workers,
            "threads": threads,
            "graceful_timeout": _PATIENCE,
            "limit_request_line": 8190,
            "loglevel": _gunicorn_level(settings["LOGGING_LEVEL"]),
            "logger_class": _logger_class(settings),
            "control_socket_disable": True,
            "when_ready": self._announce,
            "pre_fork": self._settle,
            "post_worker_init": _prepare_worker,
            "worker_exit": self._close,
        }
        self._installation: Any = None
        super().__init__(prog="fmhost")

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:  # older versions do not know all of them
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, in a worker."""
        from fmhost.app import serve_process  # workers only: loads all of it

        try:
            application, self._installation = serve_process(self._settings)
            return application
        except FmhostError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(_CANNOT_START)

    def run(self) -> None:
        _GracefulArbiter(self).run()

    def _announce(self, _server: Any) -> None:
        click.echo(f"fmhost {__version__} serves {self._url}/api/ - press Ctrl-C to stop.")

    def _settle(self, server: Any, worker: Any) -> None:
        self._counts.settle(worker, server.WORKERS.values())

    def _close(self, _server: Any, _worker: Any) -> None:
        if self._installation is not None:
            self._installation.close()


def _prepare_worker(_worker: Any) -> None:
    # Ctrl-C reaches the whole process group; the arbiter passes it on in its own way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()


def _logger_class(settings: Settings) -> type[Logger]:
    """A class whose objects write what gunicorn has to say as everything else is written."""

    class _Logger(Logger):  # type: ignore[misc]
        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            for handler in self.error_log.handlers:
                handler.addFilter(Facts())
                handler.setFormatter(line_format(settings))

    return _Logger


def _gunicorn_level(level: int) -> str:
    name = logging.getLevelName(level).lower()
    return name if name in ("debug", "info", "warning", "error", "critical") else "info"


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
