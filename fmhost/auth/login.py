"""Logging in to the server: by token in a header, or by session."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from flask_security import Security, current_user, hash_password
from flask_security.decorators import default_unauthn_handler
from flask_security.utils import get_request_attr
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from fmhost.auth.breaches import NewPasswords
from fmhost.auth.configuration import security_config
from fmhost.auth.forgotten import PasswordForgottenForm
from fmhost.auth.mail import Postman, init_mail
from fmhost.auth.passwords import matches
from fmhost.auth.policy import NOT_AUTHENTICATED
from fmhost.auth.sessions import forget_sessions_at_logout
from fmhost.auth.two_factor import OneTimeCodes, guard_two_factor, two_factor_config
from fmhost.auth.users import EntityDatastore, LoginUser, has_failed, raise_failure
from fmhost.errors import NotAuthenticated
from fmhost.model import User
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.auth")

#: Settings that installations have from elsewhere.
_WITHOUT_EFFECT = ("SECURITY_TRACKABLE", "SECURITY_REGISTERABLE")


def init_security(app: Flask, settings: Settings, session: Callable[[], Session]) -> Security:
    """Give the application Flask-Security with its pages for logins and passwords, and mail.

    :param session: gives the database session of the request.
    :raises ConfigurationError: where there is no secret key, or a setting does not fit.
    """
    app.config |= security_config(settings) | two_factor_config(settings)
    for name in _WITHOUT_EFFECT:
        if settings[name]:
            logger.warning("%s = True has no effect here.", name)
    CSRFProtect(app)
    init_mail(app, settings)
    security = Security(
        app,
        EntityDatastore(session),
        forgot_password_form=PasswordForgottenForm,
        mail_util_cls=Postman,
        password_util_cls=NewPasswords,
        totp_cls=OneTimeCodes,
    )
    security.unauthn_handler(_refuse)
    _let_tokens_come_first(security)
    guard_two_factor(app)
    forget_sessions_at_logout(app)
    return security


def _refuse(mechanisms: list[str], headers: dict[str, str]) -> Any:
    raise_failure()
    if request.path.startswith("/api/"):
        raise NotAuthenticated(NOT_AUTHENTICATED)
    return default_unauthn_handler(mechanisms=mechanisms, headers=headers)


def _let_tokens_come_first(security: Security) -> None:
    """Have a request with both be in the name of the token's user, not of the session's.

    Flask-Security takes the token as proof enough against forged requests; so it has to be the one
    that counts.
    """
    manager = security.login_manager
    by_session = manager.user_callback

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> Any:
        if has_failed():  # the page that says so is for nobody in particular
            return None
        user = manager.request_callback(request) or by_session(user_id)
        return user.note() if isinstance(user, LoginUser) else user


def user_of_session() -> User | None:
    """The user of this request, if the browser's session tells who that is."""
    user = logged_in_user()
    return user if get_request_attr("fs_authn_via") == "session" else None


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
