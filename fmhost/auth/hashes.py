"""Schemes by which passwords are hashed, and hashes that none of them can check."""

from __future__ import annotations

import logging
from collections.abc import Callable

from passlib.exc import MissingBackendError  # type: ignore[import-untyped]
from passlib.registry import get_crypt_handler  # type: ignore[import-untyped]

from fmhost.errors import ConfigurationError
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.auth")

_SETTING = "SECURITY_PASSWORD_HASH"


def required_scheme(settings: Settings) -> str:
    """The scheme of the settings.

    :raises ConfigurationError: where there is none of that name, or what it needs is missing.
    """
    name: str = settings[_SETTING]
    handler = get_crypt_handler(name, None)
    if handler is None:
        raise ConfigurationError(
            f"{_SETTING} is '{name}', which is no scheme for passwords.",
            field=_SETTING,
            hint="Leave it out, or set it to 'argon2'.",
        )
    if not getattr(handler, "has_backend", lambda: True)():
        raise ConfigurationError(
            f"{_SETTING} is '{name}', for which a library is missing.",
            field=_SETTING,
            hint=f"Run `pip install {name}`, or leave the setting out.",
        )
    return name


def checked(check: Callable[[], bool]) -> bool:
    """What `check` says of a password and a stored hash; False where it cannot be told.

    Then nobody gets in, and nobody can tell it from a wrong password. A scheme of which the library
    is missing is logged.
    """
    try:
        return bool(check())
    except MissingBackendError as error:
        logger.error("A stored password cannot be verified: %s", error)
    except ValueError:  # no hash that any scheme knows, or a character that none accepts
        pass
    return False
