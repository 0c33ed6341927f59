"""How Flask-Security is configured, the same wherever it runs: in the server and for passwords."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fmhost.auth.hashes import required_scheme
from fmhost.settings import Settings

#: Fewest characters of a password.
MIN_PASSWORD_LENGTH = 8

#: How long a login lasts where it is to outlast the browser, and at most.
SESSION_LIFETIME = timedelta(days=31)

#: What everybody reads who asks for another password.
FORGOTTEN = (
    "If this address belongs to a user, we have sent a mail that tells how to choose another "
    "password."
)

#: What everybody reads whom a login page refuses.
REFUSED = "Authentication failed: this is not the e-mail address and password of an active user."

#: Tests hash often; this is what the library itself takes as the least.
_CHEAP_HASHING = {
    "argon2__time_cost": 1,
    "argon2__memory_cost": 8,
    "argon2__parallelism": 1,
}


def security_config(settings: Settings) -> dict[str, Any]:
    """The configuration of a Flask application for Flask-Security.

    :raises ConfigurationError: where there is no secret key, or passwords cannot be hashed as the
        settings say.
    """
    secret_key = settings.require_secret_key()
    platform = _platform_name(settings)
    return {
        "SECRET_KEY": secret_key,
        # tokens, in the header alone: addresses and bodies end up in logs and in links
        "SECURITY_TOKEN_AUTHENTICATION_KEY": None,
        "SECURITY_TOKEN_AUTHENTICATION_HEADER": settings["SECURITY_TOKEN_AUTHENTICATION_HEADER"],
        "SECURITY_TOKEN_MAX_AGE": settings["SECURITY_TOKEN_MAX_AGE"],
        # passwords
        "SECURITY_PASSWORD_HASH": required_scheme(settings),
        "SECURITY_PASSWORD_SALT": settings["SECURITY_PASSWORD_SALT"] or secret_key,
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD_LENGTH,
        "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKD",
        "SECURITY_PASSWORD_CHECK_BREACHED": settings["SECURITY_PASSWORD_CHECK_BREACHED"],
        "SECURITY_PASSWORD_BREACHED_COUNT": settings["SECURITY_PASSWORD_BREACHED_COUNT"],
        "SECURITY_PASSWORD_BREACHED_URL": settings["SECURITY_PASSWORD_BREACHED_URL"],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": (
            _CHEAP_HASHING if settings.environment == "testing" else {}
        ),
        # what a login page tells about whether a user exists: nothing
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_MSG_PASSWORD_RESET_REQUEST": (FORGOTTEN, "info"),
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": (REFUSED, "error"),
        # features
        "SECURITY_TRACKABLE": False,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": settings["SECURITY_RECOVERABLE"],
        "SECURITY_CHANGEABLE": False,
        # no page asks for the password again
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        # forged requests: a session cookie travels by itself, a token does not
        "WTF_CSRF_ENABLED": settings["WTF_CSRF_ENABLED"],
        "WTF_CSRF_CHECK_DEFAULT": False,
        "SECURITY_CSRF_PROTECT_MECHANISMS": ["session", "basic"],
        # an address that is looked up is one of a user, or not, whatever name servers say of it
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        # sessions
        "PERMANENT_SESSION_LIFETIME": SESSION_LIFETIME,
        "REMEMBER_COOKIE_DURATION": SESSION_LIFETIME,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": insists_on_https(settings),
        # mail
        "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": (
            f"Password reset instructions for your {platform} account."
        ),
        "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": f"Your {platform} password has been reset.",
    }


def insists_on_https(settings: Settings) -> bool:
    """Whether browsers reach this server by HTTPS alone, so that cookies need no other way.

    The cookie of a session is decided on with each request, see :mod:`fmhost.api.transport`.
    """
    forced: bool | None = settings["FLEXMEASURES_FORCE_HTTPS"]
    return settings.environment in ("production", "staging") if forced is None else forced


def _platform_name(settings: Settings) -> str:
    """The name for users of whatever account roles."""
    named = settings["FLEXMEASURES_PLATFORM_NAME"]
    names = [named] if isinstance(named, str) else named
    return next((name for name in names if isinstance(name, str)), "FlexMeasures")
