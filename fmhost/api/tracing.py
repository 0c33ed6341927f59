"""Request ids: the same in the response, in every log line, and in what clients report."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from fmhost.telemetry import context

HEADER = "X-Request-ID"

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")

logger = logging.getLogger("fmhost.requests")


def trace_requests(app: Flask) -> None:
    """Give each request an id, taken from its own header where a proxy has put a sensible one."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "")
        request_id = given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        g.request_id = request_id
        g.request_began = time.perf_counter()
        context.begin(request_id=request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id", "-")
        if logger.isEnabledFor(logging.INFO):
            _tell(response)
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        context.end()


def _tell(response: Response) -> None:
    elapsed = round((time.perf_counter() - g.get("request_began", time.perf_counter())) * 1000, 1)
    rule = request.url_rule
    about = {
        "method": request.method,
        "path": request.path,
        "route": None if rule is None else rule.rule,
        "status": response.status_code,
        "duration_ms": elapsed,
    }
    logger.info(
        "%s %s -> %d (%.1f ms)",
        *(request.method, request.path, response.status_code, elapsed),
        extra={"facts": about},
    )
