"""What ``fmhost monitor`` does with what it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from fmhost.plugin import Installation, watching

recipient_option: Callable[[Any], Any] = click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help="Address that gets alerts; may be repeated. [default: those of the setting "
    "FLEXMEASURES_MONITORING_MAIL_RECIPIENTS]",
)


def raise_alarm(
    installation: Installation,
    subject: str,
    findings: Sequence[str],
    custom_message: str,
    recipients: Sequence[str],
) -> None:
    """Print, log and mail what was found, and end the program with 1.

    :raises MailNotSent: where the mail server does not take the mail.
    """
    for finding in findings:
        click.secho(finding, fg="red")
    told = tell(installation, subject, findings, custom_message, recipients)
    click.echo(f"Alerted: {', '.join(told) or 'nobody by mail'}.", err=True)
    click.get_current_context().exit(1)


def tell(
    installation: Installation,
    subject: str,
    findings: Sequence[str],
    custom_message: str,
    recipients: Sequence[str],
) -> list[str]:
    """Log and mail what was found; returns who got a mail.

    :raises MailNotSent: where the mail server does not take the mail.
    """
    default: list[str] = installation.settings["FLEXMEASURES_MONITORING_MAIL_RECIPIENTS"]
    addresses = list(dict.fromkeys(recipients or default))
    text = "\n".join([*filter(None, [custom_message]), *findings])
    watching.alert(installation, addresses, subject, f"{text}\n")
    return addresses
