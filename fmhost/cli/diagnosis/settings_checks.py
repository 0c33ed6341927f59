"""Settings, secrets, mail."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from fmhost.cli.diagnosis.findings import Finding, Patient
from fmhost.errors import ConfigurationError
from fmhost.services import mails
from fmhost.settings.secret_key import FILE_NAME as SECRET_KEY_FILE
from fmhost.settings.totp_secrets import FILE_NAME as TOTP_SECRETS_FILE

#: A key that is shorter, or has fewer different characters, can be guessed.
_SHORTEST_KEY, _FEWEST_CHARACTERS = 32, 10
_MAKE_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"


def check_settings(patient: Patient) -> Iterator[Finding]:
    """Names that are misspelt, old, or in a place where they do not count."""
    for warning in patient.settings.warnings:
        is_old = "older name" in warning or "deprecated" in warning
        first, _, rest = warning.partition(". ")
        yield Finding(
            "settings",
            f"{first.rstrip('.')}.",
            rest or "Correct its name or its place; see docs/settings.md.",
            "advice" if is_old else "problem",
        )
    for advice in patient.settings.recommendations() if patient.serves_others else ():
        what, _, remedy = advice.removeprefix("Warning: ").partition(". ")
        if not what.startswith("Without complete mail"):  # see the check of the mail
            yield Finding("settings", f"{what}.", remedy, "advice")


def check_secret_key(patient: Patient) -> Iterator[Finding]:
    """Sessions and tokens are signed with a key that nobody guesses."""
    try:
        key = patient.settings.require_secret_key()
    except ConfigurationError as error:
        yield Finding.of("secret-key", error)
        return
    weak = len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_CHARACTERS
    if weak and patient.serves_others:
        yield Finding(
            "secret-key",
            f"SECRET_KEY can be guessed: it has {len(key)} characters, {len(set(key))} of them "
            "different.",
            f"Take a random one of {_SHORTEST_KEY} or more: {_MAKE_KEY}. All users have to log in "
            "anew then; set SECURITY_PASSWORD_SALT to the old key to keep their passwords.",
        )


def check_debug(patient: Patient) -> Iterator[Finding]:
    """Errors show nothing of the inside to the public."""
    if patient.settings["DEBUG"] and patient.serves_others:
        yield Finding(
            "debug",
            f"DEBUG is on in the environment '{patient.settings.environment}': whoever causes an "
            "error sees code and data.",
            "Set DEBUG to false, or FLEXMEASURES_ENV to development where nobody else gets in.",
        )


def check_secret_files(patient: Patient) -> Iterator[Finding]:
    """Files with secrets are readable by their owner only."""
    instance = patient.settings.instance
    for path in (instance / SECRET_KEY_FILE, instance / TOTP_SECRETS_FILE):
        if _others_may_read(path):
            yield Finding("secret-files", f"Others can read {path}.", f"Run `chmod 600 {path}`.")
    config = patient.settings.config_file
    if config is not None and _others_may_read(config) and _has_secrets(patient):
        yield Finding(
            "secret-files",
            f"Others can read {config}, which holds secrets.",
            f"Run `chmod 600 {config}`, as the user who runs the server.",
        )


def _others_may_read(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _has_secrets(patient: Patient) -> bool:
    settings = patient.settings
    return any(
        setting.secret and settings.source(name).startswith("file ") and settings[name]
        for name, setting in settings.declarations.items()
    )


def check_mail(patient: Patient) -> Iterator[Finding]:
    """Mail can be sent."""
    settings = patient.settings
    if not mails.is_configured(settings):
        if patient.serves_others:
            yield Finding(
                "mail",
                "No mail server is set: nobody can choose a new password, and no alerts are sent.",
                "Set MAIL_SERVER, MAIL_PORT, MAIL_USERNAME, MAIL_PASSWORD, MAIL_DEFAULT_SENDER.",
                "advice",
            )
        return
    try:
        with mails.connect(settings) as server:
            server.noop()
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        yield Finding(
            "mail",
            f"The mail server {mails.server_of(settings)} does not serve us: {reason}.",
            "Start it, or correct MAIL_SERVER and the settings that follow.",
        )
