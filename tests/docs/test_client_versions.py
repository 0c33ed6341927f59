"""The examples of the page about deprecations do what it says."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from fmhost.app import create
from fmhost.testing.contract import ContractClient
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

PAGE = (Path(__file__).parents[2] / "docs" / "client-versions.md").read_text("utf-8")
WATCHING, ANNOUNCING = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

MANIFEST = """
manifest = Manifest(
    name="weather",
    pages=(
        Pages(
            "acme_weather.views:forecasts",
            routes=("/api/weather/today", "/api/weather/days"),
        ),
        Pages("acme_weather.views:tides", routes=("/api/tides/today",)),
    ),
)
"""


@pytest.fixture
def open_client(site, open_installation):
    """A client of an application with the plugin of the page; the keywords are settings."""
    site.install(plugin("weather", MANIFEST, {"views.py": ANNOUNCING}))

    def open_it(**overrides):
        app = create(installation=open_installation(**overrides))
        app.test_client_class = ContractClient
        return app.test_client()

    return open_it


def statuses(client):
    old = client.post("/api/weather/days", json={"place": "Utrecht"})
    return [
        client.get("/api/weather/today").status_code,
        old.status_code,
        client.get("/api/tides/today").status_code,
        client.get("/api/v3_0/sensors/data").status_code,
        client.get("/api/v2_0/getService").status_code,
    ]


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        (None, [200, 200, 410, 401, 410]),
        (True, [410, 410, 410, 401, 410]),
        (False, [200, 200, 200, 401, 410]),
    ],
)
def test_the_stages(open_client, active, expected):
    overrides = {} if active is None else {"FLEXMEASURES_API_SUNSET_ACTIVE": active}
    assert statuses(open_client(**overrides)) == expected


def test_what_a_plugin_announces(open_client):
    answer = open_client().get("/api/weather/today")
    assert answer.get_json() == {"sky": "blue", "status": 200}
    assert answer.headers["Deprecation"] == "Mon, 31 Dec 2029 23:59:59 GMT"
    assert answer.headers["Sunset"] == "Sun, 30 Jun 2030 23:59:59 GMT"
    assert answer.headers.getlist("Link") == [
        '<https://example.org/weather/changes>; rel="deprecation"; type="text/html"',
        '<http://localhost/api/weather/days>; rel="successor-version"',
    ]


def test_a_client_hears_of_it(open_client, caplog):
    names: dict[str, object] = {}
    exec(compile(WATCHING, "client-versions.md", "exec"), names)
    answer = open_client().get("/api/weather/today")
    with caplog.at_level(logging.WARNING):
        names["watch"](SimpleNamespace(url="/api/weather/today", headers=answer.headers))
    assert "/api/weather/today: Sunset Sun, 30 Jun 2030 23:59:59 GMT" in caplog.text
