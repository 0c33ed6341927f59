"""The pages about plugins: what they show is built, installed and run, and nothing is left out."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from fmhost.errors import RefuseStartup
from fmhost.host.implementations import specifications
from fmhost.host.manifest import Command, CommandGroup, Driver, Manifest, MenuEntry, Pages
from fmhost.jobs.execute import execute
from fmhost.model import Job, Role, Sensor, User
from fmhost.model.database import Database
from fmhost.services import forecasts, reports, roles, schedules
from fmhost.services.installation import Installation
from fmhost.settings import DECLARATIONS
from fmhost.testing.distributions import Site, install
from fmhost.testing.pages import run_page
from fmhost.testing.tenants import Tenant
from fmhost.testing.web import token_headers

FOLDER = Path(__file__).parents[2] / "docs" / "plugins"
AUTHORS = (FOLDER / "authors.md").read_text("utf-8")

_FILE = re.compile(
    r"^```\w+\n(?:# |\{# )(?P<path>[\w./]+)(?: #\})?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the plugin that the page shows."""
    sources_folder = tmp_path_factory.mktemp("acme-weather")
    for block in _FILE.finditer(AUTHORS):
        path = sources_folder / block["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"], "utf-8")
    (sources_folder / "acme_weather" / "__init__.py").touch()
    offline = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    made = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", *offline, "-w", str(made), "."],
        cwd=sources_folder,
        check=True,
    )
    (found,) = made.glob("*.whl")
    return found


@pytest.fixture
def weather(wheel: Path, site: Site) -> None:
    """The plugin of the page is installed."""
    install(wheel, site.folder)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def installation(weather: None, open_installation: Callable[..., Installation]) -> Installation:
    return open_installation()


def test_every_field_of_a_manifest_is_explained_and_shown() -> None:
    code = next(b["text"] for b in _FILE.finditer(AUTHORS) if b["path"].endswith("manifest.py"))
    for kind in (Manifest, Driver, Command, CommandGroup, Pages, MenuEntry):
        for field in dataclasses.fields(kind):
            assert f"\n| `{field.name}` | " in AUTHORS, f"{kind.__name__}.{field.name}"
            assert re.search(rf"\b{field.name}=", code), f"{kind.__name__}.{field.name}"


def test_every_hook_is_shown_with_its_arguments() -> None:
    code = next(b["text"] for b in _FILE.finditer(AUTHORS) if b["path"].endswith("hooks.py"))
    for name in specifications():
        assert re.search(rf"@hookimpl\ndef {name}\(", code), name


def test_every_setting_that_composes_an_installation_is_explained() -> None:
    page = (FOLDER / "hosts.md").read_text("utf-8")
    for name in DECLARATIONS:
        if "PLUGIN" in name or name in ("FMHOST_PREFER", "FMHOST_ROUTE_OVERRIDES"):
            assert f"`{name}`" in page, name


@pytest.mark.usefixtures("weather")
def test_the_plugin_of_the_page_is_healthy(fmhost: Callable[..., Result]) -> None:
    only = {"FMHOST_PLUGINS_ALLOWED": "weather,ui,storage,cli"}
    upgraded = fmhost("db", "upgrade", **only)
    assert "Applied weather revision 0001." in upgraded.stdout, upgraded.output
    assert "Added asset type weather station." in upgraded.stdout
    assert "Added user role meteorologist." in upgraded.stdout
    checked = fmhost("plugins", "check", **only)
    assert checked.exit_code == 0, checked.output
    said = fmhost("weather", "today", WEATHER_STATIONS="5", **only)
    assert said.stdout == "Sunny at 5 stations.\n"
    shown = fmhost("plugins", "show", "weather", **only).stdout
    assert "weather 2.5: The weather, and what follows from it" in shown
    assert "MIT" in shown


def test_its_pages_are_served(client: Any, tenant: Tenant) -> None:
    member, admin = (token_headers(client, user) for user in (tenant.member, tenant.admin))
    assert client.get("/weather", headers=member).status_code == 403
    assert "Sunny everywhere." in client.get("/weather", headers=admin).text
    assert "Sunny at power." in client.get(f"/weather/{tenant.power.id}", headers=member).text
    other = client.get(f"/weather/{tenant.other_power.id}", headers=member)
    assert other.status_code == 403
    assert "Weather</a>" in client.get("/", headers=admin).text
    assert "Weather</a>" not in client.get("/", headers=member).text


