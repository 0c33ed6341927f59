"""A port on which a worker tells Prometheus its figures, sharing no folder with a server."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fmhost.settings import Settings
from fmhost.telemetry.metrics.exposition import CONTENT_TYPE, collected, rendered
from fmhost.telemetry.metrics.guests import has_guests, is_guest
from fmhost.telemetry.metrics.instruments import metrics_folder

logger = logging.getLogger("fmhost.metrics")


def tell_figures(settings: Settings) -> ThreadingHTTPServer | None:
    """Answer ``GET /metrics`` in threads of this process, on the port of FMHOST_METRICS_PORT.

    :return: what answers, to be shut down; None where nobody may ask, or the port is taken: by
        another worker on the same machine, which tells of this one, too.
    """
    port = settings["FMHOST_METRICS_PORT"]
    if port is None or not has_guests(settings):
        return None

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404)
            elif not is_guest(settings, self.client_address[0], self.headers["Authorization"]):
                self.send_error(401)
            else:
                body = rendered(collected(metrics_folder(settings))).encode()
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Nothing: nobody wants a line for each question."""

    try:
        server = ThreadingHTTPServer(("", port), Answering)
    except OSError as error:
        logger.warning("The figures are not told on port %s: %s", port, error)
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="fmhost-metrics", daemon=True).start()
    return server
