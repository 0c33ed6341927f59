"""Whether a new password is in a public list of those that were stolen somewhere.

The list is asked by the first five digits of the password's SHA-1, and answers with all that begin
so: neither the password nor its hash leaves the server. (Flask-Security asks in the same way, and
waits for an answer however long it takes.)
"""

from __future__ import annotations

import hashlib
import logging
import urllib.request
from typing import Any

from flask import current_app
from flask_security import PasswordUtil
from flask_security.utils import (
    get_message,
    password_complexity_validator,
    password_length_validator,
)

logger = logging.getLogger("fmhost.auth")

#: How long the list may take to answer [s].
_PATIENCE = 3


class NewPasswords(PasswordUtil):  # type: ignore[misc]
    """The rules for passwords that are entered on a page."""

    def validate(
        self, password: str, is_register: bool, **known: Any
    ) -> tuple[list[str] | None, str]:
        """What is wrong with a password, if anything, and its normal form.

        :param is_register: whether somebody registers with it.
        """
        normal = self.normalize(password)
        complaints = password_length_validator(normal) or _breached(normal)
        return complaints or password_complexity_validator(normal, is_register, **known), normal


def _breached(password: str) -> list[str] | None:
    config = current_app.config
    check = config["SECURITY_PASSWORD_CHECK_BREACHED"]
    if not check:
        return None
    try:
        times = times_breached(password, config["SECURITY_PASSWORD_BREACHED_URL"])
    except (OSError, ValueError) as error:
        logger.warning("A password could not be looked up in the list of breached ones: %s", error)
        return [get_message("PASSWORD_BREACHED_SITE_ERROR")[0]] if check == "strict" else None
    too_often = times >= config["SECURITY_PASSWORD_BREACHED_COUNT"]
    return [get_message("PASSWORD_BREACHED")[0]] if too_often else None


def times_breached(password: str, list_url: str, patience: float = _PATIENCE) -> int:
    """How often a password is in the list.

    :param list_url: to which five digits are added.
    :param patience: how long the list may take to answer [s].
    :raises OSError: where the list cannot be reached in time.
    :raises ValueError: where its answer cannot be read.
    """
    digits = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    request = urllib.request.Request(
        list_url + digits[:5], headers={"User-Agent": "fmhost", "Add-Padding": "true"}
    )
    with urllib.request.urlopen(request, timeout=patience) as answer:
        lines = answer.read().decode("utf-8-sig").split()
    for line in lines:
        rest, _, count = line.partition(":")
        if rest.upper() == digits[5:]:
            return int(count)
    return 0