def test_its_operations_are_checked_and_documented(client: Any, tenant: Tenant) -> None:
    admin, member = (token_headers(client, user) for user in (tenant.account_admin, tenant.member))
    path = f"/api/weather/sensors/{tenant.power.id}"
    assert client.get(path, headers=member).get_json()["sky"] == "grey"
    assert client.put(path, json={"sky": "blue"}, headers=admin).status_code == 200
    assert client.get(path, headers=member).get_json()["sky"] == "blue"
    assert client.put(path, json={"sky": "grey"}, headers=member).status_code == 403
    refused = client.put(path, json={"sky": "pink"}, headers=admin)
    assert refused.status_code == 422
    assert "sky" in refused.get_json()["message"]["json"]
    assert client.get(path).status_code == 401
    documented = client.get("/api/v3_0/openapi.json").get_json()["paths"]
    operations = documented["/api/weather/sensors/{id}"]
    assert operations["get"]["summary"] == "Tell what the weather is at a sensor."


def test_its_panels_tabs_and_menu_entries_are_shown_to_those_they_are_for(
    installation: Installation, client: Any, tenant: Tenant
) -> None:
    def look(path: str) -> Any:
        return client.get(path, headers=token_headers(client, tenant.member))

    asset = f"/assets/{tenant.battery.id}"
    assert "<p>Sunny at <em>power</em>.</p>" in look(f"/sensors/{tenant.power.id}").text
    page = look(asset).text
    assert "<p>Sunny at <em>battery</em>.</p>" in page
    assert "Weather of member</a>" in page
    assert "Rain</a>" not in page
    assert look(f"{asset}?tab=weather:rain").status_code == 404
    with installation.database.transaction() as session:
        user = session.get_one(User, tenant.member.id)
        user.roles.extend(roles.get_or_create(session, Role, ["meteorologist"]))
    assert "Rain</a>" in look(asset).text
    assert "&lt;Rain&gt; over battery" in look(f"{asset}?tab=weather:rain").text
    assert "Sunny everywhere." in look("/weather").text
    assert look(f"/assets/{tenant.other_battery.id}").status_code == 403


def test_each_of_its_hooks_is_called(
    installation: Installation, client: Any, tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "acme_weather")
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        sensor.set_attribute("sunny", True)
        never_measured = session.get_one(Sensor, tenant.status.id)
        now, hour = installation.now(), timedelta(hours=1)
        jobs = [
            schedules.trigger(
                installation,
                session,
                target=sensor,
                start=now,
                duration=hour,
                flex_model={"power": "3 kW"},
            ),
            forecasts.trigger(installation, session, sensor=sensor, duration=hour),
            forecasts.trigger(
                installation,
                session,
                sensor=never_measured,
                duration=hour,
                forecaster="SeasonalNaiveForecaster",
            ),
            _report_on_rain(installation, session, sensor),
        ]
    for job in jobs:
        execute(installation, job.id, "test")
    measured = {
        "sensor": tenant.power.id,
        "values": [1.0],
        "start": "2026-03-02T08:00:00+00:00",
        "duration": "PT15M",
        "unit": "kW",
    }
    member = token_headers(client, tenant.member)
    posted = client.post("/api/v3_0/sensors/data", json=measured, headers=member)
    assert posted.status_code == 200, posted.text
    client.get("/api/v3_0/health/ready")
    client.get(f"/assets/{tenant.battery.id}", headers=member)
    document = client.get("/api/v3_0/openapi.json", headers=member).get_json()
    assert document["info"]["x-weather"] == "sunny"
    for name in specifications():
        if name != "fmhost_startup":  # which came before the test
            word = name.removeprefix("fmhost_")
            assert any(message.startswith(word) for message in caplog.messages), name


def _report_on_rain(installation: Installation, session: Session, neighbour: Sensor) -> Job:
    rain, total = (
        Sensor(
            name=name,
            unit="mm",
            event_resolution=timedelta(hours=1),
            timezone="UTC",
            generic_asset_id=neighbour.generic_asset_id,
        )
        for name in ("rain", "total")
    )
    session.add_all([rain, total])
    session.flush()
    given = {
        "input": [{"sensor": rain.id}],
        "output": [{"sensor": total.id}],
        "start": "2026-03-02T00:00:00+00:00",
    }
    return reports.trigger(installation, session, reporter="RainReporter", parameters=given)


def test_its_hook_can_refuse_the_start(
    weather: None,
    open_installation: Callable[..., Installation],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "acme_weather"):
        open_installation()
    assert "startup" in caplog.messages
    with pytest.raises(RefuseStartup, match="The key of the weather service has expired"):
        open_installation(WEATHER_KEY="expired")


def test_the_page_for_hosts_shows_what_they_will_see(tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    assert run_page(FOLDER / "hosts.md", tmp_path, environment) >= 5
