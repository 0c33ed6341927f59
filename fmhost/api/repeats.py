"""Operations that are run again where the database had them give way to others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g
from sqlalchemy.exc import OperationalError

from fmhost.api.unit_of_work import unit_of_work
from fmhost.auth.login import logged_in_user
from fmhost.errors import Conflict
from fmhost.model.contention import ATTEMPTS, gave_way

#: What Flask-Login and Flask-Security remember of the login; the user in it belongs to the session
#: of the database that has ended.
_LOGIN = ("_login_user", "fs_authn_via")

logger = logging.getLogger("fmhost.requests")


def repeatable(run: Callable[..., Any]) -> Callable[..., Any]:
    """An operation that writes beliefs, run again from its login on where it had to give way.

    What it wrote is rolled back before. What is done after the commit is done once: an operation
    that has committed is never run again.

    :param run: does nothing before its commit that cannot be rolled back.
    """

    @wraps(run)
    def run_again(**path: Any) -> Any:
        for _ in range(ATTEMPTS - 1):
            try:
                return run(**path)
            except (OperationalError, Conflict) as error:
                work = unit_of_work()
                if work.is_committed or not gave_way(error):
                    raise
                logger.info("Another transaction was in the way; trying again: %s", error)
                work.roll_back(error)
                for remembered in _LOGIN:
                    g.pop(remembered, None)
                logged_in_user()  # before the checks of the operation, as at the first time
        return run(**path)

    return run_again
