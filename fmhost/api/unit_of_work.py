"""One database session per request, and one transaction per request that writes.

The session is opened when it is first needed. What an operation has written is committed before
its answer leaves, and rolled back where it raises.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, Response, current_app, g, has_request_context, request
from sqlalchemy.orm import Session

from fmhost.services.health import require_begun
from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.requests")

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class UnitOfWork:
    """The database side of one request.

    :param writes: whether the session may write.
    """

    def __init__(self, installation: Installation, *, writes: bool) -> None:
        self._installation = installation
        self._writes = writes
        self._stack = ExitStack()
        self._session: Session | None = None
        self._afterwards: list[Callable[[], object]] = []
        self._committed = False

    @property
    def session(self) -> Session:
        """The session of the request.

        :raises DatabaseNotReady: where the database cannot be reached or is not upgraded.
        """
        if self._session is None:
            # With the first request; the schema does not fall back while the server runs.
            require_begun(self._installation)
            database = self._installation.database
            context = database.transaction() if self._writes else database.reading()
            self._session = self._stack.enter_context(context)
        return self._session

    @property
    def is_committed(self) -> bool:
        """Whether a transaction of the request has been committed."""
        return self._committed

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Have `callback` called once what was written is committed."""
        self._afterwards.append(callback)

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Within the block nothing that is written stays, and nothing waits for a commit."""
        waiting = list(self._afterwards)
        savepoint = self.session.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()
            self._afterwards = waiting

    def commit(self) -> None:
        """End the transaction and call what waits for that."""
        self._session = None
        self._stack.close()
        self._committed = True
        waiting, self._afterwards = self._afterwards, []
        for callback in waiting:
            callback()

    def roll_back(self, error: BaseException | None = None) -> None:
        """End the transaction and forget what was written."""
        self._session = None
        self._afterwards.clear()
        reason = error or RuntimeError("The request did not end well.")
        try:
            self._stack.__exit__(type(reason), reason, reason.__traceback__)
        except Exception as failure:
            if failure is not reason:
                logger.warning("A transaction could not be rolled back: %s", failure)


def current_installation() -> Installation:
    """The installation that the application serves."""
    installation: Installation = current_app.extensions["fmhost"]["installation"]
    return installation


def unit_of_work() -> UnitOfWork:
    """The unit of work of the current request."""
    if "unit_of_work" not in g:
        g.unit_of_work = UnitOfWork(current_installation(), writes=_writes())
    work: UnitOfWork = g.unit_of_work
    return work


def _writes() -> bool:
    if not has_request_context():  # a command of a listed plugin
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "writes", request.method not in _SAFE_METHODS))


@contextmanager
def work_outside_requests(app: Flask) -> Iterator[None]:
    """Within the block there is the context of the application, and one unit of work.

    What was written is committed at the end of the block, or rolled back where the block raises.
    """
    with app.app_context():
        try:
            yield
        except BaseException as error:
            if getattr(error, "exit_code", 1) != 0:
                unit_of_work().roll_back(error)
                raise
            unit_of_work().commit()
            raise
        unit_of_work().commit()


def current_session() -> Session:
    """The database session of the current request."""
    return unit_of_work().session


def bind_sessions(app: Flask) -> None:
    """End each request's unit of work: commit after a good answer, else roll back."""

    @app.after_request
    def complete(response: Response) -> Response:
        work: UnitOfWork | None = g.get("unit_of_work")
        if work is not None and response.status_code < 400:
            work.commit()
        return response

    @app.teardown_request
    def clean_up(error: BaseException | None) -> None:
        work: UnitOfWork | None = g.pop("unit_of_work", None)
        if work is not None:
            work.roll_back(error)
