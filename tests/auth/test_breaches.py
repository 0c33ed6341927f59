"""New passwords are looked up in a list of stolen ones, and nobody waits long for that."""

from __future__ import annotations

import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fmhost.app import create
from fmhost.auth import breaches

STOLEN = "correct horse battery"


class _List(BaseHTTPRequestHandler):
    """A range service that knows one password, seen five times."""

    def do_GET(self):
        self.server.asked.append(self.path)
        digits = hashlib.sha1(STOLEN.encode()).hexdigest().upper()
        lines = ["0" * 35 + ":3"]
        if self.path == f"/range/{digits[:5]}":
            lines.append(f"{digits[5:]}:5")
        self.send_response(200)
        self.end_headers()
        self.wfile.write("\r\n".join(lines).encode())

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def stolen_list():
    """The list on this machine; it notes what it is asked."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _List) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(server):
    return f"http://127.0.0.1:{server.server_address[1]}/range/"


@pytest.fixture
def complaints(open_installation):
    """What is said about a password; the keywords are settings."""

    def check(password, **settings):
        app = create(installation=open_installation(**settings))
        with app.test_request_context():
            found, _ = app.extensions["security"].password_util.validate(password, False)
            return found or []

    return check


def test_a_stolen_password_is_refused_and_others_are_not(stolen_list, complaints):
    settings = {
        "SECURITY_PASSWORD_CHECK_BREACHED": "best-effort",
        "SECURITY_PASSWORD_BREACHED_URL": address(stolen_list),
    }
    assert "breached" in complaints(STOLEN, **settings)[0]
    assert complaints("another " + STOLEN, **settings) == []
    assert complaints(STOLEN, SECURITY_PASSWORD_BREACHED_COUNT=6, **settings) == []


def test_the_list_learns_five_digits_of_a_hash(stolen_list):
    assert breaches.times_breached(STOLEN, address(stolen_list)) == 5
    digits = hashlib.sha1(STOLEN.encode()).hexdigest().upper()
    assert stolen_list.asked == [f"/range/{digits[:5]}"]


def test_short_passwords_are_not_looked_up(stolen_list, complaints):
    url = address(stolen_list)
    found = complaints(
        "short", SECURITY_PASSWORD_CHECK_BREACHED="strict", SECURITY_PASSWORD_BREACHED_URL=url
    )
    assert "8 characters" in found[0]
    assert stolen_list.asked == []


def test_nothing_is_looked_up_without_the_setting(stolen_list, complaints):
    url = address(stolen_list)
    assert complaints(STOLEN, SECURITY_PASSWORD_BREACHED_URL=url) == []
    assert stolen_list.asked == []


def test_a_list_that_cannot_be_reached_lets_passwords_pass_unless_it_must_be(complaints, caplog):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/range/"
    settings = {"SECURITY_PASSWORD_BREACHED_URL": url}
    assert complaints(STOLEN, SECURITY_PASSWORD_CHECK_BREACHED="best-effort", **settings) == []
    assert "could not be looked up" in caplog.text
    assert STOLEN not in caplog.text
    assert complaints(STOLEN, SECURITY_PASSWORD_CHECK_BREACHED="strict", **settings) != []


def test_a_list_that_does_not_answer_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/range/"
        with pytest.raises(TimeoutError):
            breaches.times_breached(STOLEN, url, patience=0.05)
