"""Every page in a real browser: no barrier that axe finds, in light and dark, and fit for a phone.

The pages are those of the application, so that a new one is looked at without being named here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import TimeoutError
from werkzeug.serving import make_server

from fmhost.app import create
from fmhost.host.host import Composition, Host
from fmhost.model import ApiKey, Job, Sensor
from fmhost.model.job import claim, fail, request_job
from fmhost.services import plugin_tables, recording, sources
from fmhost.services.installation import Installation
from fmhost.testing.clock import Clock
from fmhost.testing.databases import fresh_database
from fmhost.testing.tenants import PASSWORD, Tenant, create_tenant
from fmhost.testing.web import settings_for_tests

pytestmark = [
    # The server leaves a file open that the browser does not wait for when a page is left.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO"),
]

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

#: What is no page, or the same as another one.
NO_PAGES = re.compile(
    r"^/$|^/ui/|favicon|places|/states$|/check$|toggle_active|owned_by|users/auditlog|^/assets/\d+$"
)

PHONE = {"width": 390, "height": 844}

#: Looks for barriers; of what it finds, what helps to find it again.
_RUN = """async (rules) => {
  const found = await axe.run(document, {
    runOnly: rules, resultTypes: ["violations"], elementRef: false,
  });
  return found.violations.flatMap((each) => each.nodes.slice(0, 3).map(
    (node) => `${each.id}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n")[1]}`));
}"""

#: What sticks out at the side of the page, unless it lies in something that scrolls by itself.
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (each) => getComputedStyle(each).overflowX !== "visible";
  const within = (each) => each && (scrolls(each) || within(each.parentElement));
  const wide = [...document.querySelectorAll("body *")].filter(
    (each) => each.getBoundingClientRect().right > width + 1 && !within(each.parentElement));
  return ["the page", ...wide.slice(0, 3).map((each) => each.outerHTML.slice(0, 200))];
}"""


