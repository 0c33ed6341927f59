"""The pages for forgotten passwords and for the second factor of a login."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fmhost.auth.mail import SmtpBackend
from fmhost.testing.tenants import PASSWORD

NEW = "a new password, at last"

#: A form of Flask-Security writes its choices in an older way of WTForms, and its version 5.7 calls
#: what it deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:'get_token_status' is deprecated"),
]


class Mailbox:
    """What the site has sent."""

    def __init__(self, browser: Any) -> None:
        self._extensions = browser.client.application.extensions

    def wait(self) -> None:
        self._extensions["fmhost.outbox"].wait()

    @property
    def mails(self) -> list[Any]:
        self.wait()
        found: list[Any] = getattr(self._extensions["mailman"], "outbox", [])
        return found

    def find(self, pattern: str) -> str:
        match = re.search(pattern, self.mails[-1].body)
        assert match is not None
        return match[1]


@pytest.fixture
def mailbox(browser: Any) -> Iterator[Mailbox]:
    """The mail of the site in front of which `browser` is."""
    found = Mailbox(browser)
    yield found
    found.wait()


def test_the_login_page_leads_to_another_password(
    browser: Any, mailbox: Mailbox, tenant: Any
) -> None:
    links = {link.text: link.attributes["href"] for link in browser.get("/login").all("a")}
    page = browser.get(links["Forgotten your password?"])
    assert page.one("h1").text == "Forgotten password"
    page = browser.submit(page.one("form", "fields"), email=tenant.member.email)
    assert "If this address belongs to a user" in page.one("p", "message").text
    page = browser.get(mailbox.find(r"http://localhost(/reset/\S+)"))
    assert page.one("h1").text == "New password"
    page = browser.submit(page.one("form", "fields"), password=NEW, password_confirm=NEW)
    assert page.one("h1").text == "Log in"
    assert page.all("p", "message") != []
    assert browser.log_in(tenant.member, PASSWORD, at="/login").one("h1").text == "Log in"
    assert browser.log_in(tenant.member, NEW, at="/login").one("h1").text == "Dashboard"


def test_what_is_wrong_with_a_password_is_told(browser: Any, mailbox: Mailbox, tenant: Any) -> None:
    form = browser.get("/reset").one("form", "fields")
    browser.submit(form, email=tenant.member.email)
    form = browser.get(mailbox.find(r"http://localhost(/reset/\S+)")).one("form", "fields")
    page = browser.submit(form, password="short", password_confirm="short")
    assert "8 characters" in page.one("div", "error").text
    again = browser.submit(page.one("form", "fields"), password=NEW, password_confirm="another")
    assert again.one("div", "error").text != page.one("div", "error").text
    assert NEW not in browser.answer.text


def test_an_old_link_leads_to_a_new_mail(browser: Any, mailbox: Mailbox) -> None:
    page = browser.get("/reset/made-up")
    assert page.one("h1").text == "Forgotten password"
    assert page.one("p", "message").text != ""


def test_without_resets_the_login_page_says_nothing_of_them(browse: Callable[..., Any]) -> None:
    browser = browse(SECURITY_RECOVERABLE=False)
    assert "Forgotten" not in browser.get("/login").text
    assert browser.client.get("/reset").status_code == 404


@pytest.fixture
def careful(browse: Callable[..., Any]) -> Any:
    """A browser in front of a site with two factors."""
    return browse(SECURITY_TWO_FACTOR=True, WTF_CSRF_ENABLED=True)


def test_a_code_of_a_mail_completes_the_login(careful: Any, tenant: Any) -> None:
    mailbox = Mailbox(careful)
    page = careful.log_in(tenant.member, at=f"/sensors/{tenant.power.id}")
    assert page.one("h1").text == "Enter the code"
    code = mailbox.find(r"\b(\d{6})\b")
    page = careful.submit(page.all("form")[0], code=code)
    assert careful.answer.request.path == f"/sensors/{tenant.power.id}"


def test_another_code_is_asked_for_after_a_wrong_one(careful: Any, tenant: Any) -> None:
    mailbox = Mailbox(careful)
    page = careful.log_in(tenant.member, at=f"/sensors/{tenant.power.id}")
    page = careful.submit(page.all("form")[0], code="wrong")
    assert "A code can be tried once" in page.one("div", "error").text
    rescue = page.all("form")[1]
    page = careful.submit(rescue, rescue.all("button")[0])
    assert page.one("p", "message").text.startswith("Another code is on its way")
    careful.submit(page.all("form")[0], code=mailbox.find(r"\b(\d{6})\b"))
    assert careful.answer.request.path == f"/sensors/{tenant.power.id}"


def test_who_gets_no_mail_asks_for_help(careful: Any, tenant: Any) -> None:
    mailbox = Mailbox(careful)
    page = careful.log_in(tenant.member)
    rescue = page.all("form")[1]
    page = careful.submit(rescue, rescue.all("button")[1])
    assert "have got a mail about you" in page.one("p", "message").text
    assert mailbox.mails[-1].to == ["no-reply@example.com"]


def test_another_mail_that_cannot_be_sent_is_told(browse: Callable[..., Any], tenant: Any) -> None:
    browser = browse(SECURITY_TWO_FACTOR=True, MAIL_PORT=1)
    page = browser.log_in(tenant.member)
    browser.client.application.extensions["mailman"].backend = SmtpBackend
    rescue = page.all("form")[1]
    page = browser.submit(rescue, rescue.all("button")[0])
    assert "Another code" not in page.text
    assert page.one("div", "error").text == "Failed to send code. Please try again later"
    page = browser.submit(rescue, rescue.all("button")[1])
    assert page.one("p", "error").text == "The mail could not be sent. Try again later."
    assert "have got a mail" not in page.text


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "/\\example.com"])
def test_no_code_leads_to_another_host(careful: Any, tenant: Any, elsewhere: str) -> None:
    mailbox = Mailbox(careful)
    page = careful.log_in(tenant.member)
    token = page.all("form")[0].all("input")[0].attributes["value"]
    form = {"code": mailbox.find(r"\b(\d{6})\b"), "csrf_token": token, "next": elsewhere}
    answer = careful.client.post("/tf-validate", data=form, query_string={"next": elsewhere})
    assert answer.status_code == 302
    # A browser takes a second slash, and a backslash in its place, for the beginning of a host.
    assert re.match(r"/(?![/\\])", answer.location)


def test_the_pages_run_no_scripts_and_are_not_kept(careful: Any, tenant: Any) -> None:
    for path in ("/reset", "/login"):
        careful.get(path)
        assert "default-src 'none'" in careful.answer.headers["Content-Security-Policy"]
        assert careful.answer.headers["Cache-Control"] == "no-store"
    careful.log_in(tenant.member)
    assert careful.answer.headers["Cache-Control"] == "no-store"
