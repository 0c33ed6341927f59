"""API keys: long-lived, for programs, each good for some scopes in the name of its user.

A key is sent in the same header as an access token. It is known from then on by its hash only: it
is long and random, so that a fast hash without salt gives nothing away.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from flask import g
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.policy import NOT_AUTHORIZED
from fmhost.errors import NotAuthorized
from fmhost.model import Account, ApiKey, User

#: How every key begins.
KEY_PREFIX = "fmk_"

#: Most characters of the name that its owner gives a key.
LONGEST_NAME = 80

#: So many characters of a key are kept and shown, for its owner to recognise it.
_SHOWN = 12


class Scope(StrEnum):
    """What a key may be good for. Everything else needs a login."""

    #: Whatever operations ``GET``.
    READ = "read"
    #: Posting, uploading and deleting data of sensors, and annotations.
    WRITE_DATA = "write-data"
    #: Having schedules and forecasts computed.
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The key of the request at hand; good also when the session that found it has ended.

    :param last_used_at: as it was before this request.
    """

    id: int
    scopes: frozenset[str]
    last_used_at: datetime | None


def new_key() -> str:
    """A key that nobody has."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def shown_part(key: str) -> str:
    """The beginning of a key, which may be shown."""
    return key[:_SHOWN]


def hash_key(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _by_hash() -> Select[ApiKey]:
    """The statement for a key and all that a request needs of its user; built once."""
    account = joinedload(User.account).joinedload(Account.account_roles)
    user = joinedload(ApiKey.user).options(joinedload(User.roles), account)
    return select(ApiKey).where(ApiKey.key_hash == bindparam("wanted")).options(user)


def find_key(session: Session, key: str, now: datetime) -> ApiKey | None:
    """The stored key, if it is good for anything now; with its user, in one statement."""
    found = session.scalars(_by_hash(), {"wanted": hash_key(key)}).unique().one_or_none()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    return found if found.user.active else None


def use_key(key: ApiKey) -> None:
    """Have the request go on with a key."""
    g.api_key = KeyInUse(key.id, frozenset(key.scopes), key.last_used_at)


def key_in_use() -> KeyInUse | None:
    """The key of the request, if it came with one that is good for something."""
    found: KeyInUse | None = g.get("api_key")
    return found


def require_scope(scope: Scope | None) -> None:
    """See that the request, if it came with a key, is within the key's scopes.

    :param scope: None for what no key is good for.
    :raises NotAuthorized: where it is not.
    """
    key = key_in_use()
    if key is None or scope in key.scopes:
        return
    reason = (
        "No API key is good for this: it takes a login."
        if scope is None
        else (f"The API key lacks the scope '{scope}'.")
    )
    raise NotAuthorized(f"{NOT_AUTHORIZED} {reason}")
