"""The pages about logins and passwords in a real browser, at a desk and on a phone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from fmhost.app import create
from fmhost.testing.browser import note_console
from fmhost.testing.tenants import PASSWORD

NEW = "a new password, at last"

#: Width and height [px] of the window.
SCREENS = {"desk": (1280, 800), "phone": (390, 844)}

pytestmark = [
    pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:'get_token_status' is deprecated"),
]

#: What sticks out at the side but slides, and what can be pressed or filled in and is less than
#: 24 px high.
_FLAWS = """() => {
  const flaws = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) flaws.push("the page scrolls sideways");
  for (const each of document.querySelectorAll("main *")) {
    const box = each.getBoundingClientRect();
    if (!box.width) continue;
    const sticksOut = box.left < 0 || box.right > width + 0.5;
    if (sticksOut && !each.closest(".slides > *")) flaws.push(each.outerHTML);
    const small = box.height < 24 && each.type !== "checkbox";
    if (each.matches("input, button") && small) flaws.push(each.outerHTML);
  }
  return flaws;
}"""


@pytest.fixture
def database_kind() -> str:
    """What a browser shows is the same on either database."""
    return "sqlite"


class Site:
    """A running server and the mail that it sends."""

    def __init__(self, app: Any, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._extensions = app.extensions

    def in_last_mail(self, pattern: str) -> str:
        self._extensions["fmhost.outbox"].wait()
        match = re.search(pattern, self._extensions["mailman"].outbox[-1].body)
        assert match is not None
        return match[0]


@pytest.fixture
def serve(open_installation: Callable[..., Any], tenant: Any) -> Iterator[Callable[..., Site]]:
    """Gives a site with the tenant; the keywords are settings."""
    servers = []

    def start(**settings: Any) -> Site:
        app = create(installation=open_installation(WTF_CSRF_ENABLED=True, **settings))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return Site(app, server.server_port)

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(params=SCREENS)
def visit(request: Any, chromium: Any, serve: Any) -> Iterator[Callable[..., Any]]:
    """Gives a page of a site, on each screen; afterwards, nothing must have gone wrong on it.

    It is closed before the site is, which it could still be asking for something.
    """
    width, height = SCREENS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height})
    said: list[str] = []

    def note_foreign(asked: Any) -> None:
        if not asked.url.startswith("http://127.0.0.1:"):
            said.append(asked.url)

    def open_page(url: str) -> Any:
        page = context.new_page()
        note_console(page, said)
        page.on("requestfailed", lambda failed: said.append(failed.url))
        page.on("request", note_foreign)
        page.goto(url)
        return page

    yield open_page
    context.close()
    assert said == []


@pytest.fixture
def look(tmp_path: Any, request: Any) -> Callable[..., None]:
    """``look(page, name)``: see that it fits the window, and keep a picture of it."""

    def look_at(page: Any, name: str) -> None:
        page.wait_for_load_state()
        assert page.evaluate(_FLAWS) == []
        page.screenshot(path=tmp_path / f"{request.node.name}-{name}.png")

    return look_at


def log_in(page: Any, email: str, password: str) -> None:
    """With the keyboard alone: the first field has the focus."""
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def heading(page: Any) -> str:
    text: str = page.inner_text("h1")
    return text


def test_logging_in(visit: Any, serve: Any, look: Any, tenant: Any) -> None:
    site = serve()
    page = visit(f"{site.url}/sensors/{tenant.power.id}")
    assert heading(page) == "Log in"
    look(page, "login")
    log_in(page, tenant.member.email, "wrong")
    assert "Authentication failed" in page.inner_text("#complaints")
    assert page.input_value("#email") == tenant.member.email
    look(page, "refused")
    page.keyboard.type(PASSWORD)  # the field with the focus
    page.click("button:has-text('Log in')")
    page.wait_for_url(f"{site.url}/sensors/{tenant.power.id}")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["session"]["httpOnly"]
    assert cookies["session"]["sameSite"] == "Lax"
    assert cookies["session"]["expires"] == -1
    if page.is_visible("#menu-opener"):
        page.click("#menu-opener")
    page.click("button:has-text('Log out')")
    page.wait_for_url("**/login*")


def test_choosing_another_password(visit: Any, serve: Any, look: Any, tenant: Any) -> None:
    site = serve()
    page = visit(f"{site.url}/login")
    page.click("text=Forgotten your password?")
    assert heading(page) == "Forgotten password"
    look(page, "forgotten")
    page.keyboard.type(tenant.member.email)
    page.keyboard.press("Enter")
    page.wait_for_selector(".message")
    look(page, "sent")
    page.goto(site.in_last_mail(rf"{re.escape(site.url)}/reset/\S+"))
    assert heading(page) == "New password"
    page.keyboard.type("short")
    page.click("button:has-text('Change the password')")
    # The browser itself says so, and sends nothing.
    assert page.evaluate("document.querySelector('#password').validity.tooShort")
    page.fill("#password", NEW)
    page.fill("#password_confirm", f"{NEW}!")
    page.click("button:has-text('Change the password')")
    page.wait_for_selector("#complaints")
    assert page.input_value("#password") == ""
    look(page, "complaint")
    page.fill("#password", NEW)
    page.fill("#password_confirm", NEW)
    page.click("button:has-text('Change the password')")
    page.wait_for_url("**/login*")
    look(page, "changed")
    log_in(page, tenant.member.email, PASSWORD)
    assert heading(page) == "Log in"
    page.fill("#password", NEW)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Dashboard')")


def test_entering_a_code(visit: Any, serve: Any, look: Any, tenant: Any) -> None:
    site = serve(SECURITY_TWO_FACTOR=True)
    page = visit(f"{site.url}/sensors/{tenant.power.id}")
    log_in(page, tenant.member.email, PASSWORD)
    assert heading(page) == "Enter the code"
    look(page, "code")
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    page.wait_for_selector("#complaints")
    look(page, "wrong")
    page.click("text=Ask for help")
    page.wait_for_selector("text=have got a mail about you")
    page.click("text=Send another code")
    page.wait_for_selector("text=Another code is on its way")
    look(page, "another")
    page.fill("#code", site.in_last_mail(r"\b\d{6}\b"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/sensors/{tenant.power.id}")
