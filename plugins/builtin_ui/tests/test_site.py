"""The frame of all pages: menu, colours, logo, footer, and what templates of plugins know."""

from __future__ import annotations

from typing import Any

import pytest
from flask import render_template, render_template_string

from fmhost.model import Account
from fmhost_ui.pages.brand import luminance

MENUS = {
    "admin": ["Dashboard", "Assets", "Users", "Accounts", "Tasks", "Plugins"],
    "admin_reader": ["Dashboard", "Assets", "Users", "Accounts", "Tasks", "Plugins"],
    "account_admin": ["Dashboard", "Assets", "Users", "My account"],
    "consultant": ["Dashboard", "Assets", "Users", "Accounts"],
    "member": ["Dashboard", "Assets", "My account"],
}


@pytest.fixture
def database_kind() -> str:
    """What pages show is the same on either database."""
    return "sqlite"


def menu(page: Any) -> list[str]:
    return [link.text for link in page.one("nav", "menu").all("a")]


@pytest.mark.parametrize("role", MENUS)
def test_the_menu_has_what_is_for_the_user(browser: Any, tenant: Any, role: str) -> None:
    page = browser.log_in(getattr(tenant, role))
    assert menu(page) == MENUS[role]
    here = [
        link.text for link in page.one("nav", "menu").all("a") if "aria-current" in link.attributes
    ]
    assert here == ["Dashboard"]
    for link in page.one("nav", "menu").all("a"):
        browser.get(link.attributes["href"])


def test_in_demo_mode_everybody_sees_the_queues(browse: Any, tenant: Any) -> None:
    assert "Tasks" in menu(browse(FLEXMEASURES_MODE="demo").log_in(tenant.member))


def test_the_footer_tells_versions_and_links(browse: Any, tenant: Any, clock: Any) -> None:
    browser = browse(FLEXMEASURES_SUPPORT_PAGE="/help", FLEXMEASURES_TOS_PAGE="/terms")
    browser.log_in(tenant.member)
    clock.set(clock().replace(hour=12))
    foot = browser.get("/").one("footer")
    assert [link.attributes["href"] for link in foot.all("a")] == ["/about", "/help", "/terms"]
    assert "running since 3 hours, with plugins: " in foot.text
    assert "ui (v" in foot.text


def test_an_account_has_its_own_colours_and_logo_and_clients_inherit_them(
    browser: Any, tenant: Any, installation: Any
) -> None:
    with installation.database.transaction() as session:
        consultancy = session.get_one(Account, tenant.consultancy.id)
        consultancy.primary_color, consultancy.secondary_color = "#fedcba", "#123456"
        consultancy.logo_url = "/logos/advice.png"
    page = browser.log_in(tenant.member)
    sheets = [link.attributes["href"] for link in page.one("head").all("link")]
    assert "/ui/brand/fedcba/123456.css" in sheets
    assert page.one("header").one("img").attributes["src"] == "/logos/advice.png"
    css = browser.client.get("/ui/brand/fedcba/123456.css")
    assert css.mimetype == "text/css"
    assert css.text == ":root { --brand: #fedcba; --brand-2: #123456; --on-brand: #000000; }\n"
    assert browser.client.get("/ui/brand/red/url(x).css").status_code == 404


def test_a_logo_from_elsewhere_is_let_in(browser: Any, tenant: Any, installation: Any) -> None:
    with installation.database.transaction() as session:
        session.get_one(Account, tenant.account.id).logo_url = "https://acme.example/logo.png"
    answer = browser.client.post("/login", data=login_data(browser, tenant), follow_redirects=True)
    assert 'src="https://acme.example/logo.png"' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://acme.example;" in policy


def login_data(browser: Any, tenant: Any) -> dict[str, str]:
    form = browser.get("/login").one("form", "fields")
    token = form.all("input")[0].attributes["value"]
    return {
        "csrf_token": token,
        "email": tenant.member.email,
        "password": "correct horse battery",
    }


@pytest.mark.parametrize("colour", ["000", "777777", "fff", "f1a122", "ff0000", "7f7f00", "767676"])
def test_whatever_the_colour_one_can_read_what_stands_on_it(colour: str) -> None:
    ground = luminance(colour)
    ink = luminance("ffffff" if ground < 0.179 else "000000")
    light, dark = max(ground, ink), min(ground, ink)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_templates_of_plugins_know_the_documented_variables(app: Any, tenant: Any) -> None:
    names = [
        "app_running_since",
        "loaded_plugins",
        "user_is_logged_in",
        "user_is_admin",
        "user_is_anonymous",
        "show_queues",
        "menu_logo",
        "FLEXMEASURES_PLATFORM_NAME",
        "event_starts_after",
    ]
    with app.test_request_context("/"):
        text = render_template_string("|".join("{{" + name + "}}" for name in names))
    found = dict(zip(names, text.split("|"), strict=True))
    assert found["user_is_anonymous"] == "True"
    assert found["user_is_logged_in"] == found["show_queues"] == found["user_is_admin"] == "False"
    assert found["app_running_since"] == "less than a minute"
    assert "ui (v" in found["loaded_plugins"]
    assert found["FLEXMEASURES_PLATFORM_NAME"] == "FlexMeasures"
    with app.test_request_context("/"):
        template = app.jinja_env.from_string("{{ page }}")
        template.name = "my_plugin/metering.html"
        assert render_template(template) == "metering"


def test_views_have_the_icons_that_the_settings_name(browse: Any, tenant: Any) -> None:
    page = browse(FLEXMEASURES_MENU_LISTED_VIEW_ICONS={"assets": "plug"}).log_in(tenant.member)
    (icon,) = page.one("nav", "menu").all("i")
    assert icon.attributes["class"] == "icon fa fa-plug"
    sheets = [link.attributes["href"] for link in page.one("head").all("link")]
    assert any(sheet.endswith("font-awesome.min.css") for sheet in sheets)
    plain = browse().log_in(tenant.member).one("head").all("link")
    assert not any("font-awesome" in link.attributes["href"] for link in plain)


def test_what_is_not_there_is_told_in_the_layout_of_the_site(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    page = browser.get("/nonsense", 404)
    assert page.one("h1").text == "Nothing here"
    assert "Dashboard" in page.one("nav", "menu").text
    assert "script-src 'self'" in browser.answer.headers["Content-Security-Policy"]
    answer = browser.client.get("/api/v3_0/nonsense")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    answer = browser.client.get("/nonsense", headers={"Accept": "application/json"})
    assert (answer.status_code, "nav" in answer.text) == (404, False)


@pytest.mark.parametrize("mode", ["demo", ""])
def test_the_login_page_shows_a_login_for_everybody_in_demo_mode_only(
    browse: Any, tenant: Any, mode: str
) -> None:
    browser = browse(
        FLEXMEASURES_MODE=mode,
        FLEXMEASURES_PUBLIC_DEMO_CREDENTIALS=("demo@example.org", "flexdemo"),
        FLEXMEASURES_SIGNUP_PAGE="/join",
    )
    page = browser.get("/login")
    assert ("demo@example.org" in page.text) is (mode == "demo")
    assert "/join" in [link.attributes["href"] for link in page.one("main").all("a")]
