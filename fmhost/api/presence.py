"""Have logins counted, and users noted who were seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask, g
from flask_security import user_authenticated

from fmhost.api.unit_of_work import current_installation
from fmhost.auth.users import LoginUser
from fmhost.services import presence


def note_presence(app: Flask) -> None:
    """Watch the requests to `app`. Call it before :func:`~fmhost.api.unit_of_work.bind_sessions`.

    Flask ends a request in the opposite order, so that what the request itself has written, or
    failed to write, is done with by then.
    """
    user_authenticated.connect(_count_login, app)

    @app.teardown_request
    def note_sight(_error: BaseException | None) -> None:
        # Not ``current_user``, which would look for a user where nobody has asked for one.
        visitor = g.get("_login_user")
        if isinstance(visitor, LoginUser):
            sight = visitor.sight
            presence.record_sight(current_installation(), sight.user_id, sight.last_seen_at)


def _count_login(_app: Flask, user: LoginUser, **_details: Any) -> None:
    """A login by the page; the request writes it down with the rest."""
    presence.note_login(current_installation(), user.entity)
    user.sight = replace(user.sight, last_seen_at=user.entity.last_seen_at)
