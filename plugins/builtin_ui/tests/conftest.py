"""A browser without scripts: logs in by the form, follows links, and reads what is on the page."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.serving import make_server

from fmhost.app import create
from fmhost.model import Sensor, User
from fmhost.services import recording, sources
from fmhost.testing.browser import note_console
from fmhost.testing.tenants import PASSWORD

_VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass
class Element:
    """An element of a page; `parts` are its texts and elements in their order."""

    tag: str
    attributes: dict[str, str]
    parts: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within, with single blanks."""
        texts = (part if isinstance(part, str) else part.text for part in self.parts)
        return re.sub(r"\s+", " ", " ".join(texts)).strip()

    def all(self, tag: str, cls: str = "") -> list[Element]:
        """The elements within of that tag, and of that class if one is given."""
        found = []
        for part in self.parts:
            if isinstance(part, Element):
                classes = part.attributes.get("class", "").split()
                if part.tag == tag and (not cls or cls in classes):
                    found.append(part)
                found.extend(part.all(tag, cls))
        return found

    def one(self, tag: str, cls: str = "") -> Element:
        """The only such element."""
        (found,) = self.all(tag, cls)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].parts.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> ends <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)

    def finish(self) -> Element:
        assert len(self._open) == 1, f"<{self._open[-1].tag}> is not ended"
        return self.root


def _parsed(text: str) -> Element:
    """The page, seen to be well formed, free of foreign addresses and of inline code."""
    assert text.startswith("<!DOCTYPE html>")
    builder = _Builder()
    builder.feed(text)
    builder.close()
    page = builder.finish()
    everything = _descendants(page)
    ids = [element.attributes["id"] for element in everything if "id" in element.attributes]
    assert len(ids) == len(set(ids)), f"An id occurs twice: {sorted(ids)}"
    for element in everything:
        _check(element, ids)
    assert len(page.all("main")) == 1
    assert len(page.all("h1")) == 1
    assert page.one("head").one("title").text
    return page


def _descendants(element: Element) -> list[Element]:
    children = [part for part in element.parts if isinstance(part, Element)]
    return [each for child in children for each in (child, *_descendants(child))]


def _check(element: Element, ids: list[str]) -> None:
    for name, value in element.attributes.items():
        assert name != "style", f"<{element.tag}> has a style of its own"
        assert not name.startswith("on"), f"<{element.tag}> has the script {name}"
        if name != "xmlns":
            assert "//" not in value, f"{element.tag}.{name} leads elsewhere: {value}"
        if name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(value.split()) <= set(ids), f"{element.tag}.{name} names nothing: {value}"
    assert element.tag != "style"
    if element.tag == "script":
        assert element.attributes["type"] == "module"
        assert element.attributes["src"].startswith("/ui/static/")
        assert element.parts == []
    assert element.attributes.get("xmlns", _SVG_NAMESPACE) == _SVG_NAMESPACE


def _chosen(select: Element) -> str:
    """The value of a list of which one is chosen: the first one where none is marked."""
    options = select.all("option")
    marked = [each for each in options if "selected" in each.attributes]
    return (marked or options)[0].attributes["value"]


class Browser:
    """Asks for pages with a session of its own."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.answer: Any = None

    def get(self, path: str, status: int = 200) -> Element:
        """The page there, with redirects followed."""
        self.answer = self.client.get(path, follow_redirects=True)
        assert self.answer.status_code == status, self.answer.text
        return _parsed(self.answer.text)

    def submit(self, form: Element, button: Element | None = None, **values: Any) -> Element:
        """The page that answers a form with these values and those that its fields have.

        :param button: which one is pressed, where it makes a difference.
        :param values: texts; of a file, a pair of a stream and a name.
        """
        data: dict[str, Any] = {
            each.attributes["name"]: each.attributes.get("value", "")
            for each in form.all("input")
            if "name" in each.attributes
            and (each.attributes.get("type") != "checkbox" or "checked" in each.attributes)
        }
        data |= {each.attributes["name"]: each.text for each in form.all("textarea")}
        data |= {each.attributes["name"]: _chosen(each) for each in form.all("select")}
        assert set(values) <= set(data)
        if button is not None:
            data[button.attributes["name"]] = button.attributes["value"]
        path = form.attributes["action"]
        self.answer = self.client.post(path, data=data | values, follow_redirects=True)
        return _parsed(self.answer.text)

    def log_in(self, user: User | None = None, password: str = PASSWORD, at: str = "/") -> Element:
        """The page that one comes to by asking for `at` and filling in the login form."""
        assert user is not None
        form = self.get(at).one("form", "fields")
        return self.submit(form, email=user.email, password=password)


@pytest.fixture
def browse(open_installation: Callable[..., Any], tenant: Any) -> Callable[..., Browser]:
    """Gives a browser in front of a site with the tenant; the keywords are settings."""
    return lambda **settings: Browser(
        create(installation=open_installation(**settings)).test_client()
    )


@pytest.fixture
def browser(browse: Callable[..., Browser]) -> Browser:
    """A browser that is not logged in, in front of a site with the tenant and forgery guards."""
    return browse(WTF_CSRF_ENABLED=True)


@pytest.fixture
def store(installation: Any) -> Callable[..., None]:
    """``store(sensor, start, values, by="scheduler")``: as some source of that type believes."""

    def store_it(sensor: Any, start: datetime, values: list[float], by: str = "user") -> None:
        with installation.database.transaction() as session:
            recording.record(
                installation,
                session,
                session.get_one(Sensor, sensor.id),
                sources.create_source(session, name=f"some {by}", source_type=by),
                start=start,
                values=values,
                belief_time=installation.now(),
            )

    return store_it


@dataclass
class RealBrowser:
    """A real browser, and what its pages complained about or asked of other hosts."""

    chromium: Any
    url: str
    said: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def open(self, path: str, person: User, *, phone: bool = False) -> Any:
        """The page that somebody sees who has just logged in."""
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        # Far from the zone of the sensors, whose times are shown nevertheless.
        zone = "America/New_York"
        context = self.chromium.new_context(viewport=size, base_url=self.url, timezone_id=zone)
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        note_console(page, self.said)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda asked: self._ask(asked.url))
        page.goto(f"/login?{urlencode({'next': path})}")
        page.fill("#email", person.email)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")
        return page

    def close(self) -> list[str]:
        """Close all pages; what went wrong on them."""
        for context in self.contexts:
            context.close()
        return self.said

    def _ask(self, url: str) -> None:
        if not url.startswith((self.url, "blob:", "data:")):
            self.said.append(url)


@pytest.fixture
def real_browser(chromium: Any, open_installation: Callable[..., Any]) -> Iterator[RealBrowser]:
    """A browser for a server of its own, with CSRF protection."""
    app = create(installation=open_installation(WTF_CSRF_ENABLED=True))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield RealBrowser(chromium, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
