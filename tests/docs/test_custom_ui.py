"""The page that the tutorial on custom user interfaces builds works in a real browser."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fmhost.testing.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "custom-ui.md"

#: In place of the three libraries, which are on another site: it keeps what it is to draw.
VEGA = """
window.charts = [];
window.vegaEmbed = async (place, chart) => {
  document.querySelector(place).dataset.charts = charts.push(chart);
};
"""

# What happens in the browser is the same on either database.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        """Nobody reads it."""


@contextmanager
def page_served(folder):
    """Serve a folder on the port that it gives."""
    handler = partial(Silent, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def change(file, pattern, other):
    text, number = re.subn(pattern, other, file.read_text())
    assert number, f"{file.name} has no {pattern}"
    file.write_text(text)


@pytest.fixture
def visit(environment, tmp_path, serve, chromium):
    """``with visit(host) as page:`` has the page open at this name of the machine.

    Page and server have other ports than in the tutorial, and the libraries are not fetched.
    Requests are not routed by the test: the browser itself asks whether it may call the server.
    """
    folder = tmp_path / "page"

    @contextmanager
    def visiting(host):
        run_page(PAGE, tmp_path, environment)
        (folder / "vega.js").write_text(VEGA)
        change(folder / "index.html", r"https://cdn\.jsdelivr\.net/[^\"]+", "vega.js")
        with page_served(folder) as port:
            change(tmp_path / "instance" / "fmhost.cfg", ":8000", f":{port}")
            # A browser where the site is: tomorrow begins for both at the same moment.
            here = {"timezone_id": "Europe/Amsterdam"}
            with serve() as url, chromium.new_context(**here) as context:
                change(folder / "api.js", "http://localhost:5000", url)
                page = context.new_page()
                page.set_default_timeout(60_000)
                page.goto(f"http://{host}:{port}/")
                yield page

    return visiting


def log_in(page, password):
    page.get_by_label("E-mail").fill("demo@example.com")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_a_person_logs_in_looks_and_plans(visit, demo, require_valid_chart):
    with visit("localhost") as page:
        log_in(page, "wrong")
        page.locator("#message", has_text="password").wait_for()
        log_in(page, demo)
        page.locator("#chart[data-charts='1']").wait_for(state="attached")
        assert page.locator("#user").inner_text() == "demo-user"
        assert page.locator("#message").inner_text() == ""
        assets = page.locator("#assets tbody td:first-child").all_inner_texts()
        assert {"Office", "Solar roof", "Battery"} <= set(assets)
        values = [float(value) for value in page.locator("#values").inner_text().split()]
        assert len(values) == 24
        assert max(values) > 0
        page.get_by_role("button", name="Plan the battery").click()
        page.locator("#chart[data-charts='2']").wait_for(state="attached")
        assert page.locator("#planned").inner_text() == "96 steps from -50 to 50 kW"
        for chart in page.evaluate("charts"):
            require_valid_chart(chart)
            assert any(chart["datasets"].values())


def test_from_an_origin_that_is_not_named_nobody_gets_in(visit, demo):
    with visit("127.0.0.1") as page:
        log_in(page, demo)
        page.locator("#message", has_text="Failed to fetch").wait_for()
        assert page.locator("#user").text_content() == ""
