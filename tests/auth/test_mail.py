"""Mail arrives, and what does not arrive costs nobody an answer."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy

import pytest

from fmhost.app import create
from fmhost.auth import mail
from fmhost.errors import ConfigurationError
from fmhost.model import User


class _SmtpServer(socketserver.ThreadingTCPServer):
    """Takes every mail, as a mail server would: greets, listens, stores."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _SmtpConversation)
        self.mails: list[tuple[list[str], bytes]] = []


class _SmtpConversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        envelope: list[str] = []
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self._say("354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append((envelope, content))
            elif word in (b"MAIL", b"RCPT"):
                envelope.append(line.decode().strip())
            self._say("221 bye" if word == b"QUIT" else "250 fine")
            if word == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def smtp():
    """A mail server on this machine."""
    with _SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sending(open_installation, tenant):
    """Applications that send mail by SMTP; the keywords are settings."""

    def make(**settings):
        app = create(installation=open_installation(**settings))
        # As in any other environment than ``testing``.
        app.extensions["mailman"].backend = mail.SmtpBackend
        return app

    return make


def test_a_mail_arrives(sending, smtp, tenant):
    app = sending(MAIL_SERVER="127.0.0.1", MAIL_PORT=smtp.server_address[1])
    with app.test_request_context(base_url="https://flex.example.org"):
        assert mail.send_password_reset(tenant.member)
    ((envelope, content),) = smtp.mails
    assert envelope[0].startswith("mail FROM:<no-reply@example.com>")
    assert envelope[1].startswith("rcpt TO:<member@example.org>")
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "Password reset instructions for your FlexMeasures account."
    assert message["From"] == "FlexMeasures <no-reply@example.com>"
    text = message.get_body(("plain",)).get_content()
    assert "https://flex.example.org/reset/" in text


def test_without_a_mail_server_it_is_logged_without_its_link(sending, tenant, caplog):
    with _SmtpServer() as gone:
        port = gone.server_address[1]
    app = sending(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    with app.test_request_context():
        assert not mail.send_password_reset(tenant.member)
    (record,) = [each for each in caplog.records if each.name == "fmhost.mail"]
    assert "was not sent by 127.0.0.1" in record.message
    assert "member@example.org" in record.message
    assert "MAIL_SERVER" in record.message
    assert "/reset" not in caplog.text


def test_settings_that_contradict_each_other_are_logged_too(sending, tenant, caplog):
    app = sending(MAIL_USE_TLS=True, MAIL_USE_SSL=True)
    with app.test_request_context():
        assert not mail.send_password_reset(tenant.member)
    assert "mutually exclusive" in caplog.text


def test_a_server_that_cannot_encrypt_gets_nothing(sending, smtp, tenant, caplog):
    app = sending(MAIL_SERVER="127.0.0.1", MAIL_PORT=smtp.server_address[1], MAIL_USE_TLS=True)
    with app.test_request_context():
        assert not mail.send_password_reset(tenant.member)
    assert smtp.mails == []
    assert "STARTTLS" in caplog.text


@pytest.mark.parametrize(
    ("configured", "asked_for", "leads_to"),
    [
        (None, "http://localhost:5000", "http://localhost:5000/reset/"),
        ("https://flex.example.org", "http://evil.example", "https://flex.example.org/reset/"),
        ("https://example.org/flex/", "http://evil.example", "https://example.org/flex/reset/"),
    ],
)
def test_where_the_link_leads(open_installation, tenant, configured, asked_for, leads_to):
    app = create(installation=open_installation(FMHOST_SITE_URL=configured))
    with app.test_request_context(base_url=asked_for):
        assert mail.send_password_reset(tenant.member)
    (message,) = app.extensions["mailman"].outbox
    assert leads_to in message.body
    assert "evil" not in message.body


def test_outside_of_requests_the_address_of_the_site_is_needed(open_installation, tenant, caplog):
    with create(installation=open_installation()).app_context():
        assert not mail.send_password_reset(tenant.member)
    assert "without FMHOST_SITE_URL" in caplog.text
    app = create(installation=open_installation(FMHOST_SITE_URL="https://flex.example.org"))
    with app.app_context():
        assert mail.send_password_reset(tenant.member)


def test_without_resets_there_is_no_mail_about_them(open_installation, tenant, caplog):
    app = create(installation=open_installation(SECURITY_RECOVERABLE=False))
    with app.test_request_context():
        assert not mail.send_password_reset(tenant.member)
    assert "without SECURITY_RECOVERABLE" in caplog.text
    assert app.test_client().get("/reset").status_code == 404


@pytest.mark.parametrize("address", ["flex.example.org", "ftp://example.org", "https://"])
def test_an_address_to_which_no_link_can_lead_is_refused(open_installation, address):
    with pytest.raises(ConfigurationError, match="FMHOST_SITE_URL"):
        create(installation=open_installation(FMHOST_SITE_URL=address))


def test_sending_leaves_the_request_at_hand_as_it_is(app, tenant, installation):
    """Its session is not rolled back, and who asks stays who asks."""
    with app.test_request_context("/", method="POST"):
        from flask import g

        g.mark = "still here"
        assert mail.send_password_reset(tenant.member)
        assert g.mark == "still here"


def test_what_fails_in_the_background_is_logged(app, caplog):
    with app.app_context():
        outbox = mail.outbox()

    def fail(user: User) -> None:
        raise RuntimeError("out of stamps")

    outbox.send(fail, None)
    outbox.wait()
    assert "out of stamps" in caplog.text
