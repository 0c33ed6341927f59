"""Whether mail arrives at an address, as name servers tell."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from fmhost.errors import InvalidInput
from fmhost.services.users import deliverable_email


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server that knows ``takes-mail.org``, fails at ``broken.org``, and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        thread = threading.Thread(target=answer_all, args=(server,))
        thread.start()
        yield
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"", server.getsockname())  # no more questions
        thread.join()


def answer_all(server: socket.socket) -> None:
    while True:
        question, client = server.recvfrom(4096)
        if not question:
            return
        query = dns.message.from_wire(question)
        name = query.question[0].name
        answer = dns.message.make_response(query)
        if name.to_text() == "takes-mail.org.":
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", "10 mx.takes-mail.org."))
        elif name.to_text() == "broken.org.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        server.sendto(answer.to_wire(), client)


def test_domains_are_asked_for(open_installation, name_server: None) -> None:
    asking = open_installation(FMHOST_CHECK_MAIL_DOMAINS=True)
    assert deliverable_email(asking, "jo@Takes-Mail.org") == "jo@takes-mail.org"
    assert deliverable_email(asking, "jo@broken.org") == "jo@broken.org"
    with pytest.raises(InvalidInput, match=r"No mail arrives at 'jo@nowhere\.org'") as caught:
        deliverable_email(asking, "jo@nowhere.org")
    assert caught.value.field == "email"


def test_domains_are_not_asked_for_where_that_is_off(installation, name_server: None) -> None:
    assert deliverable_email(installation, "jo@nowhere.org") == "jo@nowhere.org"
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        deliverable_email(installation, "nowhere.org")
