"""Plain mails to people, by the mail server of the settings; the web framework is not needed."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

from fmhost.errors import MailNotSent
from fmhost.settings import Settings

#: How long the mail server may keep us waiting for each of its answers [s].
_PATIENCE = 10


def is_configured(settings: Settings) -> bool:
    """Whether somebody has named a mail server."""
    return settings.source("MAIL_SERVER") != "default"


def send(settings: Settings, recipients: Sequence[str], subject: str, text: str) -> None:
    """Send a mail.

    :raises MailNotSent: where the mail server cannot be reached, or does not take it.
    """
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    sender = settings["MAIL_DEFAULT_SENDER"]
    message["From"] = sender if isinstance(sender, str) else formataddr(tuple(sender))
    message["To"] = ", ".join(recipients)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid()
    message.set_content(text)
    try:
        with connect(settings) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MailNotSent(
            f"The mail '{message['Subject']}' was not sent by {server_of(settings)}: "
            f"{_reason(error)}.",
            hint="See the settings MAIL_SERVER and those that follow.",
        ) from error


def connect(settings: Settings) -> smtplib.SMTP:
    """A connection to the mail server, encrypted and logged in as the settings say.

    The certificate of the server is checked. Use it as a context manager.

    :raises OSError: where that fails.
    """
    where = settings["MAIL_SERVER"], settings["MAIL_PORT"]
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(*where, timeout=_PATIENCE, context=context)
        if settings["MAIL_USE_SSL"]
        else smtplib.SMTP(*where, timeout=_PATIENCE)
    )
    try:
        if settings["MAIL_USE_TLS"]:
            server.starttls(context=context)
        if settings["MAIL_USERNAME"]:
            server.login(settings["MAIL_USERNAME"], settings["MAIL_PASSWORD"] or "")
    except BaseException:
        server.close()
        raise
    return server


def server_of(settings: Settings) -> str:
    """The address of the mail server."""
    return f"{settings['MAIL_SERVER']}:{settings['MAIL_PORT']}"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
