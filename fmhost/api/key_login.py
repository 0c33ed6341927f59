"""Requests that come with an API key instead of an access token."""

from __future__ import annotations

from flask import Flask, Request, current_app, g, request
from flask_security.utils import set_request_attr

from fmhost.api.operations import operation_of
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.api_keys import KEY_PREFIX, find_key, key_in_use, use_key
from fmhost.auth.users import LoginUser, remembering_failures
from fmhost.services.api_keys import record_use


def accept_api_keys(app: Flask) -> None:
    """Let keys in, for operations alone.

    Call it after Flask-Security is there, and before
    :func:`~fmhost.api.unit_of_work.bind_sessions`: Flask ends a request in the opposite order.
    """
    manager = app.extensions["security"].login_manager
    by_token = manager.request_callback
    header = app.config["SECURITY_TOKEN_AUTHENTICATION_HEADER"]

    @manager.request_loader  # type: ignore[untyped-decorator]
    def by_key_or_token(asked: Request) -> LoginUser | None:
        sent = asked.headers.get(header, "")
        found: LoginUser | None = _user_of(sent) if sent.startswith(KEY_PREFIX) else by_token(asked)
        return found.note() if found is not None else None

    @app.teardown_request
    def note_use(_error: BaseException | None) -> None:
        key = key_in_use()
        if key is not None:
            record_use(current_installation(), key)


def _user_of(key: str) -> LoginUser | None:
    """In whose name a key lets the request act; None where it is worth nothing here."""
    operation = operation_of(current_app, request.endpoint)
    if operation is None or operation.public:  # pages know users, not the scopes of keys
        return None
    if key_in_use() is not None and "_login_user" in g:  # Flask-Security asks more than once
        known: LoginUser = g._login_user
        return known
    with remembering_failures():
        found = find_key(current_session(), key, current_installation().now())
    if found is None:
        return None
    use_key(found)
    set_request_attr("fs_authn_via", "token")
    return LoginUser(found.user)
