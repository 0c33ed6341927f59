"""Request ids: the same in the response, in every log line, and in what clients report."""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextvars import ContextVar

from flask import Flask, Response, g, request

HEADER = "X-Request-ID"

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: ContextVar[str] = ContextVar("fmhost_request_id", default="-")

logger = logging.getLogger("fmhost.requests")


class RequestIdFilter(logging.Filter):
    """Gives each log record the attribute `request_id`; a dash outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request_id = _request_id.get()
        return True


def trace_requests(app: Flask) -> None:
    """Give each request an id, taken from its own header where a proxy has put a sensible one."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "")
        request_id = given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        g.request_id = request_id
        g.request_began = time.perf_counter()
        _request_id.set(request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id", "-")
        if logger.isEnabledFor(logging.INFO):
            elapsed = (time.perf_counter() - g.get("request_began", time.perf_counter())) * 1000
            logger.info(
                "%s %s -> %d (%.1f ms)", request.method, request.path, response.status_code, elapsed
            )
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        _request_id.set("-")


def configure_logging(level: int) -> None:
    """Write what the program logs to standard error, each line with the id of its request."""
    handler = logging.StreamHandler()
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(
        logging.Formatter("[%(asctime)s] %(levelname)s %(request_id)s %(name)s: %(message)s")
    )
    root = logging.getLogger("fmhost")
    root.handlers[:] = [handler]
    root.setLevel(level)
    root.propagate = False
