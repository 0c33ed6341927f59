"""Passwords: the rule for new ones, hashing and verifying, with or without a running server.

Hashes are those of Flask-Security: an HMAC of the password with the pepper
(``SECURITY_PASSWORD_SALT``, else the secret key), hashed by argon2. Hashes of older schemes are
verified too.
"""

from __future__ import annotations

import unicodedata

import flask_security
from flask import Flask
from sqlalchemy.orm import Session

from fmhost.auth.configuration import MIN_PASSWORD_LENGTH, security_config
from fmhost.auth.hashes import checked
from fmhost.auth.users import EntityDatastore
from fmhost.errors import InvalidInput
from fmhost.settings import Settings

#: The settings of the last application that hashed, and that application.
_kept: dict[str, tuple[Settings, Flask]] = {}


def hash_password(settings: Settings, password: str) -> str:
    """The hash under which a new password is stored.

    :raises InvalidInput: where it has fewer than 8 characters.
    :raises ConfigurationError: where there is no secret key.
    """
    if len(unicodedata.normalize("NFKC", password)) < MIN_PASSWORD_LENGTH:
        raise InvalidInput(
            f"A password needs at least {MIN_PASSWORD_LENGTH} characters.", field="password"
        )
    with _application(settings).app_context():
        return str(flask_security.hash_password(normalize(password)))


def verify_password(settings: Settings, password: str, hashed: str) -> bool:
    """Whether `password` is the one behind the stored hash.

    :raises ConfigurationError: where there is no secret key.
    """
    with _application(settings).app_context():
        return matches(password, hashed)


def matches(password: str, hashed: str) -> bool:
    """Whether `password` is the one behind the stored hash; inside an application only."""
    return checked(lambda: flask_security.verify_password(normalize(password), hashed))


def normalize(password: str) -> str:
    """One spelling for what looks the same: Unicode form NFKD."""
    return unicodedata.normalize("NFKD", password)


def _application(settings: Settings) -> Flask:
    """An application without routes, only to hash as the server does.

    Making it takes longer than hashing, so the last one is kept.
    """
    kept = _kept.get("last")
    if kept is not None and kept[0] is settings:
        return kept[1]
    application = Flask(__name__)
    application.config |= security_config(settings) | {"WTF_CSRF_ENABLED": False}
    flask_security.Security(application, EntityDatastore(_no_session), register_blueprint=False)
    _kept["last"] = settings, application
    return application


def _no_session() -> Session:
    raise RuntimeError("Hashing needs no database.")
