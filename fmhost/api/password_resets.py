"""New passwords for those who have forgotten theirs: the mail with the link, and the records."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_security import password_reset

from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.forgotten import password_forgotten
from fmhost.auth.mail import outbox, send_password_reset, site_url
from fmhost.auth.users import LoginUser
from fmhost.model import User
from fmhost.services import audit, users


def handle_password_resets(app: Flask) -> None:
    """Send links to those who ask for them, and record who chooses a new password."""
    password_forgotten.connect(_send_later, app)
    password_reset.connect(_record_reset, app)


def _send_later(app: Flask, user: LoginUser, **_details: Any) -> None:
    outbox().send(_send, app, user.id, site_url())


def _send(app: Flask, user_id: int, site: str) -> None:
    with app.app_context():
        installation = current_installation()
        with installation.database.reading() as session:
            user = session.get(User, user_id)
        if user is not None and send_password_reset(user, site=site):
            users.record_instructions(installation, user, actor=user)


def _record_reset(_app: Flask, user: LoginUser, **_details: Any) -> None:
    entity = user.entity
    audit.record(
        current_installation(),
        current_session(),
        f"Password reset for user {entity.username}",
        actor=entity,
        user_id=entity.id,
        account_id=entity.account_id,
    )
