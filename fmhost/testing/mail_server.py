"""A mail server on this machine, which keeps what it gets."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What arrived.

    :param port: of the server, on 127.0.0.1.
    :param mails: each with its text, without the blank lines at its end.
    :param refuses: recipients whom the server does not know.
    """

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mailbox: Mailbox


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self._say("354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                message = message_from_bytes(content, policy=policy.default)
                assert isinstance(message, EmailMessage)
                self.server.mailbox.mails.append(message)
            unknown = word == b"RCPT" and any(
                name in line.decode() for name in self.server.mailbox.refuses
            )
            if unknown:
                self._say("550 nobody of that name here")
            else:
                self._say("221 bye" if word == b"QUIT" else "250 fine")
            if word == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server that runs within the block."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.mailbox = Mailbox(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.mailbox
        finally:
            server.shutdown()
            thread.join()
