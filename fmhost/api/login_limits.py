"""The rate limit of logins: how often somebody may guess a password or a code, or ask for mails.

What counts is an attempt in vain, by address and by the user it was for, so that nobody is kept out
by what others do elsewhere. The forms count as requests to the API do besides.
"""

from __future__ import annotations

import hashlib

from flask import Response, current_app, request, session

from fmhost.api.limit_counters import Counters
from fmhost.api.rate_limits import limits_for, require, required, tally
from fmhost.settings import Settings

_SETTING = "FMHOST_LOGIN_RATE_LIMIT"

#: Pages whose forms let somebody in, with the first factor and with the second.
_DOORS = ("security.login", "security.two_factor_token_validation")

#: Pages whose forms have a mail sent.
_MAILING = ("security.forgot_password", "security.two_factor_rescue")


class LoginLimit:
    """How many attempts somebody has.

    :raises ConfigurationError: where the limit in the settings cannot be read.
    """

    def __init__(self, settings: Settings, counters: Counters) -> None:
        self._text = required(settings, _SETTING)
        self._counters = counters

    def check(self, who: str) -> None:
        """See that there is an attempt left, and have this one counted if it is in vain.

        :param who: for whom the login is.
        :raises DomainRejection: where none is left.
        """
        # Not as it was written: that may be long, and Redis is no place for addresses.
        digest = hashlib.sha256(who.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
        attempts = limits_for(self._text, f"login:{request.remote_addr}:{digest[:32]}")
        require([limit.look(self._counters) for limit in attempts], 1)
        tally().attempts = attempts

    def check_form(self) -> None:
        """The same for a form that was sent; see :meth:`check`."""
        if (request.endpoint or "").startswith("security.two_factor"):
            self.check(str(session.get("tf_user_id", "")))
        else:
            self.check(request.form.get("email", ""))


def is_login_form() -> bool:
    """Whether the request is a form for a login, or for a mail about one."""
    return request.method == "POST" and request.endpoint in (*_DOORS, *_MAILING)


def limit_logins(who: str) -> None:
    """See that there is an attempt left for `who`, where logins are limited.

    :raises DomainRejection: where none is left.
    """
    limit: LoginLimit | None = current_app.extensions["fmhost"].get("login_limit")
    if limit is not None:
        limit.check(who)


def was_in_vain(response: Response) -> bool:
    """Whether an attempt did not let anybody in; a form in vain is shown again."""
    if response.status_code >= 400 or request.endpoint in _MAILING:
        return True
    return response.status_code == 200 and response.mimetype == "text/html"
