"""``fmhost run``: serve the API and the pages of the plugins."""

from __future__ import annotations

import socket

import click

from fmhost.cli.context import current_program
from fmhost.errors import ConfigurationError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=5000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for any that is free.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Number of processes that answer requests.",
)
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1),
    help="Number of requests that each process answers at a time.",
)
def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the API and the pages of the plugins until interrupted."""
    # Both load much that no other command needs.
    from fmhost.cli.serving import serve
    from fmhost.model.database import Database

    settings = current_program().settings
    # Said here once and in one line, rather than by each worker.
    settings.require_secret_key()
    database = Database(settings.database_uri, settings["SQLALCHEMY_ENGINE_OPTIONS"])
    try:
        database.require_upgraded()
    finally:
        database.dispose()  # a process must not inherit a connection
    serve(settings, _listen(host, port), workers=workers, threads=threads)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    :raises ConfigurationError: where it cannot.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host}, port {port}: {error.strerror}.",
            hint="Choose another one with --port or --host, or stop the program that uses it.",
        ) from error
    return listener
