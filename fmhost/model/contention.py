"""Transactions that had to give way to others, and are run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fmhost.errors import Conflict, ReplacementNotAllowed
from fmhost.model.database import Database

_Result = TypeVar("_Result")

#: How often a transaction is run before it is given up.
ATTEMPTS: Final = 4

#: States of PostgreSQL for a deadlock, and for transactions that cannot be put into an order.
_GAVE_WAY: Final = ("40P01", "40001")


def gave_way(error: BaseException) -> bool:
    """Whether a transaction that writes beliefs failed only because another one was in its way.

    It is rolled back, or must be, and may end well when it is run again. (SQLite has one writer at
    a time, and the others wait for it; they do not give way.)
    """
    if isinstance(error, OperationalError):
        return getattr(error.orig, "sqlstate", None) in _GAVE_WAY
    # The store gives up after some attempts of its own, within the transaction: in vain where what
    # was locked before is what the other one waits for.
    return isinstance(error, Conflict) and not isinstance(error, ReplacementNotAllowed)


def transact(database: Database, work: Callable[[Session], _Result]) -> _Result:
    """What `work` returns, done in a transaction that is run again where it had to give way.

    :param work: does nothing but write in the session, since it may be called several times.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            with database.transaction() as session:
                return work(session)
        except (OperationalError, Conflict) as error:
            if not gave_way(error):
                raise
    with database.transaction() as session:
        return work(session)
