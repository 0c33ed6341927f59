"""Look after one running job: signs of life, progress, its time limit, and whether it was stopped.

The job runs in the thread that asks for it, and a thread of its own looks after it. A job that has
to end gets an exception, :class:`Interrupted`, wherever it is. Code that does not return to Python,
such as a solver's, does not notice that; then `on_stuck` has to end the worker.
"""

from __future__ import annotations

import ctypes
import logging
import signal
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from enum import Enum
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import FmhostError
from fmhost.model import Job
from fmhost.model.job_progress import note_progress
from fmhost.model.job_runs import beat, is_complete
from fmhost.services.progress import reported_to

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

_Result = TypeVar("_Result")

#: How long a job has to come to its end once it is interrupted [s].
GRACE: Final = 5.0
#: How often progress is written down at most [s].
_NEWS_EVERY: Final = 1.0


class Reason(Enum):
    """Why a job is interrupted."""

    TIMED_OUT = "it ran longer than it may"
    TAKEN_AWAY = "it was stopped, or given to another worker"


class Interrupted(BaseException):
    """Ends a job from outside. Not an ``Exception``, so that no driver takes it for a failure."""


class Supervision:
    """Looks after one run of a job.

    :param limit: how long it may run [s].
    :param on_stuck: called, in another thread, where the job does not end although it has to; it
        gets the reason.
    """

    def __init__(
        self,
        installation: Installation,
        job: Job,
        *,
        limit: float,
        on_stuck: Callable[[Reason], None],
    ) -> None:
        self._installation = installation
        self._job = job
        self._limit = limit
        self._on_stuck = on_stuck
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = 0
        self._news: tuple[float, str] | None = None
        self.reason: Reason | None = None

    def run(self, work: Callable[[], _Result]) -> _Result:
        """What `work` returns.

        :raises Interrupted: where it had to end before it was through; `reason` tells why.
        """
        self._thread = threading.get_ident()
        watching = partial(copy_context().run, self._watch)  # its log lines name the job, too
        watch = threading.Thread(target=watching, name="fmhost-job-watch", daemon=True)
        watch.start()
        try:
            with reported_to(self._report):
                try:
                    return work()
                finally:
                    self._end()
        except Interrupted:
            self._end()  # the interruption may have come in the midst of it
            raise
        finally:
            watch.join(timeout=GRACE)

    def _report(self, fraction: float, note: str) -> None:
        self._news = (fraction, note)
        self._wake.set()

    def _end(self) -> None:
        with self._lock:
            self._ended.set()
            # An interruption that was sent and has not come yet must not come later.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)
        self._wake.set()

    def _watch(self) -> None:
        every = float(self._installation.settings["FMHOST_JOB_HEARTBEAT"])
        deadline = time.monotonic() + self._limit
        last = time.monotonic()
        while True:
            due = last + (min(_NEWS_EVERY, every) if self._news else every)
            self._wake.wait(max(0.0, min(due, deadline) - time.monotonic()))
            self._wake.clear()
            if self._ended.is_set():
                return
            if time.monotonic() >= deadline:
                if not self._is_complete():
                    self._interrupt(Reason.TIMED_OUT)
                return
            if time.monotonic() < last + (min(_NEWS_EVERY, every) if self._news else every):
                continue  # woken by news, soon after the last
            if not self._still_counts(every):
                if not self._is_complete():
                    self._interrupt(Reason.TAKEN_AWAY)
                return
            last = time.monotonic()

    def _still_counts(self, patience: float) -> bool:
        """Give a sign of life; False where this run does not count any more."""
        news, self._news = self._news, None
        now = self._installation.now()
        try:
            with self._installation.database.transaction(
                patience=timedelta(seconds=patience)
            ) as session:
                alive = beat(session, self._job, now=now)
                if alive and news is not None:
                    note_progress(session, self._job.id, *news, now=now)
                return alive
        except (FmhostError, SQLAlchemyError) as error:
            self._news = self._news or news
            logger.warning("Job %s could not give a sign of life: %s", self._job.id, error)
            return True

    def _is_complete(self) -> bool:
        """Whether the task has ended the job together with what it stored; it is nearly through."""
        try:
            with self._installation.database.reading() as session:
                return is_complete(session, self._job)
        except (FmhostError, SQLAlchemyError):
            return False

    def _interrupt(self, reason: Reason) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self.reason = reason
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread), ctypes.py_object(Interrupted)
            )
        logger.warning("Job %s is interrupted: %s", self._job.id, reason.value)
        _nudge(self._thread)
        if not self._ended.wait(GRACE):
            self._on_stuck(reason)


def answer_nudges() -> None:
    """Have the main thread wake up from waiting where its job is interrupted."""
    signal.signal(signal.SIGUSR1, _wake_up)


def _wake_up(number: int, frame: FrameType | None) -> Any:
    """Nothing to do: that it was called is enough for the interruption to come."""


def _nudge(thread: int) -> None:
    """Wake a thread that waits, where it answers to that."""
    if thread == threading.main_thread().ident and signal.getsignal(signal.SIGUSR1) is _wake_up:
        signal.pthread_kill(thread, signal.SIGUSR1)
