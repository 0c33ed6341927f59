"""The secret key: where it is found when no setting holds it, and how one is made."""

from __future__ import annotations

import os
from pathlib import Path

from fmhost.errors import ConfigurationError

FILE_NAME = "secret_key"


def create_secret_key(instance: Path) -> Path:
    """Writes a random key to ``<instance>/secret_key``, readable by its owner only.

    An existing file stays as it is. The key appears under its name at once and whole, so that
    several processes may start at the same time and agree on one key.

    :raises ConfigurationError: where the file cannot be written.
    """
    path = instance / FILE_NAME
    if path.exists():
        return path
    try:
        instance.mkdir(parents=True, exist_ok=True)
        write_once(path, os.urandom(32).hex() + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"Cannot write the secret key to {path}: {error.strerror}.",
            field="SECRET_KEY",
            hint="Make the folder writable, or set SECRET_KEY in the environment.",
        ) from error
    return path


def write_once(path: Path, text: str) -> None:
    """Writes a file for its owner only, unless another process was faster; then its text counts."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        os.link(draft, path)  # unlike a rename, it never replaces a file
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def read_secret_key(instance: Path) -> str | None:
    """The key in ``<instance>/secret_key``; none where there is no such file or it is empty.

    :raises ConfigurationError: where the file cannot be read.
    """
    path = instance / FILE_NAME
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"Cannot read the secret key from {path}: {error}.",
            field="SECRET_KEY",
            hint="The file holds one line of text and belongs to the user who runs the server.",
        ) from error


def missing_secret_key(instance: Path, config_file: Path) -> ConfigurationError:
    """The error for an installation without a key: how to make one and where to put it."""
    return ConfigurationError(
        "Missing the required configuration settings: SECRET_KEY.",
        field="SECRET_KEY",
        hint="Generate a key with: python -c 'import secrets; print(secrets.token_urlsafe(32))'. "
        f'Put it into {config_file} as SECRET_KEY = "<key>", into the file '
        f"{instance / FILE_NAME}, or into the environment variable SECRET_KEY.",
    )
