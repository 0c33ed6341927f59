"""Mail to users: what Flask-Security has to say to them, by the mail server of the settings.

A mail server that is missing or fails never costs a request its answer: what was not sent stands in
the log, without the links and codes in it.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, has_request_context, request
from flask_mailman import Mail  # type: ignore[import-untyped]
from flask_mailman.backends.smtp import EmailBackend  # type: ignore[import-untyped]
from flask_security import MailUtil
from flask_security.recoverable import send_reset_password_instructions

from fmhost.auth.users import LoginUser
from fmhost.errors import ConfigurationError
from fmhost.model import User
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.mail")

#: How long the mail server may keep us waiting for each of its answers [s].
_PATIENCE = 10

#: Mails of which those who have them sent must know when they were not.
_ESSENTIAL = ("reset_instructions", "two_factor_instructions")

#: A mail about which its page says that it was sent.
_CALL_FOR_HELP = "two_factor_rescue"


def init_mail(app: Flask, settings: Settings) -> None:
    """Let the application send mail.

    In the environment ``testing``, mail is only collected, in the list
    ``app.extensions["mailman"].outbox``.

    :raises ConfigurationError: where the address of the site is none.
    """
    _check_address(settings["FMHOST_SITE_URL"])
    app.config |= {name: settings[name] for name in settings if name.startswith("MAIL_")}
    app.config |= {
        "MAIL_TIMEOUT": _PATIENCE,
        "MAIL_BACKEND": "locmem" if settings.environment == "testing" else SmtpBackend,
        "SECURITY_EMAIL_SENDER": settings["MAIL_DEFAULT_SENDER"],
    }
    Mail(app)
    app.extensions["fmhost.outbox"] = Outbox()


def _check_address(site: str | None) -> None:
    parts = urlsplit(site or "http://localhost")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(
            f"FMHOST_SITE_URL is '{site}', to which no link can lead.",
            field="FMHOST_SITE_URL",
            hint="It looks like https://flex.example.org.",
        )


class _Smtp(smtplib.SMTP):
    """A connection that, once encrypted, is one to the server that was meant."""

    def starttls(self, *arguments: Any, **options: Any) -> Any:
        options["context"] = options.get("context") or ssl.create_default_context()
        return super().starttls(*arguments, **options)


class SmtpBackend(EmailBackend):  # type: ignore[misc]
    """Sends mail by SMTP. The certificate of the server is checked with STARTTLS, too."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What connects to the server."""
        return smtplib.SMTP_SSL if self.use_ssl else _Smtp


class Postman(MailUtil):  # type: ignore[misc]
    """Sends what Flask-Security has written."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        *content: Any,
        **context: Any,
    ) -> None:
        """Send a mail. What cannot be sent is logged.

        :raises OSError: where the mail server cannot be reached or refuses an essential mail.
        :raises ValueError: where the settings contradict each other, or an address is none.
        """
        try:
            super().send_mail(template, subject, recipient, sender, *content, **context)
        except (OSError, ValueError) as error:
            config = current_app.config
            logger.error(
                "The mail '%s' to %s was not sent by %s:%s: %s. See the settings MAIL_SERVER ff.",
                *(subject, recipient, config["MAIL_SERVER"], config["MAIL_PORT"], error),
            )
            name = template.rpartition("/")[2]
            if name in _ESSENTIAL:
                raise
            if name == _CALL_FOR_HELP:
                flash("The mail could not be sent. Try again later.", "error")


class Outbox:
    """Mail that is sent in the background, one after the other."""

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        # Not before there is something to send: a server may still fork its workers.
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="fmhost-outbox")

    def send(self, task: Any, *arguments: Any) -> Future[Any]:
        """Have `task` called soon, which sends something; that it fails is logged."""
        return self._thread.submit(_logging_failures, task, *arguments)

    def wait(self) -> None:
        """Wait until all is sent that was to be sent until now."""
        self._thread.submit(lambda: None).result()


def _logging_failures(task: Any, *arguments: Any) -> None:
    try:
        task(*arguments)
    except Exception:
        logger.exception("A mail was not sent.")


def outbox() -> Outbox:
    """The outbox of the application."""
    found: Outbox = current_app.extensions["fmhost.outbox"]
    return found


def site_url() -> str | None:
    """Where links in mails lead: ``FMHOST_SITE_URL``, else the address that the request is for."""
    configured: str | None = current_app.config["FMHOST_SITE_URL"]
    return configured or (request.url_root if has_request_context() else None)


def send_password_reset(user: User, *, site: str | None = None) -> bool:
    """Send `user` a link under which they can choose another password.

    Needs the context of an application. The link dies with the password, the tokens and the
    sessions that the user has now, so that whatever ends these comes first.

    :param site: where the link leads; default :func:`site_url`.
    :return: whether it was sent; if not, the reason is in the log.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    site = site or site_url()
    if not app.config["SECURITY_RECOVERABLE"] or site is None:
        lacking = "FMHOST_SITE_URL" if site is None else "SECURITY_RECOVERABLE"
        logger.error("No link for a new password was sent to %s, without %s.", user.email, lacking)
        return False
    # In contexts of its own: links are made for the site, and the request at hand goes on after.
    with app.app_context(), app.test_request_context(base_url=site):
        try:
            send_reset_password_instructions(LoginUser(user))
        except (OSError, ValueError):  # in the log already
            return False
    return True
