"""The environments in which an installation can run, and which one applies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fmhost.errors import ConfigurationError

DEFAULT_ENVIRONMENT = "production"
ENVIRONMENTS = ("documentation", "development", "testing", "staging", "production")
WITHOUT_FILES = ("testing", "documentation")
"""Environments in which no config file is read, so that results are the same everywhere."""


class Choice(NamedTuple):
    """The environment, where it was chosen, and what to warn about."""

    environment: str
    source: str
    warnings: tuple[str, ...] = ()


def choose(
    *, argument: str | None, environ: Mapping[str, str], file: Mapping[str, Any], file_source: str
) -> Choice:
    """The environment: argument, ``FLEXMEASURES_ENV``, config file, ``FLASK_ENV``, production.

    :raises ConfigurationError: where the first of these that is set names no environment.
    """
    candidates = (
        (argument, "argument"),
        (environ.get("FLEXMEASURES_ENV"), "environment variable"),
        (file.get("FLEXMEASURES_ENV"), file_source),
        (environ.get("FLASK_ENV"), "environment variable"),
    )
    for position, (value, source) in enumerate(candidates):
        if value:
            is_old_name = position == len(candidates) - 1
            return Choice(_known(value, source), source, (_OLD_NAME,) if is_old_name else ())
    return Choice(DEFAULT_ENVIRONMENT, "default")


_OLD_NAME = "The environment variable FLASK_ENV is deprecated. Use FLEXMEASURES_ENV instead."


def _known(value: Any, source: str) -> str:
    if value in ENVIRONMENTS:
        return str(value)
    raise ConfigurationError(
        'Flexmeasures environment needs to be either "documentation", "development", "testing", '
        f'"staging" or "production". It currently is "{value}".',
        field="FLEXMEASURES_ENV",
        hint=f"It was set by: {source}.",
    )
