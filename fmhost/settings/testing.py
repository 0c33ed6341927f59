"""Which existing servers the tests may use in place of those they start themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ExistingServers:
    """Servers named by the environment; None: the tests start one.

    :param postgres_uri: ``FMHOST_TEST_POSTGRES_URI``: a database of a server on which the user may
        create databases. The tests create and drop their own; they leave this one alone.
    :param redis_url: ``FMHOST_TEST_REDIS_URL``: a Redis database, which the tests EMPTY.
    """

    postgres_uri: str | None
    redis_url: str | None


def existing_servers(environ: Mapping[str, str] | None = None) -> ExistingServers:
    """Read the two variables; an empty one counts as missing."""
    environ = os.environ if environ is None else environ
    return ExistingServers(
        postgres_uri=environ.get("FMHOST_TEST_POSTGRES_URI") or None,
        redis_url=environ.get("FMHOST_TEST_REDIS_URL") or None,
    )
