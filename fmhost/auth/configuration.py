"""How Flask-Security is configured, the same wherever it runs: in the server and for passwords."""

from __future__ import annotations

from typing import Any

from fmhost.settings import Settings

#: Fewest characters of a password.
MIN_PASSWORD_LENGTH = 8

#: Tests hash often; this is what the library itself takes as the least.
_CHEAP_HASHING = {
    "argon2__time_cost": 1,
    "argon2__memory_cost": 8,
    "argon2__parallelism": 1,
}


def security_config(settings: Settings) -> dict[str, Any]:
    """The configuration of a Flask application for Flask-Security.

    :raises ConfigurationError: where there is no secret key.
    """
    secret_key = settings.require_secret_key()
    return {
        "SECRET_KEY": secret_key,
        # tokens
        "SECURITY_TOKEN_AUTHENTICATION_HEADER": settings["SECURITY_TOKEN_AUTHENTICATION_HEADER"],
        "SECURITY_TOKEN_MAX_AGE": settings["SECURITY_TOKEN_MAX_AGE"],
        # passwords
        "SECURITY_PASSWORD_HASH": settings["SECURITY_PASSWORD_HASH"],
        "SECURITY_PASSWORD_SALT": settings["SECURITY_PASSWORD_SALT"] or secret_key,
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD_LENGTH,
        "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKD",
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": (
            _CHEAP_HASHING if settings.environment == "testing" else {}
        ),
        # what a login page tells about whether a user exists: nothing
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        # features
        "SECURITY_TRACKABLE": False,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": False,
        "SECURITY_CHANGEABLE": False,
        # forged requests: a session cookie travels by itself, a token does not
        "WTF_CSRF_ENABLED": settings["WTF_CSRF_ENABLED"],
        "WTF_CSRF_CHECK_DEFAULT": False,
        "SECURITY_CSRF_PROTECT_MECHANISMS": ["session", "basic"],
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    }
