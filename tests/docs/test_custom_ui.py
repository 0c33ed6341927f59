"""The page that the tutorial on custom user interfaces builds works in a real browser."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "custom-ui.md"

_FLAGS = """--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic
--no-first-run --disable-background-networking --disable-component-update --disable-sync"""

#: In place of the three libraries, which are elsewhere: what they are asked to draw.
_CHARTS = """
window.charts = [];
window.vegaEmbed = async (place, chart) => {
  document.querySelector(place).textContent = charts.push(chart);
};
"""

#: What a person does with the page, as far as nothing fails; then the page reports what it shows.
_PERSON = """
const text = (place) => document.querySelector(place).textContent;
const until = (condition) => new Promise((resolve) => {
  const look = () => { if (condition()) { watcher.disconnect(); resolve(); } };
  const watcher = new MutationObserver(look);
  watcher.observe(document, {subtree: true, childList: true, characterData: true});
  look();
});
const form = document.querySelector("#login");
const enter = (password) => {
  form.elements.email.value = "demo@example.com";
  form.elements.password.value = password;
  form.querySelector("button").click();
};
const act = async () => {
  enter("wrong");
  await until(() => text("#message"));
  const refused = text("#message");
  enter(PASSWORD);
  await until(() => text("#chart") || text("#message"));
  if (!text("#message")) {
    document.querySelector("#plan").click();
    await until(() => text("#chart") === "2" || text("#message"));
  }
  const rows = [...document.querySelectorAll("#assets tbody tr")];
  return {
    refused, user: text("#user"), values: text("#values"), planned: text("#planned"), charts,
    message: text("#message"), assets: rows.map((row) => row.cells[0].textContent),
  };
};
const report = (found) => fetch("/report", {method: "POST", body: JSON.stringify(found)});
window.addEventListener("error", (event) => report({error: event.message}));
window.addEventListener("load", () => act().then(report, (error) => report({error: `${error}`})));
"""


class _Handler(SimpleHTTPRequestHandler):
    """Serves the page with a person at it, and takes their report."""

    def __init__(
        self, *arguments: Any, password: str, reports: queue.Queue[Any], **options: Any
    ) -> None:
        self._password, self._reports = password, reports
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        page = Path(self.directory, "index.html").read_text()
        libraries = [line for line in page.splitlines() if 'src="https://' in line]
        assert len(libraries) == 3
        for number, line in enumerate(libraries):
            page = page.replace(line, "" if number else f"<script>{_CHARTS}</script>")
        person = f"const PASSWORD = {json.dumps(self._password)};{_PERSON}"
        body = page.replace("</body>", f"<script>{person}</script></body>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Be silent."""


@pytest.fixture
def browser(tmp_path: Path) -> Callable[[str], Any]:
    """``with browser(url):`` has a browser at a page."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None and "CI" not in os.environ:
        pytest.skip("there is no Chromium on this machine")
    assert program is not None, "the tests in CI need Chromium"

    @contextmanager
    def browsing(url: str) -> Iterator[None]:
        command = [program, *_FLAGS.split(), f"--user-data-dir={tmp_path / 'browser'}", url]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, **quiet) as process:
            try:
                yield
            finally:
                process.terminate()

    return browsing


@pytest.fixture
def visit(demo, serve, environment, tmp_path, browser):
    """``visit(host)``: what a person reports who looks at the page where it is served there."""

    def visiting(host: str) -> Any:
        run_page(PAGE, tmp_path, environment)
        reports: queue.Queue[Any] = queue.Queue()
        handler = partial(
            _Handler, directory=str(tmp_path / "page"), password=demo, reports=reports
        )
        with serving(handler) as port:
            replace(tmp_path / "instance" / "fmhost.cfg", ":8000", f":{port}")
            with serve() as url:
                replace(tmp_path / "page" / "api.js", "http://localhost:5000", url)
                with browser(f"http://{host}:{port}/"):
                    return reports.get(timeout=120)

    return visiting


@contextmanager
def serving(handler: Any) -> Iterator[int]:
    """Serve on the port that it gives."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def replace(file: Path, old: str, new: str) -> None:
    content = file.read_text()
    assert old in content
    file.write_text(content.replace(old, new))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_person_logs_in_looks_and_plans(visit, require_valid_chart):
    found = visit("localhost")
    assert "error" not in found, found
    assert found["message"] == ""
    assert "password" in found["refused"]
    assert found["user"] == "demo-user"
    assert {"Office", "Solar roof", "Battery"} <= set(found["assets"])
    values = [float(value) for value in found["values"].split()]
    assert len(values) == 24
    assert max(values) > 0
    assert found["planned"] == "96 steps from -50 to 50 kW"
    before, after = found["charts"]
    for chart in (before, after):
        require_valid_chart(chart)
    assert any(after["datasets"].values())


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_from_an_origin_that_is_not_named_nobody_gets_in(visit):
    found = visit("127.0.0.1")
    assert found["refused"] == "Failed to fetch"
    assert found["message"] == "Failed to fetch"
    assert found["user"] == ""
