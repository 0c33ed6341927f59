"""The keys that protect second factors: the file with them, where no setting holds any."""

from __future__ import annotations

import os
from pathlib import Path

from fmhost.errors import ConfigurationError
from fmhost.settings.secret_key import write_once

FILE_NAME = "totp_secrets"


def create(instance: Path) -> Path:
    """Writes a random key to ``<instance>/totp_secrets``, unless there is such a file.

    Processes that start at the same time agree on one key.

    :raises ConfigurationError: where the file cannot be written.
    """
    import json  # settings are imported for every command, and this is rarely needed

    path = instance / FILE_NAME
    if path.exists():
        return path
    try:
        instance.mkdir(parents=True, exist_ok=True)
        write_once(path, json.dumps({"1": os.urandom(32).hex()}) + "\n")
    except OSError as error:
        raise ConfigurationError(
            "Missing the required configuration settings: SECURITY_TOTP_SECRETS. "
            f"They cannot be written to {path}: {error.strerror}.",
            field="SECURITY_TOTP_SECRETS",
            hint='Make the folder writable, or set SECURITY_TOTP_SECRETS = {"1": "<key>"} with a '
            "key from: python -c 'import secrets; print(secrets.token_urlsafe(32))'.",
        ) from error
    return path


def read(path: Path) -> dict[str, str]:
    """The keys in a file, by number.

    :raises ConfigurationError: where it cannot be read, or holds something else.
    """
    import json  # as above

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(found, dict) or not found:
        raise _unreadable(path, "it holds no keys by number")
    return {str(number): str(key) for number, key in found.items()}


def _unreadable(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"Cannot read the keys of second factors from {path}: {reason}.",
        field="SECURITY_TOTP_SECRETS",
        hint='The file holds a JSON object, such as {"1": "<key>"}. Without the file, another one '
        "is made.",
    )
