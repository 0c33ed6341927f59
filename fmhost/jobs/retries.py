"""Which failures may pass, and when to try again."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError

from fmhost.errors import DatabaseNotReady, QueueNotReady, TemporaryFailure
from fmhost.settings import Settings

#: What went wrong around the job, not in it.
_PASSING: Final = (
    TemporaryFailure,
    DatabaseNotReady,
    QueueNotReady,
    OperationalError,
    InterfaceError,
    ConnectionError,
    TimeoutError,
)

_LONGEST: Final = timedelta(hours=1)


def may_pass(error: BaseException) -> bool:
    """Whether the same job may end well when it is run again later."""
    return isinstance(error, _PASSING)


def is_last(settings: Settings, attempts: int) -> bool:
    """Whether a job that was started so often is not started again."""
    return attempts >= int(settings["FMHOST_JOB_ATTEMPTS"])


def pause(settings: Settings, attempts: int) -> timedelta:
    """How long a job that was started so often waits for the next time.

    Twice as long each time. Less by up to a third, so that jobs that failed together do not come
    back together.
    """
    return longest_pause(settings, attempts) * random.uniform(2 / 3, 1)


def longest_pause(settings: Settings, attempts: int) -> timedelta:
    """How long it waits at most."""
    delay = float(settings["FMHOST_JOB_RETRY_DELAY"]) * 2.0 ** min(max(attempts - 1, 0), 30)
    return timedelta(seconds=min(delay, _LONGEST.total_seconds()))
