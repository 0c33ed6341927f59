"""Choosing another password by a link in a mail."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from unittest import mock

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select

from fmhost.app import create
from fmhost.auth.mail import SmtpBackend
from fmhost.model import AuditLog, User
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import request_token

NEW = "a new password, at last"

#: Flask-Security 5.7 itself calls what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:'get_token_status' is deprecated")


class Visitor:
    """Somebody at a browser, whose mail is read, too."""

    def __init__(self, app):
        self.app = app
        self.client = app.test_client()

    def csrf(self, path):
        page = self.client.get(path, follow_redirects=True)
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]

    def submit(self, path, **form):
        """Fill in the form at `path`, and follow to where it leads."""
        form["csrf_token"] = self.csrf(path)
        return self.client.post(path, data=form, follow_redirects=True)

    def ask(self, email="member@example.org"):
        answer = self.submit("/reset", email=email)
        self.outbox.wait()
        return answer

    @property
    def outbox(self):
        return self.app.extensions["fmhost.outbox"]

    @property
    def mails(self):
        return getattr(self.app.extensions["mailman"], "outbox", [])

    def link(self):
        self.ask()
        return re.search(r"http://localhost(/reset/\S+)", self.mails[-1].body)[1]

    def choose(self, link, password=NEW, again=None):
        return self.submit(link, password=password, password_confirm=again or password)


@pytest.fixture
def visits(open_installation, tenant):
    """Gives visitors of sites; the keywords are settings."""
    visitors = []

    def visit(**settings):
        visitors.append(Visitor(create(installation=open_installation(**settings))))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.outbox.wait()


@pytest.fixture
def visitor(visits):
    """Somebody in front of a site that is guarded against forged requests."""
    return visits(WTF_CSRF_ENABLED=True)


@pytest.fixture
def events(installation):
    """What the audit log says about users."""

    def read():
        with installation.database.reading() as session:
            return list(session.scalars(select(AuditLog.event).order_by(AuditLog.id)))

    return read


def test_a_link_in_a_mail_leads_to_a_new_password(visitor, tenant, events):
    link = visitor.link()
    (mail,) = visitor.mails
    assert mail.subject == "Password reset instructions for your FlexMeasures account."
    assert mail.to == ["member@example.org"]
    assert visitor.client.get(link).status_code == 200
    visitor.choose(link)
    assert request_token(visitor.client, "member@example.org", NEW).status_code == 200
    assert request_token(visitor.client, "member@example.org", PASSWORD).status_code == 401
    assert visitor.mails[-1].subject == "Your FlexMeasures password has been reset."
    assert events() == [
        "Reset password instructions sent for user member",
        "Password reset for user member",
    ]


def test_records_name_the_user_as_the_one_who_did_it(visitor, tenant, installation):
    visitor.choose(visitor.link())
    with installation.database.reading() as session:
        records = session.scalars(select(AuditLog)).all()
    for record in records:
        assert record.active_user_id == record.affected_user_id == tenant.member.id
        assert record.affected_account_id == tenant.account.id


def test_all_tokens_and_sessions_end(visitor, tenant):
    other = visitor.app.test_client()
    form = {"email": "member@example.org", "password": PASSWORD}
    page = other.get("/login")
    form["csrf_token"] = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    other.post("/login", data=form | {"remember": "y"})
    assert other.get("/api/v3_0/assets").status_code == 200
    token = request_token(visitor.client, "member@example.org", PASSWORD).get_json()["auth_token"]
    headers = {"Authorization": token}
    assert visitor.client.get("/api/v3_0/assets", headers=headers).status_code == 200
    visitor.choose(visitor.link())
    assert other.get("/api/v3_0/assets").status_code == 401
    assert visitor.client.get("/api/v3_0/assets", headers=headers).status_code == 401


def test_nobody_is_logged_in_by_a_reset(visitor):
    visitor.choose(visitor.link())
    assert visitor.client.get("/api/v3_0/assets").status_code == 401


def without_tokens(text):
    return re.sub(r'value="[^"]*"', "", text)


def test_who_is_a_user_cannot_be_told_from_the_answer(visitor, tenant, events):
    known = visitor.ask("member@example.org")
    assert len(visitor.mails) == 1
    for email in ("nobody@example.org", "gone@example.org", "MEMBER2@example.org"):
        unknown = visitor.ask(email)
        assert unknown.status_code == known.status_code == 200
        assert without_tokens(unknown.text) == without_tokens(known.text)
    assert "If this address belongs to a user" in known.text
    assert len(visitor.mails) == 1
    assert len(events()) == 1


def test_nor_from_its_time_as_no_answer_waits_for_a_mail(visitor, tenant):
    free = threading.Event()
    visitor.outbox.send(free.wait)
    assert visitor.submit("/reset", email="member@example.org").status_code == 200
    assert visitor.mails == []
    free.set()
    visitor.outbox.wait()
    assert len(visitor.mails) == 1


def test_programs_get_the_same_for_both(visits):
    client = visits().client
    answers = [
        client.post("/reset", json={"email": email})
        for email in ("member@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()


def test_a_mail_server_that_fails_cannot_be_told_either(visits, caplog):
    visitor = visits(MAIL_PORT=1, WTF_CSRF_ENABLED=True)
    visitor.app.extensions["mailman"].backend = SmtpBackend
    answer = visitor.ask()
    assert answer.status_code == 200
    assert "was not sent" in caplog.text
    assert without_tokens(answer.text) == without_tokens(visitor.ask("nobody@example.org").text)


def test_a_link_works_once(visitor):
    link = visitor.link()
    visitor.choose(link)
    again = visitor.client.get(link)
    assert again.status_code == 302
    assert again.location == "/reset"
    visitor.client.post(link, data={"password": PASSWORD, "password_confirm": PASSWORD})
    assert request_token(visitor.client, "member@example.org", PASSWORD).status_code == 401


def test_a_later_link_does_not_end_an_earlier_one_but_using_either_does(visitor):
    first, second = visitor.link(), visitor.link()
    assert visitor.client.get(first).status_code == 200
    visitor.choose(second)
    assert visitor.client.get(first).status_code == 302


def test_a_link_lives_for_a_day(visitor):
    link = visitor.link()
    made = TimestampSigner("any").get_timestamp()
    day = int(timedelta(days=1).total_seconds())
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=made + day - 10):
        assert visitor.client.get(link).status_code == 200
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=made + day + 2):
        assert visitor.client.get(link).location == "/reset"


@pytest.mark.parametrize("token", ["x", "WyJhIiwiYiJd.abc.def", "%00", "a" * 3000])
def test_links_that_nobody_sent(visitor, token):
    answer = visitor.client.get(f"/reset/{token}")
    assert answer.status_code == 302
    assert answer.location == "/reset"


@pytest.mark.parametrize(
    ("password", "again", "complaint"),
    [
        ("short", None, "8 characters"),
        (NEW, "another", "do not match"),
        ("ﬃﬃ", None, "8 characters"),
    ],
)
def test_passwords_that_are_not_taken(visitor, password, again, complaint):
    answer = visitor.choose(visitor.link(), password, again)
    assert complaint in answer.text
    assert request_token(visitor.client, "member@example.org", PASSWORD).status_code == 200


def test_a_form_without_its_token_is_refused(visitor, tenant, events):
    visitor.client.post("/reset", data={"email": "member@example.org"})
    link = visitor.link()
    assert len(visitor.mails) == 1
    visitor.client.post(link, data={"password": NEW, "password_confirm": NEW})
    assert request_token(visitor.client, "member@example.org", PASSWORD).status_code == 200
    assert "Password reset for user member" not in events()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "///evil.example"]
)
def test_no_form_leads_to_another_host(visitor, elsewhere):
    link = visitor.link()
    for path, form in (
        ("/reset", {"email": "member@example.org"}),
        (link, {"password": NEW, "password_confirm": NEW}),
    ):
        form |= {"next": elsewhere, "csrf_token": visitor.csrf(path)}
        answer = visitor.client.post(f"{path}?next={elsewhere}", data=form)
        assert "evil" not in (answer.location or "")


def test_users_who_are_gone_by_then(visitor, tenant, installation):
    link = visitor.link()
    with installation.database.transaction() as session:
        session.delete(session.get_one(User, tenant.member.id))
    assert visitor.client.get(link).location == "/reset"


def test_no_plugin_is_needed_for_the_pages(visits):
    visitor = visits(FMHOST_PLUGINS_DISABLED=["ui"], WTF_CSRF_ENABLED=True)
    answer = visitor.choose(visitor.link())
    assert answer.request.path == "/login"
    assert request_token(visitor.client, "member@example.org", NEW).status_code == 200
