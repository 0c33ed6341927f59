"""Logging in by the browser: the same API with a session, guarded against forged requests."""

from __future__ import annotations

import re

import pytest

from fmhost.app import create
from fmhost.testing.tenants import PASSWORD

DATA = {"values": [1], "start": "2026-03-02T08:00:00+01:00", "duration": "PT15M", "unit": "kW"}


@pytest.fixture
def browser(open_installation, tenant):
    """A client with a session, in an application that protects against forged requests."""
    return create(installation=open_installation(WTF_CSRF_ENABLED=True)).test_client()


def csrf_token(page) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]


def log_in(browser, email="member@example.org", password=PASSWORD):
    token = csrf_token(browser.get("/login"))
    form = {"email": email, "password": password, "csrf_token": token}
    return browser.post("/login", data=form)


def test_a_session_reads_the_api(browser):
    assert log_in(browser).status_code == 302
    assert browser.get("/api/v3_0/assets").status_code == 200


def test_logging_out_ends_it(browser):
    log_in(browser)
    browser.post("/logout")
    assert browser.get("/api/v3_0/assets").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("member@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
    ],
)
def test_a_login_page_does_not_tell_what_was_wrong(browser, email, password):
    answer = log_in(browser, email, password)
    assert answer.status_code == 200
    assert "Authentication failed" in answer.text
    assert browser.get("/api/v3_0/assets").status_code == 401


def test_a_login_form_without_its_token_is_refused(browser):
    browser.post("/login", data={"email": "member@example.org", "password": PASSWORD})
    assert browser.get("/api/v3_0/assets").status_code == 401


def test_a_write_by_session_needs_the_token_of_a_page(browser, tenant):
    log_in(browser)
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    forged = browser.post(path, json=DATA)
    assert forged.status_code == 400
    assert "CSRF" in str(forged.get_json())
    token = browser.get("/login", headers={"Accept": "application/json"}).get_json()
    headers = {"X-CSRFToken": token["response"]["csrf_token"]}
    assert browser.post(path, json=DATA, headers=headers).status_code == 200


def test_a_write_by_token_does_not(browser, tenant):
    answer = browser.post(
        "/api/requestAuthToken", json={"email": "member@example.org", "password": PASSWORD}
    )
    headers = {"Authorization": answer.get_json()["auth_token"]}
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    assert browser.post(path, json=DATA, headers=headers).status_code == 200


def test_a_session_gets_a_token_of_its_own_without_password(browser, tenant):
    log_in(browser)
    own = browser.post("/api/requestAuthToken", json={"email": "member@example.org"})
    assert own.get_json()["user_id"] == tenant.member.id
    other = browser.post("/api/requestAuthToken", json={"email": "other@example.org"})
    assert other.status_code == 400
