"""Logging in by the browser: the same API with a session, guarded against forged requests."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest import mock

import pytest
from itsdangerous import TimestampSigner

from fmhost.api.operations import operations
from fmhost.app import create
from fmhost.model import User
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import request_token, token_headers

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


def test_people_do_not_register_themselves(open_installation, caplog):
    client = create(installation=open_installation(SECURITY_REGISTERABLE=True)).test_client()
    assert "SECURITY_REGISTERABLE = True has no effect here." in caplog.text
    assert client.get("/register").status_code == 404


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


def test_on_the_page_a_wrong_address_costs_the_same_work_as_a_wrong_password(
    open_installation, tenant
):
    app = create(installation=open_installation(SECURITY_PASSWORD_HASH="argon2"))
    form = {"email": "member@example.org", "password": "wrong"}
    for email, work in (("member@example.org", "verify"), ("nobody@example.org", "hash")):
        context = app.extensions["security"].pwd_context
        original = getattr(type(context), work)
        with mock.patch.object(type(context), work, autospec=True, side_effect=original) as done:
            assert app.test_client().post("/login", data=form | {"email": email}).status_code == 200
        assert done.call_count == 1


@pytest.mark.parametrize("stored", ["", "no hash", "$argon2id$broken"])
def test_who_has_no_password_that_could_be_right_stays_out(browser, installation, tenant, stored):
    with installation.database.transaction() as session:
        session.get_one(User, tenant.member.id).password = stored
    answer = log_in(browser)
    assert answer.status_code == 200
    assert "Authentication failed" in answer.text


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


@pytest.mark.parametrize("cookie", ["session", "remember_token"])
def test_so_does_every_operation_that_is_not_safe(browser, tenant, cookie):
    token = csrf_token(browser.get("/login"))
    form = {"email": "admin@example.org", "password": PASSWORD, "csrf_token": token}
    browser.post("/login", data=form | {"remember": "y"})
    if cookie == "remember_token":
        browser.delete_cookie("session")
    unsafe = [
        (operation.method, re.sub("<[^>]+>", str(tenant.battery.id), rule))
        for rule, operation in operations(browser.application)
        if operation.method != "GET" and not operation.public
    ]
    assert len(unsafe) > 30
    for method, path in unsafe:
        answer = browser.open(path, method=method, json={})
        assert answer.status_code == 400, (method, path)
        assert answer.get_json() == {"message": "The CSRF token is missing.", "status": 400}
    with browser.session_transaction() as session:
        assert "_user_id" in session or cookie == "remember_token"


def test_what_is_safe_changes_nothing(app):
    """So that it needs no proof."""
    found = [rule for rule, each in operations(app) if each.method == "GET" and each.writes]
    assert found == []


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


def test_a_token_gets_no_other_token_without_password(client, tenant):
    """Or it would never end."""
    headers = token_headers(client, tenant.member)
    body = {"email": "member@example.org"}
    answer = client.post("/api/requestAuthToken", json=body, headers=headers)
    assert answer.status_code == 400
    assert answer.get_json()["errors"] == ["Please provide the 'password' parameter."]


def test_a_session_lasts_for_31_days(browser):
    log_in(browser)
    made = TimestampSigner("any").get_timestamp()
    month = int(timedelta(days=31).total_seconds())
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=made + month - 10):
        assert browser.get("/api/v3_0/assets").status_code == 200
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=made + month + 10):
        assert browser.get("/api/v3_0/assets").status_code == 401


def test_logging_out_clears_what_pages_kept(browser):
    log_in(browser)
    with browser.session_transaction() as session:
        session["event_starts_after"] = "2026-03-01"
    browser.post("/logout")
    with browser.session_transaction() as session:
        assert set(session) <= {"fs_cc", "csrf_token", "_flashes"}


def test_logging_out_ends_a_login_that_was_to_last(browser):
    token = csrf_token(browser.get("/login"))
    form = {"email": "member@example.org", "password": PASSWORD, "csrf_token": token}
    browser.post("/login", data=form | {"remember": "y"})
    browser.delete_cookie("session")
    assert browser.get("/api/v3_0/assets").status_code == 200
    browser.post("/logout")
    browser.delete_cookie("session")
    assert browser.get("/api/v3_0/assets").status_code == 401


@pytest.mark.parametrize("change", ["revoke", "deactivate"])
def test_sessions_end_when_access_is_revoked_or_the_user_deactivated(
    browser, installation, tenant, change
):
    log_in(browser)
    assert browser.get("/api/v3_0/assets").status_code == 200
    with installation.database.transaction() as session:
        user = session.get_one(User, tenant.member.id)
        if change == "revoke":
            user.revoke_access()
        else:
            user.active = False
    assert browser.get("/api/v3_0/assets").status_code == 401


def test_a_token_counts_before_a_session(browser, tenant):
    """What spares a request the proof that it is not forged must also say in whose name it is."""
    log_in(browser)
    headers = token_headers(browser, tenant.other_member)
    path = f"/api/v3_0/assets/{tenant.battery.id}"
    assert browser.get(path).status_code == 200
    assert browser.get(path, headers=headers).status_code == 403
    body = {"name": "forged"}
    assert browser.patch(path, json=body, headers=headers).status_code == 403
    assert browser.get(path).get_json()["name"] == "battery"


def test_a_token_that_is_worth_nothing_leaves_the_session_and_its_guard(browser, tenant):
    log_in(browser)
    path = f"/api/v3_0/assets/{tenant.battery.id}"
    headers = {"Authorization": "made up"}
    assert browser.get(path, headers=headers).status_code == 200
    assert browser.patch(path, json={"name": "forged"}, headers=headers).status_code == 400


def test_tokens_travel_in_the_header_alone(client, tenant):
    answer = request_token(client, "member@example.org", PASSWORD)
    token = answer.get_json()["auth_token"]
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    assert client.get("/api/v3_0/assets", query_string={"auth_token": token}).status_code == 401
    assert client.post(path, json=DATA | {"auth_token": token}).status_code == 401


@pytest.mark.parametrize("forced", [True, False])
def test_cookies_are_for_encrypted_connections_where_these_are_forced(
    open_installation, tenant, forced
):
    app = create(installation=open_installation(FLEXMEASURES_FORCE_HTTPS=forced))
    form = {"email": "member@example.org", "password": PASSWORD, "remember": "y"}
    address = "https://localhost" if forced else "http://localhost"
    answer = app.test_client().post("/login", data=form, base_url=address)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert ("Secure" in cookie) is forced
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
