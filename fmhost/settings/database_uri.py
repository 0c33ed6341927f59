"""The address of the database."""

from __future__ import annotations

import re
from pathlib import Path

_POSTGRESQL = r"(postgres|postgresql|postgresql\+psycopg2)://"
_INSTALLED_DRIVER = "postgresql+psycopg://"


def embedded(instance: Path) -> str:
    """The address of the embedded database of an instance folder."""
    return f"sqlite:///{instance / 'fmhost.db'}"


def for_installed_driver(uri: str) -> str:
    """The address with the PostgreSQL driver that fmhost installs, psycopg 3.

    Addresses of other databases, and those that name another driver, stay as they are.
    """
    match = re.match(_POSTGRESQL, uri)
    return uri if match is None else _INSTALLED_DRIVER + uri[match.end() :]
