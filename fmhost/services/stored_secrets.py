"""What accounts and assets keep secret: passwords and keys for services elsewhere.

A secret has a path of one or two names. Its value is stored encrypted, in an envelope that says
with which key, and when; its metadata are not encrypted. Values are for code and for commands: no
answer of the API, page, log or backup has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.domain.json_values import require_storable
from fmhost.errors import Conflict, InvalidInput, NotFound
from fmhost.model import Account, Asset
from fmhost.services import audit
from fmhost.services.installation import Installation
from fmhost.services.keyring import Keyring

Owner = Account | Asset

_LONGEST_NAME: Final = 80
#: What an envelope has besides metadata.
_OWN: Final = ("ciphertext", "key_id", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """What may be shown of a secret.

    :param path: its one or two names.
    :param key_id: number of the key that encrypted it.
    :param created_at: ISO 8601, like `updated_at`.
    """

    path: tuple[str, ...]
    key_id: str
    created_at: str
    updated_at: str
    metadata: Mapping[str, Any]

    def __str__(self) -> str:
        return ".".join(self.path)


def get_secret(installation: Installation, owner: Owner, path: Sequence[str]) -> str:
    """The value of a secret.

    :raises NotFound: where there is none of that path.
    :raises ConfigurationError: where the key that encrypted it is not there.
    """
    envelope = _find(owner, tuple(path))
    keyring = Keyring(installation.settings)
    return keyring.decrypt(
        envelope["ciphertext"], envelope["key_id"], name=_named(owner, tuple(path))
    )


def set_secret(
    installation: Installation,
    session: Session,
    owner: Owner,
    path: Sequence[str],
    value: str,
    *,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Store a secret, in the place of what was there under that path.

    :param metadata: stored beside it, unencrypted; None leaves those that are there.
    :raises InvalidInput: for a path, a value or metadata that cannot be stored.
    :raises Conflict: where the path leads through another secret, or to a group of them.
    """
    names = _checked(path)
    if not value:
        raise InvalidInput("A secret cannot be empty.", field="value")
    _lock(session, owner)
    place = dict(owner.secrets.get(names[0], {})) if len(names) == 2 else dict(owner.secrets)
    if len(names) == 2 and "ciphertext" in place:
        raise Conflict(f"{_named(owner, names[:1])} is a secret itself.", field="secret")
    before = place.get(names[-1], {})
    if before and "ciphertext" not in before:
        raise Conflict(f"{_named(owner, names)} is a group of secrets.", field="secret")
    ciphertext, key_id = Keyring(installation.settings).encrypt(value)
    now = installation.now().isoformat()
    kept = {name: each for name, each in before.items() if name not in _OWN}
    envelope = {
        **(kept if metadata is None else _checked_metadata(metadata)),
        "ciphertext": ciphertext,
        "key_id": key_id,
        "created_at": before.get("created_at", now),
        "updated_at": now,
    }
    _put(owner, names, envelope)
    _record(installation, session, owner, f"Stored the secret '{'.'.join(names)}'")


def delete_secret(
    installation: Installation, session: Session, owner: Owner, path: Sequence[str]
) -> None:
    """Delete a secret.

    :raises NotFound: where there is none of that path.
    """
    names = tuple(path)
    _lock(session, owner)
    _find(owner, names)
    if len(names) == 1:
        del owner.secrets[names[0]]
    else:
        rest = {name: each for name, each in owner.secrets[names[0]].items() if name != names[1]}
        if rest:
            owner.secrets[names[0]] = rest
        else:
            del owner.secrets[names[0]]
    _record(installation, session, owner, f"Deleted the secret '{'.'.join(names)}'")


def list_secrets(owner: Owner) -> list[StoredSecret]:
    """What may be shown of the secrets of an account or asset, by path."""
    return [
        StoredSecret(
            path,
            envelope["key_id"],
            envelope["created_at"],
            envelope["updated_at"],
            {name: each for name, each in envelope.items() if name not in _OWN},
        )
        for path, envelope in sorted(_envelopes(owner.secrets))
    ]


def rotate_secrets(installation: Installation, session: Session) -> tuple[int, int]:
    """Encrypt with the newest key whatever another one has encrypted.

    :return: how many were encrypted anew, and how many there are.
    :raises ConfigurationError: where one cannot be decrypted; none is changed then.
    """
    keyring = Keyring(installation.settings)
    rotated = there = 0
    owners: list[Owner] = [
        *session.scalars(select(Account).order_by(Account.id).with_for_update()),
        *session.scalars(select(Asset).order_by(Asset.id).with_for_update()),
    ]
    for owner in owners:
        for path, envelope in list(_envelopes(owner.secrets)):
            there += 1
            if envelope["key_id"] == keyring.newest:
                continue
            name = _named(owner, path)
            value = keyring.decrypt(envelope["ciphertext"], envelope["key_id"], name=name)
            ciphertext, key_id = keyring.encrypt(value)
            _put(owner, path, {**envelope, "ciphertext": ciphertext, "key_id": key_id})
            rotated += 1
    return rotated, there


def _envelopes(
    secrets: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for name, found in secrets.items():
        if "ciphertext" in found:
            yield (name,), found
        else:
            for below, envelope in found.items():
                yield (name, below), envelope


def _find(owner: Owner, path: tuple[str, ...]) -> Mapping[str, Any]:
    found: Any = owner.secrets
    for name in path:
        found = found.get(name, {}) if "ciphertext" not in found else {}
    if "ciphertext" not in found:
        raise NotFound(
            f"There is no secret {_named(owner, path)}.",
            field="secret",
            hint="`fmhost show secrets` lists them.",
        )
    envelope: Mapping[str, Any] = found
    return envelope


def _put(owner: Owner, path: tuple[str, ...], envelope: Mapping[str, Any]) -> None:
    if len(path) == 1:
        owner.secrets[path[0]] = dict(envelope)
    else:
        owner.secrets[path[0]] = {**owner.secrets.get(path[0], {}), path[1]: dict(envelope)}


def _checked(path: Sequence[str]) -> tuple[str, ...]:
    if not 1 <= len(path) <= 2:
        raise InvalidInput(f"A secret has one or two names, not {len(path)}.", field="secret")
    for name in path:
        if not name.strip() or len(name) > _LONGEST_NAME or name in _OWN:
            raise InvalidInput(
                f"A secret cannot be named '{name}'.",
                field="secret",
                hint=f"Use 1 to {_LONGEST_NAME} characters, and none of {', '.join(_OWN)}.",
            )
    return tuple(path)


def _checked_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    reserved = [name for name in metadata if name in _OWN]
    if reserved:
        raise InvalidInput(f"Metadata cannot be named '{reserved[0]}'.", field="metadata")
    require_storable(metadata, "metadata")
    return dict(metadata)


def _lock(session: Session, owner: Owner) -> None:
    """Have nobody else change the secrets of the owner until the transaction ends."""
    session.flush()
    session.refresh(owner, ["secrets"], with_for_update=True)


def _named(owner: Owner, path: tuple[str, ...]) -> str:
    kind = "account" if isinstance(owner, Account) else "asset"
    return f"'{'.'.join(path)}' of {kind} {owner.id}"


def _record(installation: Installation, session: Session, owner: Owner, event: str) -> None:
    if isinstance(owner, Account):
        audit.record(installation, session, event, account_id=owner.id)
    else:
        audit.record_for_asset(installation, session, event, asset_id=owner.id)
