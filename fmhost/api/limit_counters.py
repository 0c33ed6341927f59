"""Counters of rate limits, here in the memory of one process.

A counter has a key and a window of time, which begins with the first hit and ends with all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

Clock = Callable[[], float]

#: How often counters whose time is over are thrown away: with every so many hits.
_SWEEP = 1024


class Window(NamedTuple):
    """A counter as it stands.

    :param hits: how many were counted in its window.
    :param end: when that ends [s since 1970-01-01 UTC].
    """

    hits: int
    end: float


class Counters(Protocol):
    """Where hits are counted."""

    def hit(self, key: str, length: int) -> Window:
        """Count a hit; where there is no window, one of that length [s] begins."""

    def look(self, key: str, length: int) -> Window:
        """The counter without counting."""


class CountersInMemory:
    """Counters of this process.

    :param clock: tells the time [s since 1970-01-01 UTC].
    """

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, Window] = {}
        self._hits = 0

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, key: str, length: int) -> Window:
        """Count a hit."""
        with self._lock:
            hits, end = self.look(key, length)
            window = self._windows[key] = Window(hits + 1, end)
            self._hits += 1
            if self._hits % _SWEEP == 0:
                self._sweep()
        return window

    def look(self, key: str, length: int) -> Window:
        """The counter without counting."""
        now = self._clock()
        window = self._windows.get(key)
        return Window(0, now + length) if window is None or window.end <= now else window

    def _sweep(self) -> None:
        now = self._clock()
        self._windows = {key: window for key, window in self._windows.items() if window.end > now}
