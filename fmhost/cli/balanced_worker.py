"""Workers that share the connections among them evenly.

Clients keep their connections, and the first of several idle workers to wake up would take most of
those that are opened at once: one worker is then busy while the next has nothing to do.
"""

from __future__ import annotations

import mmap
import select
import threading
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

#: For how long at most a worker leaves a connection to one that has fewer, and how often it looks
#: whether that one took it [s].
_COURTESY = 0.01
_LOOK = 0.001

#: How long a thread waits for the next request of a connection that it has answered [ms].
_AT_ONCE = 2

#: How many requests a worker computes at a time. More of them would only take turns, and find the
#: caches of the processor full of what the others were doing.
_COMPUTING = 2
#: How long a request waits for others to be computed, which may be slow, or wait themselves [s].
_IN_TURN = 0.05


class ConnectionCounts:
    """How many connections each worker has, in memory that all of them see.

    :param workers: how many there are.
    """

    def __init__(self, workers: int) -> None:
        # Each process reads single integers that one other process writes.
        self._numbers = memoryview(mmap.mmap(-1, 4 * max(workers, 1))).cast("i")
        self._workers = max(workers, 1)

    def __getitem__(self, place: int) -> int:
        return self._numbers[place]

    def __setitem__(self, place: int, count: int) -> None:
        self._numbers[place] = count

    def fewest(self) -> int:
        """The number of connections of the worker that has the fewest."""
        return min(self._numbers[: self._workers])

    def settle(self, worker: Any, others: Any) -> None:
        """Give a new worker a place that none of the others has."""
        taken = {getattr(other, "place", None) for other in others}
        worker.counts = self
        worker.place = next((n for n in range(self._workers) if n not in taken), 0)
        self[worker.place] = 0


class BalancedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that waits a moment before it takes a connection while another one has fewer."""

    counts: ConnectionCounts | None = None
    place: int = 0
    _number = 0

    def init_process(self) -> None:
        """Serve, in the process of the worker."""
        self._turns = threading.Semaphore(_COMPUTING)
        super().init_process()

    @property
    def nr_conns(self) -> int:
        """How many connections this worker has; gunicorn counts them."""
        return self._number

    @nr_conns.setter
    def nr_conns(self, number: int) -> None:
        self._number = number
        if self.counts is not None:
            self.counts[self.place] = number

    def accept(self, *arguments: Any) -> None:
        """Take a connection, unless another worker has taken it meanwhile."""
        listener = arguments[-1]  # older versions pass the server before it
        given_up = time.monotonic() + _COURTESY
        while self._number > self._fewest() and time.monotonic() < given_up:
            time.sleep(_LOOK)
            if not select.select([listener], [], [], 0)[0]:
                return
        super().accept(*arguments)

    def handle(self, conn: Any) -> Any:
        """Answer the requests of a connection, as long as one follows the other at once.

        To leave the connection to the thread that watches all of them, and to get it back, takes as
        long as a small request.
        """
        while True:
            outcome = super().handle(conn)
            # Older versions return the connection as well.
            keeps = outcome[0] if isinstance(outcome, tuple) else outcome
            if keeps is not True or not self._follows(conn):
                return outcome

    def handle_request(self, *arguments: Any) -> Any:
        """Answer a request, when it is its turn."""
        has_turn = self._turns.acquire(timeout=_IN_TURN)
        try:
            return super().handle_request(*arguments)
        finally:
            if has_turn:
                self._turns.release()

    def _follows(self, conn: Any) -> bool:
        """Whether the next request is there, or comes while no other one waits for the thread."""
        if not self.alive or self._number > self.cfg.threads or conn.parser.unreader.buf.getvalue():
            return False
        waiting = select.poll()  # which takes any number of a file, unlike select
        waiting.register(conn.sock, select.POLLIN)
        return bool(waiting.poll(_AT_ONCE))

    def _fewest(self) -> int:
        return self._number if self.counts is None else self.counts.fewest()
