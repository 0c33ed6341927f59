"""A time limit on code that we do not own, such as the import of a plugin."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: Code that swallows the first interruption is interrupted again after so many seconds.
_AGAIN = 0.5


class BudgetExceeded(BaseException):
    """The code ran longer than allowed.

    It is no :class:`Exception`, so that a plugin's ``except Exception`` does not swallow it.
    """


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """Interrupt the body with :class:`BudgetExceeded` after `seconds`; 0 sets no limit.

    Signals reach the main thread only; in any other thread the body runs without a limit. A timer
    that runs already, such as that of a test runner, goes on afterwards.
    """
    if threading.current_thread() is not threading.main_thread() or seconds <= 0:
        yield
        return
    within = True

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if within:
            raise BudgetExceeded

    started = time.monotonic()
    handler = signal.signal(signal.SIGALRM, interrupt)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        within = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if remaining:
            elapsed = time.monotonic() - started
            signal.setitimer(signal.ITIMER_REAL, max(remaining - elapsed, 0.001), interval)
