"""Traces and error reports arrive where the settings say; else nothing of that is loaded."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli
import pytest

from fmhost.app import create
from fmhost.errors import ConfigurationError
from fmhost.jobs.execute import execute
from fmhost.services.installation import Installation
from fmhost.telemetry.reports import _Sending

# Reports quote lines of the program, these among them.
SECRET = "resu-eht-fo-terc3s"[::-1]
KEY = "etis-eht-fo-yek-eht"[::-1]
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}


class Receiver:
    """A server that takes whatever is posted to it.

    :ivar posted: path, headers and body of each request.
    """

    def __init__(self) -> None:
        posted = self.posted = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                unpack = UNPACK[self.headers.get("Content-Encoding")]
                posted.append((self.path, dict(self.headers), unpack(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Receiver:
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


def spans(receiver):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found = []
    for path, _, body in receiver.posted:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            found += [each for scope in resource.scope_spans for each in scope.spans]
    return found


def test_traces_of_requests_jobs_and_statements(
    open_installation, tenant, log_in, receiver, request_work
):
    installation = open_installation(
        FMHOST_OTLP_ENDPOINT=f"http://{receiver.address}", FMHOST_OTLP_HEADERS={"x-key": "of-mine"}
    )
    client = create(installation=installation).test_client()
    headers = log_in(tenant.member)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    given = {**headers, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    assert client.get(f"/api/v3_0/sensors/{tenant.power.id}", headers=given).status_code == 200
    client.get("/api/v3_0/health/ready")
    execute(installation, request_work(installation), "me")
    installation.close()
    found = spans(receiver)
    request = next(each for each in found if each.name == "GET /api/v3_0/sensors/<id>")
    assert request.trace_id.hex() == trace
    statements = [each for each in found if each.parent_span_id == request.span_id]
    assert any(each.name.startswith("SELECT") for each in statements)
    assert "job made up by a test" in {each.name for each in found}
    assert not any("ready" in each.name for each in found)
    assert receiver.posted[0][1]["x-key"] == "of-mine"


@pytest.fixture
def open_reporting(database, tmp_path, receiver):
    """Opens an installation that reports its errors to the receiver."""
    import sentry_sdk

    from fmhost.settings import load

    environ = {
        "FMHOST_INSTANCE": str(tmp_path),
        "HOME": str(tmp_path),
        "SECRET_KEY": KEY,
        "SQLALCHEMY_DATABASE_URI": database.url.render_as_string(hide_password=False),
        "SENTRY_DSN": f"http://public@{receiver.address}/42",
    }
    opened = []

    def open_it(**overrides):
        settings = load(environ=environ, environment="production", overrides=overrides)
        opened.append(Installation.open(settings))
        return opened[-1]

    yield open_it
    sentry_sdk.init()
    for each in opened:
        each.close()


def reports(receiver):
    import sentry_sdk

    sentry_sdk.flush()
    found = []
    for path, _, body in receiver.posted:
        assert path == "/api/42/envelope/"
        lines = body.split(b"\n")
        if json.loads(lines[1])["type"] == "event":
            found.append(json.loads(lines[2]))
    return found


def test_reports_of_errors(open_reporting, receiver, request_work, caplog):
    installation = open_reporting()
    app = create(installation=installation)

    @app.route("/broken")
    def broken():
        password = SECRET
        raise RuntimeError(f"{KEY} and password={password}")

    client = app.test_client()
    local = {"base_url": "http://localhost"}
    sent = {"Authorization": SECRET, "X-Request-ID": "trace-42"}
    assert client.get("/broken", headers=sent, **local).status_code == 500
    assert client.get("/nothing/here", **local).status_code == 404

    def fail(_installation, _job):
        raise ZeroDivisionError("no reason")

    job_id = request_work(installation, fail)
    execute(installation, job_id, "me")
    found = reports(receiver)
    kinds = [each["exception"]["values"][-1]["type"] for each in found if "exception" in each]
    assert set(kinds) == {"RuntimeError", "ZeroDivisionError"}
    first = next(each for each in found if "RuntimeError" in str(each.get("exception")))
    assert first["tags"]["request_id"] == "trace-42"
    assert first["environment"] == "production"
    assert first["release"].startswith("fmhost@")
    last = next(each for each in found if "ZeroDivisionError" in str(each.get("exception")))
    assert last["tags"]["job_id"] == job_id
    everything = b"".join(body for _, _, body in receiver.posted)
    assert SECRET.encode() not in everything
    assert KEY.encode() not in everything


def test_an_option_that_does_not_exist(open_reporting):
    with pytest.raises(ConfigurationError, match="FLEXMEASURES_SENTRY_CONFIG"):
        open_reporting(FLEXMEASURES_SENTRY_CONFIG={"colour": "red"})


def test_an_address_that_is_none(open_reporting):
    with pytest.raises(ConfigurationError, match="SENTRY_DSN") as caught:
        open_reporting(SENTRY_DSN="s3cret")
    assert "s3cret" not in str(caught.value)


def test_a_limit_by_day(open_installation):
    days = [date(2026, 3, 2)]
    settings = open_installation(FLEXMEASURES_SENTRY_DAILY_RATE_LIMIT=2).settings
    sending = _Sending(settings, lambda: days[-1])
    assert [sending({}, {}) is None for _ in range(3)] == [False, False, True]
    days.append(date(2026, 3, 3))
    assert sending({}, {}) is not None


@pytest.mark.parametrize(
    ("setting", "module", "extra"),
    [("SENTRY_DSN", "sentry_sdk", "sentry"),
     ("FMHOST_OTLP_ENDPOINT", "opentelemetry.sdk.trace", "telemetry")],
)  # fmt: skip
def test_a_package_that_is_missing_is_named(open_reporting, monkeypatch, setting, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError) as caught:
        open_reporting(**{"SENTRY_DSN": None, setting: "http://x@127.0.0.1:9/1"})
    assert caught.value.field == setting
    assert f"fmhost[{extra}]" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_is_loaded_without_the_settings(tmp_path):
    script = """
import sys
from fmhost.app import create
from fmhost.settings import load
from fmhost.services.installation import Installation
create(installation=Installation.open(load(environ={"HOME": ".", "SECRET_KEY": "k"})))
print([name for name in sys.modules if name.split(".")[0] in ("opentelemetry", "sentry_sdk")])
"""
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
