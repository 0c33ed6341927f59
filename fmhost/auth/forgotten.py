"""Asking for another password, with an answer that tells nobody who is a user."""

from __future__ import annotations

from typing import Any

from blinker import Namespace
from flask import current_app
from flask_security import ForgotPasswordForm

#: An active user asks for another password; sent with the application and ``user``.
password_forgotten = Namespace().signal("password-forgotten")


class PasswordForgottenForm(ForgotPasswordForm):  # type: ignore[misc]
    """The form with the e-mail address.

    Where the address is that of a user, it only says so by the signal, and is answered as if it
    were not: a mail that is sent while the answer waits can be told by its time.
    """

    def validate(self, **options: Any) -> bool:
        """False: the answer is that to an unknown address."""
        if super().validate(**options):
            app = current_app._get_current_object()  # type: ignore[attr-defined]
            password_forgotten.send(app, user=self.user)
        return False
