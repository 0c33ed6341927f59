"""Keep a worker alive: one process watches, a second one, forked from it, runs the jobs.

The second process has everything imported before it begins, and runs one job after another. Should
it die, because it was killed, ran out of memory, or had to leave a job that would not end, it is
replaced at once by another one that is as warm, which first queues again what its predecessor left.
Should the first process die, the second finishes its job and stops.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Final

from fmhost.errors import FmhostError
from fmhost.jobs.execute import STUCK

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

#: How often the second process tells the first that it is not stuck [s].
_PULSE: Final = 1.0
#: A process that dies sooner than that after its start is replaced after a pause [s].
_TOO_SOON: Final = 5.0
_LONGEST_PAUSE: Final = 30.0


def identify(name: str, pid: int | None = None) -> str:
    """The name of a worker, and which process it is: what stands on the rows of its jobs."""
    return f"{name}@{socket.gethostname()}:{pid or os.getpid()}"


class Keeper:
    """The first process.

    :param name: of the worker.
    :ivar predecessor: the identity of the process that died before this one, if any.
    """

    def __init__(self, installation: Installation, name: str) -> None:
        self._installation = installation
        self._name = name
        # While its threads do not run, those who look for lost jobs have given its job away.
        self._patience = 2 * float(installation.settings["FMHOST_JOB_LOST_AFTER"])
        self._child = 0
        self._stopping = False
        self.predecessor: str | None = None

    def keep(self, work: Callable[[], None]) -> None:
        """Have `work` done by processes, one after another, until it returns or a signal comes."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._pass_on)
        pause = 1.0
        while True:
            started = time.monotonic()
            code = self._wait(self._fork(work))
            if code >= 0 and code != STUCK:
                if code:
                    sys.exit(code)
                return
            if self._stopping:
                return
            died = "had to leave its job" if code == STUCK else f"died of signal {-code}"
            logger.error("The process of worker %s %s; another one takes over", self._name, died)
            self.predecessor = identify(self._name, self._child)
            pause = 1.0 if time.monotonic() - started > _TOO_SOON else min(2 * pause, 30.0)
            if pause > 2.0:
                time.sleep(min(pause, _LONGEST_PAUSE))

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if self._child:
            try:
                os.kill(self._child, signal.SIGTERM)
            except ProcessLookupError:
                return

    def _fork(self, work: Callable[[], None]) -> int:
        """Start the second process; the end of a pipe that tells of its pulse."""
        self._installation.database.dispose()  # a process must not inherit a connection
        reading, writing = os.pipe()
        self._child = os.fork()
        if self._child:
            os.close(writing)
            return reading
        os.close(reading)
        code = 1
        try:
            code = self._live(work, writing)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _live(self, work: Callable[[], None], pipe: int) -> int:
        """The life of the second process; its exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=_beat, args=(pipe,), name="fmhost-pulse", daemon=True).start()
        try:
            work()
            self._installation.close()
        except FmhostError as error:
            print(f"Error: {error}", file=sys.stderr)
            return error.exit_code
        except SystemExit:
            return 0
        except Exception:
            logger.exception("The worker %s cannot go on", self._name)
            return 1
        return 0

    def _wait(self, pipe: int) -> int:
        """Wait until the second process ends; its exit code, or minus the signal."""
        heard = time.monotonic()
        try:
            while True:
                ready, _, _ = select.select([pipe], [], [], _PULSE)
                if ready and not os.read(pipe, 1024):
                    break  # the pipe closes when the process ends
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > self._patience:
                    logger.error("The process of worker %s does not answer", self._name)
                    os.kill(self._child, signal.SIGKILL)
                    break
        finally:
            os.close(pipe)
        _, status = os.waitpid(self._child, 0)
        return os.waitstatus_to_exitcode(status)


def _beat(pipe: int) -> None:
    """Tell the first process that this one lives; stop gently where there is nobody to tell."""
    while True:
        try:
            os.write(pipe, b".")
        except BrokenPipeError:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(_PULSE)
