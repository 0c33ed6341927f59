"""Tell how far the present job has come; whoever runs it listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Gets the part that is done, from 0 to 1, and what the job is at.
Listener = Callable[[float, str], None]

_listener: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)


def report_progress(fraction: float, note: str = "") -> None:
    """Tell how far the present job has come. It costs next to nothing, within a job or not.

    :param fraction: done, from 0 to 1.
    :param note: what the job is at, in a few words, such as ``day 3 of 7``.
    """
    listener = _listener.get()
    if listener is not None:
        listener(fraction, note)


@contextmanager
def reported_to(listener: Listener) -> Iterator[None]:
    """Within the block, reports of this thread go to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
