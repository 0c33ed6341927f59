"""Logging in and out by the pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from fmhost.testing.tenants import PASSWORD


def test_a_visitor_is_sent_to_the_login_page(browser: Any) -> None:
    answer = browser.client.get("/")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/"


def test_the_login_page_asks_for_e_mail_and_password(browser: Any) -> None:
    page = browser.get("/")
    assert page.one("h1").text == "Log in"
    assert page.one("p", "info").text == "Please log in to see this page."
    labels = {label.attributes.get("for") for label in page.all("label")}
    assert {"email", "password"} <= labels
    assert page.all("nav") == []


def test_who_logs_in_comes_to_the_page_that_was_asked_for(browser: Any, tenant: Any) -> None:
    page = browser.log_in(tenant.member, at=f"/sensors/{tenant.power.id}")
    assert browser.answer.request.path == f"/sensors/{tenant.power.id}"
    assert page.one("h1").text == "power kW"


def test_without_one_it_is_home(browser: Any, tenant: Any) -> None:
    page = browser.log_in(tenant.member, at="/login")
    assert browser.answer.request.path == "/"
    assert page.one("h1").text == "Dashboard"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"]
)
def test_no_login_leads_to_another_host(browser: Any, tenant: Any, elsewhere: str) -> None:
    form = browser.get(f"/login?next={quote(elsewhere)}").one("form", "fields")
    forged = {"email": tenant.member.email, "password": PASSWORD, "next": elsewhere}
    token = form.all("input")[0].attributes["value"]
    answer = browser.client.post("/login", data=forged | {"csrf_token": token})
    assert answer.location is None or urlsplit(answer.location).netloc == ""
    page = browser.submit(form, email=tenant.member.email, password=PASSWORD)
    assert page.one("h1").text == "Dashboard"


def test_a_wrong_password_is_refused_without_saying_which_was_wrong(
    browser: Any, tenant: Any
) -> None:
    page = browser.log_in(tenant.member, "wrong")
    wrong_password = page.one("div", "error").text
    assert wrong_password.startswith("Authentication failed")
    form = page.one("form", "fields")
    email, password = form.all("input")[2:4]
    assert email.attributes["value"] == tenant.member.email
    assert "value" not in password.attributes
    unknown = browser.submit(form, email="nobody@example.org", password=PASSWORD)
    assert unknown.one("div", "error").text == wrong_password
    assert browser.client.get("/").status_code == 302


def test_after_a_wrong_password_one_still_comes_to_the_page_asked_for(
    browser: Any, tenant: Any
) -> None:
    page = browser.log_in(tenant.member, "wrong", at=f"/sensors/{tenant.power.id}")
    browser.submit(page.one("form", "fields"), email=tenant.member.email, password=PASSWORD)
    assert browser.answer.request.path == f"/sensors/{tenant.power.id}"


def test_a_form_without_its_token_is_refused(browser: Any, tenant: Any) -> None:
    form = browser.get("/login").one("form", "fields")
    field = form.all("input")[0].attributes["name"]
    assert field == "csrf_token"
    data = {"email": tenant.member.email, "password": PASSWORD}
    for forged in ({}, {field: "made up"}):
        assert browser.client.post("/login", data=data | forged).status_code in (200, 400)
    assert browser.client.get("/").status_code == 302


def test_an_inactive_user_stays_out(browser: Any, tenant: Any) -> None:
    assert browser.log_in(tenant.inactive).one("h1").text == "Log in"


def test_logging_out_leads_back_to_the_login_page(browser: Any, tenant: Any) -> None:
    page = browser.log_in(tenant.member)
    form = page.one("form", "leave")
    assert form.one("input").attributes["name"] == "csrf_token"
    assert browser.submit(form).one("h1").text == "Log in"
    assert browser.client.get("/").status_code == 302


def test_pages_run_no_foreign_scripts_and_are_not_kept(browser: Any, tenant: Any) -> None:
    browser.get("/login")
    on_login = browser.answer.headers
    browser.log_in(tenant.member)
    for headers in (on_login, browser.answer.headers):
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_the_api_answers_as_before(browser: Any) -> None:
    answer = browser.client.get("/api/v3_0/assets")
    assert answer.status_code == 401
    assert "Content-Security-Policy" not in answer.headers
