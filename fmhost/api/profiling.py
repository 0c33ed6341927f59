"""How long answers take, for whoever looks at them in a browser."""

from __future__ import annotations

import time

from flask import Flask, Response, g

HEADER = "Server-Timing"


def tell_timing(app: Flask) -> None:
    """Have each answer tell how long it took [ms], where browsers show it beside the request."""

    @app.after_request
    def tell(response: Response) -> Response:
        began = g.get("request_began")
        if began is not None:
            elapsed = (time.perf_counter() - began) * 1000
            response.headers.add(HEADER, f"total;dur={elapsed:.1f}")
        return response
