"""Logging in by page with a second factor: a code in a mail."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from unittest import mock

import pytest
from passlib.totp import TOTP

from fmhost.app import create
from fmhost.auth.mail import SmtpBackend
from fmhost.model import User
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import request_token

#: A form of Flask-Security writes its choices in an older way of WTForms.
pytestmark = pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning")


class Visitor:
    """Somebody at a browser, whose mail is read, too."""

    def __init__(self, app):
        self.app = app
        self.client = app.test_client()

    def csrf(self, path):
        page = self.client.get(path, follow_redirects=True)
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]

    def enter_password(self, email="member@example.org", password=PASSWORD, **more):
        form = {"email": email, "password": password, "csrf_token": self.csrf("/login"), **more}
        return self.client.post("/login", data=form)

    def enter_code(self, code, **more):
        form = {"code": code, "csrf_token": self.csrf("/tf-validate"), **more}
        return self.client.post("/tf-validate", data=form)

    def rescue(self, wanted):
        form = {"help_setup": wanted, "csrf_token": self.csrf("/tf-validate")}
        return self.client.post("/tf-rescue", data=form)

    @property
    def mails(self):
        return getattr(self.app.extensions["mailman"], "outbox", [])

    def code(self):
        return re.search(r"\b(\d{6})\b", self.mails[-1].body)[1]

    @property
    def is_in(self):
        return self.client.get("/api/v3_0/assets").status_code == 200


@pytest.fixture
def visit(open_installation, tenant):
    """Gives visitors of one site with two factors; the keywords are settings."""
    apps = []

    def enter(**settings):
        if settings or not apps:
            wanted = {"SECURITY_TWO_FACTOR": True, "WTF_CSRF_ENABLED": True, **settings}
            apps.append(create(installation=open_installation(**wanted)))
        return Visitor(apps[-1])

    return enter


@pytest.fixture
def visitor(visit):
    return visit()


def test_a_password_is_not_enough(visitor):
    answer = visitor.enter_password()
    assert answer.location.startswith("/tf-validate")
    assert not visitor.is_in
    assert visitor.mails[-1].to == ["member@example.org"]


def test_the_code_of_the_mail_completes_it(visitor, tenant, installation):
    visitor.enter_password()
    answer = visitor.enter_code(visitor.code())
    assert answer.status_code == 302
    assert visitor.is_in
    with installation.database.reading() as session:
        assert session.get_one(User, tenant.member.id).login_count == 1


def test_without_the_setting_there_is_none(visit):
    visitor = visit(SECURITY_TWO_FACTOR=False)
    visitor.enter_password()
    assert visitor.is_in
    assert visitor.mails == []
    assert visitor.client.get("/tf-validate").status_code == 404


@pytest.mark.parametrize("email", ["nobody@example.org", "gone@example.org"])
def test_nobody_gets_that_far_with_a_wrong_address(visitor, email):
    visitor.enter_password(email)
    assert visitor.client.get("/tf-validate").location.startswith("/login")
    assert visitor.mails == []


@pytest.mark.parametrize("code", ["", "000000", "abc", "1" * 5000, "१२३४५६"])
def test_another_code_does_not(visitor, code):
    visitor.enter_password()
    assert visitor.enter_code(code).status_code == 200
    assert not visitor.is_in


def other_than(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_is_tried_once(visitor):
    visitor.enter_password()
    code = visitor.code()
    wrong = visitor.enter_code(other_than(code))
    assert "A code can be tried once" in wrong.text
    visitor.enter_code(code)
    assert not visitor.is_in


def test_another_one_is_sent_to_who_asks(visitor):
    visitor.enter_password()
    visitor.enter_code(other_than(visitor.code()))
    assert visitor.rescue("email").status_code == 200
    assert len(visitor.mails) == 2
    visitor.enter_code(visitor.code())
    assert visitor.is_in


def test_programs_cannot_try_codes_without_it_being_noted(visitor):
    visitor.enter_password()
    code = visitor.code()
    headers = {"Accept": "application/json", "X-CSRFToken": visitor.csrf("/tf-validate")}
    body = {"code": other_than(code)}
    answer = visitor.client.post("/tf-validate", json=body, headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    visitor.enter_code(code)
    assert not visitor.is_in


def test_a_code_that_was_used_is_void(visit):
    first, second = visit(), visit()
    second.enter_password()
    first.enter_password()
    code = first.code()
    first.enter_code(code)
    second.enter_code(code)
    assert (first.is_in, second.is_in) == (True, False)


def test_the_newest_code_counts(visit):
    first, second = visit(), visit()
    first.enter_password()
    old = first.code()
    second.enter_password()
    first.enter_code(old)
    assert not first.is_in


def test_a_code_is_for_its_user_alone(visit):
    first, second = visit(), visit()
    first.enter_password()
    second.enter_password("boss@example.org")
    assert first.mails[0].to == ["member@example.org"]
    code = re.search(r"\b(\d{6})\b", first.mails[0].body)[1]
    second.enter_code(code)
    assert not second.is_in


def test_a_code_is_good_for_five_minutes(visitor):
    now = time.time()
    for age, is_in in ((290, True), (400, False)):
        visitor.client = visitor.app.test_client()
        with mock.patch.object(TOTP, "now", return_value=now - age):
            visitor.enter_password()
        with mock.patch.object(TOTP, "now", return_value=now):
            visitor.enter_code(visitor.code())
        assert visitor.is_in is is_in


def test_a_reset_in_between_ends_the_login(visitor, tenant, installation):
    visitor.enter_password()
    code = visitor.code()
    token = visitor.csrf("/tf-validate")
    with installation.database.transaction() as session:
        session.get_one(User, tenant.member.id).revoke_access()
    visitor.client.post("/tf-validate", data={"code": code, "csrf_token": token})
    assert not visitor.is_in


def test_a_form_without_its_token_is_refused(visitor):
    visitor.enter_password()
    visitor.client.post("/tf-validate", data={"code": visitor.code()})
    assert not visitor.is_in


def test_who_has_no_access_to_the_mailbox_can_ask_for_help(visit):
    visitor = visit(SECURITY_TWO_FACTOR_RESCUE_MAIL="support@example.org")
    visitor.enter_password()
    assert visitor.rescue("help").status_code == 200
    assert visitor.mails[-1].to == ["support@example.org"]
    assert "member@example.org" in visitor.mails[-1].body
    assert not visitor.is_in


def test_help_comes_from_the_sender_of_mails_by_default(visitor):
    visitor.enter_password()
    visitor.rescue("help")
    assert visitor.mails[-1].to == ["no-reply@example.com"]


def test_a_mail_that_cannot_be_sent_is_told(visit, caplog):
    visitor = visit(MAIL_PORT=1)
    visitor.app.extensions["mailman"].backend = SmtpBackend
    answer = visitor.enter_password()
    assert answer.location.startswith("/login")
    page = visitor.client.get("/login").text
    assert "failed" in page.lower()
    assert not visitor.is_in
    assert "was not sent" in caplog.text


def test_tokens_need_no_second_factor(visitor):
    answer = request_token(visitor.client, "member@example.org", PASSWORD)
    headers = {"Authorization": answer.get_json()["auth_token"]}
    assert visitor.client.get("/api/v3_0/assets", headers=headers).status_code == 200
    assert visitor.mails == []


def test_a_half_finished_login_gets_no_token_without_password(visitor):
    visitor.enter_password()
    answer = visitor.client.post("/api/requestAuthToken", json={"email": "member@example.org"})
    assert answer.status_code == 400


def test_nobody_turns_it_off(visitor):
    visitor.enter_password()
    visitor.enter_code(visitor.code())
    token = visitor.client.get("/login", headers={"Accept": "application/json"}).get_json()
    form = {"setup": "disable", "csrf_token": token["response"]["csrf_token"]}
    assert visitor.client.get("/tf-setup").status_code == 404
    assert visitor.client.post("/tf-setup", data=form).status_code == 404
    assert visitor.client.post("/tf-setup/x", data={"code": "1"}).status_code == 404


def log_in_again(visitor):
    """After some days, on the same device."""
    visitor.client.post("/logout")
    return visitor.enter_password()


def test_each_login_asks_for_it(visitor):
    visitor.enter_password(remember="y")
    visitor.enter_code(visitor.code())
    log_in_again(visitor)
    assert not visitor.is_in


@pytest.mark.parametrize("validity", ["1 week", timedelta(days=7), "168 hours"])
def test_unless_a_device_is_trusted_for_a_while(visit, validity):
    trusting = {
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": False,
        "SECURITY_TWO_FACTOR_LOGIN_VALIDITY": validity,
    }
    visitor = visit(**trusting)
    visitor.enter_password(remember="y")
    visitor.enter_code(visitor.code())
    log_in_again(visitor)
    assert visitor.is_in
    stranger = visit()
    stranger.enter_password()
    assert not stranger.is_in


def test_that_while_ends(visit):
    visitor = visit(
        SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=False, SECURITY_TWO_FACTOR_LOGIN_VALIDITY="1 week"
    )
    visitor.enter_password(remember="y")
    visitor.enter_code(visitor.code())
    (cookie,) = [each for each in _cookies(visitor.client) if each.key == "tf_validity"]
    assert cookie.max_age == 7 * 24 * 3600
    assert cookie.http_only
    security = visitor.app.extensions["security"]
    week = 7 * 24 * 3600
    signer = type(security.tf_validity_serializer.make_signer(b"any"))
    made = signer("any").get_timestamp()
    visitor.client.post("/logout")
    with mock.patch.object(signer, "get_timestamp", return_value=made + week + 5):
        visitor.enter_password()
    assert not visitor.is_in


def _cookies(client):
    return list(client._cookies.values())


def test_a_reset_ends_the_trust_in_a_device(visit, tenant, installation):
    visitor = visit(SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=False)
    visitor.enter_password(remember="y")
    visitor.enter_code(visitor.code())
    with installation.database.transaction() as session:
        session.get_one(User, tenant.member.id).revoke_access()
    log_in_again(visitor)
    assert not visitor.is_in


def test_no_plugin_is_needed_for_the_pages(visit):
    visitor = visit(FMHOST_PLUGINS_DISABLED=["ui"])
    visitor.enter_password()
    visitor.enter_code(other_than(visitor.code()))
    visitor.rescue("email")
    visitor.enter_code(visitor.code())
    assert visitor.is_in


def test_a_call_for_help_that_cannot_be_sent_is_told(visit):
    visitor = visit(MAIL_PORT=1)
    visitor.enter_password()
    visitor.app.extensions["mailman"].backend = SmtpBackend
    assert "The mail could not be sent" in visitor.rescue("help").text
