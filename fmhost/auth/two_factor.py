"""The second factor of a login by page: a code that is sent to the user's e-mail address.

Each code is good for one attempt. A second one, right or wrong, needs another mail, so that nobody
can try codes at will, and a code that was used cannot be used again.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import flask_security
from flask import Flask, abort, current_app, request
from flask_security import Totp

from fmhost.auth.configuration import insists_on_https
from fmhost.auth.users import LoginUser
from fmhost.errors import ConfigurationError
from fmhost.settings import Settings

_METHODS = ["email"]
_PERIOD = re.compile(r"\s*(\d{1,6})\s*(second|minute|hour|day|week)s?\s*")

_WRONG = "This is not the code that we have sent. A code can be tried once: ask for another one."

#: Pages on which somebody could turn the second factor off, or choose another one.
_CLOSED = ("security.two_factor_setup", "security.two_factor_setup_validate")

#: Pages that answer no program: only the answer to a form is sure to be written down.
_FOR_PEOPLE = ("security.two_factor_token_validation", "security.two_factor_rescue")


def two_factor_config(settings: Settings) -> dict[str, Any]:
    """The configuration of Flask-Security for the second factor.

    :raises ConfigurationError: where a setting does not fit, or the keys that protect the codes
        can neither be found nor made.
    """
    if not settings["SECURITY_TWO_FACTOR"]:
        return {"SECURITY_TWO_FACTOR": False}
    if list(settings["SECURITY_TWO_FACTOR_ENABLED_METHODS"]) != _METHODS:
        raise ConfigurationError(
            "The second factor of a login comes by e-mail, and in no other way.",
            field="SECURITY_TWO_FACTOR_ENABLED_METHODS",
            hint=f"Set it to {_METHODS}, or leave it out.",
        )
    sender = settings["MAIL_DEFAULT_SENDER"]
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_REQUIRED": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": _METHODS,
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": settings["SECURITY_TWO_FACTOR_ALWAYS_VALIDATE"],
        "SECURITY_TWO_FACTOR_LOGIN_VALIDITY": _as_library_takes_it(_validity(settings)),
        "SECURITY_TWO_FACTOR_VALIDITY_COOKIE": {
            "httponly": True,
            "samesite": "Lax",
            "secure": insists_on_https(settings),
        },
        "SECURITY_TWO_FACTOR_RESCUE_MAIL": settings["SECURITY_TWO_FACTOR_RESCUE_MAIL"]
        or (sender if isinstance(sender, str) else sender[1]),
        "SECURITY_TOTP_SECRETS": settings.require_totp_secrets(),
        "SECURITY_TOTP_ISSUER": settings["SECURITY_TOTP_ISSUER"],
        "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": (_WRONG, "error"),
    }


def _validity(settings: Settings) -> timedelta:
    given = settings["SECURITY_TWO_FACTOR_LOGIN_VALIDITY"]
    if isinstance(given, timedelta):
        return given
    match = _PERIOD.fullmatch(given)
    if match is None:
        raise ConfigurationError(
            f"SECURITY_TWO_FACTOR_LOGIN_VALIDITY is '{given}', which is no length of time.",
            field="SECURITY_TWO_FACTOR_LOGIN_VALIDITY",
            hint='It looks like "1 week", "36 hours" or "P1W".',
        )
    return timedelta(**{f"{match[2]}s": int(match[1])})


def _as_library_takes_it(period: timedelta) -> timedelta | str:
    """Flask-Security took lengths of time as text until 5.8, and deprecates that since 5.9."""
    major, minor = (int(part) for part in flask_security.__version__.split(".")[:2])
    return period if (major, minor) >= (5, 9) else f"{period // timedelta(seconds=1)} seconds"


class OneTimeCodes(Totp):  # type: ignore[misc]
    """Makes codes, and checks them once."""

    def verify_totp(self, token: str, totp_secret: str, user: LoginUser, window: int = 0) -> bool:
        """Whether `token` is the code that was mailed to `user` last; it is void after that.

        :param window: how old the code may be [s].
        """
        # Who tries many codes at the same time tries one after the other.
        current_app.extensions["security"].datastore.lock(user, "tf_totp_secret")
        secret = user.entity.tf_totp_secret
        user.tf_totp_secret = None
        if secret is None or secret != totp_secret:
            return False
        return bool(super().verify_totp(token, secret, user, window))


def guard_two_factor(app: Flask) -> None:
    """Close the pages on which the second factor could be changed or guessed."""

    @app.before_request
    def close() -> None:
        if request.endpoint in _CLOSED:
            abort(404)

    app.extensions["security"].want_json(_wants_json)


def _wants_json(asked: Any) -> bool:
    """Whether Flask-Security answers in JSON of its own. Errors of our API have another shape."""
    if asked.endpoint in _FOR_PEOPLE or asked.path.startswith("/api/"):
        return False
    return bool(asked.is_json or asked.accept_mimetypes.best == "application/json")