@dataclass
class Site:
    """A running server with data of all kinds, and its pages."""

    url: str
    tenant: Tenant
    pages: list[str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests of this module."""
    folder = tmp_path_factory.mktemp("site")
    with fresh_database("sqlite") as database:
        uri = database.url.render_as_string(hide_password=False)
        settings = settings_for_tests(
            folder, SQLALCHEMY_DATABASE_URI=uri, WTF_CSRF_ENABLED=True, RATELIMIT_ENABLED=False
        )
        host = Host(Composition.from_settings(settings))
        installation = Installation.open(settings, host, clock=Clock())
        plugin_tables.upgrade(host, database)
        with installation.database.transaction() as session:
            tenant = create_tenant(session, settings)
        job = _fill(installation, tenant)
        app = create(installation=installation)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_port}", tenant, _pages(app, tenant, job))
        server.shutdown()
        thread.join()
        server.server_close()
        installation.close()


def _fill(installation: Installation, tenant: Tenant) -> str:
    """Store a bit of everything; the id of a job that failed."""
    now = installation.now()
    with installation.database.transaction() as session:
        battery = session.merge(tenant.battery)
        battery.latitude, battery.longitude = 52.4, 4.9
        battery.attributes = {"note": "an attribute"}
        battery.sensors_to_show = [tenant.power.id, [tenant.prices.id, tenant.level.id]]
        for sensor, start, values, kind in (
            (tenant.power, now - timedelta(hours=6), [-3.0, 2.0] * 12, "user"),
            (tenant.power, now, [-20.0] * 8 + [15.0] * 8, "scheduler"),
            (tenant.prices, now - timedelta(hours=9), [40.0, 55.5] * 18, "user"),
        ):
            recording.record(
                installation,
                session,
                session.get_one(Sensor, sensor.id),
                sources.create_source(session, name=f"a {kind}", source_type=kind),
                start=start.replace(minute=0),
                values=values,
                belief_time=now,
            )
        session.add(
            ApiKey(
                user_id=tenant.admin.id,
                name="meter",
                prefix="fmk_ab",
                key_hash="-",
                scopes=["read"],
                created_at=now,
            )
        )
        return _failed_job(session, tenant, now)


def _failed_job(session: Any, tenant: Tenant, now: Any) -> str:
    job: Job = request_job(
        session,
        kind="schedule",
        queue="scheduling",
        arguments={"sensor": tenant.power.id},
        sensor_id=tenant.power.id,
        asset_id=tenant.battery.id,
        now=now,
    )
    claim(session, job.id, "worker", now=now)
    fail(session, job.id, ValueError("the battery is on fire"), now=now)
    job.meta = {"explanations": [{"scheduler": "Elsewhere", "explanation": _explanation(now)}]}
    return job.id


def _explanation(now: Any) -> dict[str, Any]:
    """All that a scheduler may say of its schedule."""
    when = {"start": now.isoformat(), "end": (now + timedelta(hours=1)).isoformat()}
    limit = {"field": "soc-min", "device": "a battery", **when}
    reason = {"action": "charge", "energy": 3.0, "unit": "kWh", "price": 4.0, "text": "So cheap."}
    return {
        **when,
        "currency": "EUR",
        "cost": 1.5,
        "costs": {"electricity net energy": 1.0, "a breach": 0.5},
        "commodities": {"electricity": 1.0, "other": 0.5},
        "basis": "A guess.",
        "devices": [
            {"name": "a battery", "reasons": [{**when, **reason, "price-unit": "EUR/MWh"}]}
        ],
        "limits": [{**limit, "worth": 2.0, "unit": "EUR/MWh"}],
        "breaches": [{**limit, "amount": 2.0, "unit": "kWh"}],
        "assumed": ["a load of nothing"],
        "stale": ["an old price"],
        "warnings": ["a lost target"],
        "more": {"dearest": 7},
    }


def _pages(app: Any, tenant: Tenant, job: str) -> list[str]:
    """The paths of all pages, about things that there are."""
    ids = {
        "assets": tenant.battery.id,
        "sensors": tenant.power.id,
        "accounts": tenant.account.id,
        "users": tenant.member.id,
        "tasks": job,
    }
    paths = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("ui.") or "GET" not in rule.methods or rule.build_only:
            continue
        path = rule.rule.replace("owned_by/<id>", f"owned_by/{tenant.account.id}")
        path = path.replace("<id>", str(ids.get(path.split("/")[1], "<id>")))
        if "<" not in path and not NO_PAGES.search(path):
            paths.append(path)
    return sorted(paths)


@pytest.fixture(scope="module")
def visit(chromium: Any, site: Site) -> Iterator[Any]:
    """A page of a browser in which an admin is logged in; afterwards it has had no errors."""
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1280, "height": 800})
    context.add_init_script(AXE)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    page.on(
        "request",
        lambda asked: asked.url.startswith((site.url, "blob:", "data:")) or said.append(asked.url),
    )
    page.goto(f"{site.url}/login")
    assert page.evaluate(_RUN, ["wcag2a", "wcag2aa", "wcag21aa"]) == []
    page.fill("#email", site.tenant.admin.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    page.goto("about:blank")
    context.close()
    assert said == []


def _too_wide(page: Any) -> list[str]:
    """What is too wide, once charts have seen how much room there is now."""
    try:
        page.wait_for_function(f"() => ({_TOO_WIDE})().length === 0", timeout=2000)
    except TimeoutError:
        return [str(each) for each in page.evaluate(_TOO_WIDE)] or ["for too long"]
    return []


def test_no_page_has_a_barrier_in_light_or_dark_and_all_fit_a_phone(visit: Any, site: Site) -> None:
    flaws = []
    assert len(site.pages) > 20
    for path in site.pages:
        visit.set_viewport_size({"width": 1280, "height": 800})
        visit.emulate_media(color_scheme="light")
        answer = visit.goto(f"{site.url}{path}")
        visit.wait_for_load_state("load")
        assert answer.status == 200, path
        found = visit.evaluate(_RUN, ["wcag2a", "wcag2aa", "wcag21aa"])
        visit.emulate_media(color_scheme="dark")
        found += [f"dark {each}" for each in visit.evaluate(_RUN, ["color-contrast"])]
        visit.set_viewport_size(PHONE)
        found += [f"too wide {each}" for each in _too_wide(visit)]
        flaws += [f"{path} {each}" for each in found]
    assert not flaws, "\n".join(flaws)


def test_the_map_works_by_keyboard(visit: Any, site: Site) -> None:
    visit.set_viewport_size({"width": 1280, "height": 800})
    visit.goto(f"{site.url}/dashboard")
    visit.wait_for_selector(".map .land")
    visit.focus(".map svg")
    before = visit.get_attribute(".map .mark", "transform")
    visit.keyboard.press("ArrowRight")
    visit.wait_for_function(
        "(before) => document.querySelector('.mark').getAttribute('transform') !== before",
        arg=before,
    )
    visit.keyboard.press("Tab")
    assert visit.evaluate("document.activeElement.getAttribute('aria-label')") == "battery, battery"
    visit.keyboard.press("Enter")
    visit.wait_for_selector(".popup h3")
    told = visit.inner_text(".popup")
    assert "battery, Acme" in told
    assert "power" in told
    visit.keyboard.press("Escape")
    assert not visit.query_selector(".popup")
    assert visit.evaluate("document.activeElement.tagName") == "svg"


def test_a_phone_folds_the_menu(visit: Any, site: Site) -> None:
    visit.set_viewport_size(PHONE)
    visit.goto(f"{site.url}/users")
    assert not visit.is_visible("#menu a")
    visit.focus("#menu-opener")
    visit.keyboard.press("Enter")
    assert visit.is_visible("#menu a")
    assert visit.get_attribute("#menu-opener", "aria-expanded") == "true"
    visit.keyboard.press("Escape")
    assert not visit.is_visible("#menu a")


def test_what_cannot_be_undone_is_asked_first(visit: Any, site: Site) -> None:
    visit.set_viewport_size({"width": 1280, "height": 800})
    visit.goto(f"{site.url}/logged-in-user")
    visit.click("button:has-text('Revoke')")
    visit.wait_for_selector("dialog[open]")
    assert visit.evaluate(_RUN, ["wcag2a", "wcag2aa"]) == []
    visit.keyboard.press("Escape")
    visit.wait_for_selector("dialog", state="detached")
    assert visit.is_visible("button:has-text('Revoke')")
    visit.click("button:has-text('Revoke')")
    visit.click("dialog button.danger")
    visit.wait_for_selector("text=The key is revoked.")


def test_scripts_ask_the_api_by_session_and_get_its_words(
    chromium: Any, visit: Any, site: Site
) -> None:
    context = chromium.new_context(storage_state=visit.context.storage_state())
    page = context.new_page()
    page.goto(f"{site.url}/about")
    path = f"/api/v3_0/accounts/{site.tenant.account.id}"
    ask = """async ([path, body]) => {
      const { call } = await import("/ui/static/api.js");
      try { return await call("PATCH", path, body); }
      catch (error) { return [error.status, error.message, error.fields]; }
    }"""
    assert page.evaluate(ask, [path, {"primary_color": "#123456"}])["name"] == "Acme"
    status, message, fields = page.evaluate(ask, [path, {"name": 5}])
    assert (status, message) == (422, "name: Not a valid string.")
    assert fields == {"name": ["Not a valid string."]}
    status, message, _ = page.evaluate(ask, ["/api/v3_0/accounts/999", {"name": "x"}])
    assert (status, message) == (404, "Account 999 not found")
    context.close()


def test_a_barrier_would_be_found(visit: Any, site: Site) -> None:
    visit.goto(f"{site.url}/about")
    visit.evaluate("document.querySelector('main').append(new Image())")
    assert any(each.startswith("image-alt") for each in visit.evaluate(_RUN, ["wcag2a"]))
    visit.evaluate("document.querySelector('main').innerHTML = '<p>' + 'x'.repeat(500)")
    assert visit.evaluate(_TOO_WIDE)
