"""Logging in to the server: by token in a header, or by session."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from flask_security import Security, current_user, hash_password
from flask_security.decorators import default_unauthn_handler
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from fmhost.auth.configuration import security_config
from fmhost.auth.passwords import matches
from fmhost.auth.policy import NOT_AUTHENTICATED
from fmhost.auth.users import EntityDatastore, LoginUser, raise_failure
from fmhost.errors import NotAuthenticated
from fmhost.model import User
from fmhost.settings import Settings


def init_security(app: Flask, settings: Settings, session: Callable[[], Session]) -> Security:
    """Give the application Flask-Security with its login and logout pages.

    :param session: gives the database session of the request.
    :raises ConfigurationError: where there is no secret key.
    """
    app.config |= security_config(settings)
    CSRFProtect(app)
    security = Security(app, EntityDatastore(session))
    security.unauthn_handler(_refuse)
    return security


def _refuse(mechanisms: list[str], headers: dict[str, str]) -> Any:
    raise_failure()
    if request.path.startswith("/api/"):
        raise NotAuthenticated(NOT_AUTHENTICATED)
    return default_unauthn_handler(mechanisms=mechanisms, headers=headers)


def logged_in_user() -> User | None:
    """The user of this request, if anybody is logged in."""
    user = current_user._get_current_object() if current_user else None
    return user.entity if isinstance(user, LoginUser) else None


def requesting_user() -> User:
    """The user of this request.

    :raises NotAuthenticated: where nobody is logged in.
    """
    user = logged_in_user()
    if user is None:
        raise NotAuthenticated(NOT_AUTHENTICATED)
    return user


def authenticate(email: str, password: str) -> User | None:
    """The active user with that e-mail address and password, or None.

    Whether the address or the password was wrong, or the user inactive, can be told neither from
    the answer nor from the time that it takes.
    """
    security: Security = current_app.extensions["security"]
    dummy = _hash_of_nobody(current_app.config["SECURITY_PASSWORD_HASH"])
    found = security.datastore.find_user(case_insensitive=True, email=email.strip())
    verified = matches(password, found.password if found is not None else dummy)
    return found.entity if found is not None and verified and found.active else None


@lru_cache(maxsize=4)
def _hash_of_nobody(scheme: str) -> str:
    """A hash like those of users, of a password that nobody can have."""
    return str(hash_password(secrets.token_hex(32)))


def token_for(user: User) -> str:
    """A fresh token; older ones stay valid until they expire."""
    return str(LoginUser(user).get_auth_token())
