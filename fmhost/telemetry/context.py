"""What is being worked on: facts that every log line of a request or job repeats.

Whoever begins a piece of work opens a context; threads that it starts take it along with
:func:`contextvars.copy_context`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

#: The facts that there are, in the order in which a line of text has them.
FACTS: Final = ("request_id", "job_id", "user_id", "account_id")

_facts: ContextVar[dict[str, Any] | None] = ContextVar("fmhost_facts", default=None)


def facts() -> Mapping[str, Any]:
    """What is known about the present piece of work; empty where there is none."""
    return _facts.get() or {}


def begin(**known: Any) -> None:
    """Begin a piece of work in this thread, whatever it worked on before."""
    _facts.set(known)


def note(**known: Any) -> None:
    """Add to what is known, where a piece of work was begun."""
    found = _facts.get()
    if found is not None:
        found.update(known)


def end() -> None:
    """Forget the piece of work."""
    _facts.set(None)


@contextmanager
def working_on(**known: Any) -> Iterator[None]:
    """Within the block these facts are known, besides those that were."""
    token = _facts.set({**facts(), **known})
    try:
        yield
    finally:
        _facts.reset(token)
