"""Browser sessions: nothing of one outlives the logout."""

from __future__ import annotations

from typing import Any

from flask import Flask, session
from flask_login import user_logged_out  # type: ignore[import-untyped]

#: What Flask-Login and Flask-Security themselves still have to read from the session.
_STILL_NEEDED = ("_remember", "fs_cc")


def forget_sessions_at_logout(app: Flask) -> None:
    """Clear the session of whoever logs out."""
    user_logged_out.connect(_clear, app)


def _clear(_app: Flask, **_details: Any) -> None:
    kept = {name: session[name] for name in _STILL_NEEDED if name in session}
    session.clear()
    session.update(kept)
