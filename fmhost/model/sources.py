"""Data sources: who or what formed a belief."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Index,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    Session,
    foreign,
    mapped_column,
    relationship,
    validates,
)

from fmhost.errors import InvalidInput
from fmhost.model.accounts import Account
from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.types import json_document
from fmhost.model.users import User

#: Types with which sources were stored of old, and their names today.
TYPE_SYNONYMS = {"forecasting script": "forecaster", "scheduling script": "scheduler"}

_LABELS = {
    "user": "data entered by user",
    "forecaster": "forecast by",
    "scheduler": "schedule by",
    "reporter": "report by",
    "crawling script": "data retrieved from",
    "demo script": "demo data entered by",
    "CLI script": "demo data entered by",
}

_ENTERED_BY_USER = text(
    "type = 'user' AND model IS NULL AND version IS NULL AND attributes_hash IS NULL"
)

#: What tells sources of the same user or name apart.
_MADE_BY = ("model", "version", "attributes_hash")

_VERSION = re.compile(
    r"v?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<stage>dev|alpha|a|beta|b|preview|pre|rc|c|post|r)[-_.]?(?P<number>\d*))?",
    re.IGNORECASE,
)
_STAGES = {"dev": 0, "alpha": 1, "a": 1, "beta": 2, "b": 2, "": 4, "post": 5, "r": 5}
_RELEASE_CANDIDATE = 3


def version_key(version: str | None) -> tuple[Any, ...]:
    """Key that sorts versions: none, then texts that are no version, then by number.

    ``1.10`` comes after ``1.9``, ``2.0rc1`` before ``2.0``; ``v1.0`` equals ``1``.
    """
    if not version:
        return (0,)
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        return (1, version)
    release = [int(part) for part in match["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    stage = _STAGES.get((match["stage"] or "").lower(), _RELEASE_CANDIDATE)
    return (2, tuple(release), stage, int(match["number"] or 0))


def attributes_hash(attributes: Mapping[str, Any]) -> str | None:
    """SHA-256 of the attributes as JSON with sorted keys, in hexadecimal; None without any."""
    if not attributes:
        return None
    canonical = json.dumps(attributes, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Source(Base):
    """Who or what formed beliefs: a person, a forecaster, a scheduler, a script.

    `user_id` and `account_id` are plain numbers that stay when user or account are deleted, as do
    the beliefs. A source that beliefs or annotations refer to cannot be deleted. Assign
    `attributes` as a whole: `attributes_hash` is computed from them.
    """

    __tablename__ = "data_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    type: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(index=True)
    model: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[str | None] = mapped_column(String(17))
    attributes: Mapped[dict[str, Any]] = mapped_column(
        json_document(), default=dict, server_default="{}"
    )
    attributes_hash: Mapped[str | None] = mapped_column(String(64))

    user: Mapped[User | None] = relationship(
        primaryjoin=lambda: foreign(Source.user_id) == User.id, viewonly=True
    )
    account: Mapped[Account | None] = relationship(
        primaryjoin=lambda: foreign(Source.account_id) == Account.id, viewonly=True
    )

    __table_args__ = (
        # What identifies a source; expressions, because missing parts count as equal here.
        Index(
            "uq_data_source_identity",
            "name",
            "type",
            func.coalesce(literal_column("user_id"), literal_column("0")),
            func.coalesce(literal_column("account_id"), literal_column("0")),
            func.coalesce(literal_column("model"), literal_column("''")),
            func.coalesce(literal_column("version"), literal_column("''")),
            func.coalesce(literal_column("attributes_hash"), literal_column("''")),
            unique=True,
        ),
        # At most one for what a user enters, whatever the user was called at the time.
        Index(
            "uq_data_source_user",
            "user_id",
            unique=True,
            sqlite_where=_ENTERED_BY_USER,
            postgresql_where=_ENTERED_BY_USER,
        ),
        NEVER_REUSE_IDS,
    )

    @validates("attributes")
    def _hash_attributes(self, key: str, attributes: dict[str, Any]) -> dict[str, Any]:
        self.attributes_hash = attributes_hash(attributes)
        return attributes

    @property
    def kind(self) -> str:
        """The type by its name of today (``scheduling script`` is ``scheduler``)."""
        return TYPE_SYNONYMS.get(self.type, self.type)

    @property
    def chart_type(self) -> str:
        """``forecaster``, ``scheduler`` or ``other``: what charts tell apart."""
        for part, chart_type in (("forecast", "forecaster"), ("schedul", "scheduler")):
            if part in self.type:
                return chart_type
        return "other"

    @property
    def description(self) -> str:
        """Name, model, type and version in words: ``Acme's naive forecaster v1.2``."""
        if not self.model:
            return self.name
        what = "model" if self.type.lower() in self.model.lower() else self.type
        version = f" v{self.version}" if self.version else ""
        return f"{self.name}'s {self.model} {what}{version}"

    @property
    def is_fallback(self) -> bool:
        """Whether its data stand in for better ones that were impossible."""
        return bool(self.attributes.get("fallback"))

    @property
    def label(self) -> str:
        """How its data came about: ``forecast by Acme``, ``fallback schedule by Acme``."""
        how = _LABELS.get(self.kind, "data from")
        return f"{'fallback ' if self.is_fallback else ''}{how} {self.name}"


def latest_versions(sources: Iterable[Source]) -> list[Source]:
    """Of sources equal in name, type, model and account only that of the highest version.

    Of equal versions the one with the highest id counts. The order is that of the ids.
    """
    latest: dict[tuple[Any, ...], Source] = {}
    for source in sorted(sources, key=lambda source: (version_key(source.version), source.id)):
        latest[source.name, source.kind, source.model, source.account_id] = source
    return sorted(latest.values(), key=lambda source: source.id)


def get_or_create_source(
    session: Session,
    source: User | str,
    *,
    source_type: str | None = None,
    model: str | None = None,
    version: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    account_id: int | None = None,
) -> Source:
    """The source with exactly these properties, created (and flushed) where it is missing.

    :param source: a flushed user (whose source has type ``user`` and the user's account), or a
        name.
    :param source_type: required where `source` is a name.
    :raises InvalidInput: where a name is given without a type.
    """
    if isinstance(source, User):
        source_type = source_type or "user"
        account_id = source.account_id
    elif source_type is None:
        raise InvalidInput(
            f"The data source '{source}' needs a type, such as 'forecaster'.", field="source_type"
        )
    name, user_id = (source.username, source.id) if isinstance(source, User) else (source, None)
    given = dict(attributes or {})
    identity = {
        "name": name,
        "type": source_type,
        "user_id": user_id,
        "account_id": account_id,
        "model": model,
        "version": version,
    }
    query = _of_user() if user_id is not None else _of_name()
    wanted = {f"its_{key}": value for key, value in identity.items()}
    wanted["its_attributes_hash"] = attributes_hash(given)
    found = session.scalars(query, wanted).first()
    if found is not None:
        return found
    new = Source(attributes=given, **identity)
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        found = session.scalars(query, wanted).first()  # was somebody else faster?
        if found is None:
            raise
        return found
    return new


def entered_by(user_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a source is that of what a user enters; there is one at most."""
    # Spelled out, as the condition of the index is, so that PostgreSQL finds it there.
    is_entered: ColumnElement[bool] = Source.type == literal_column("'user'")
    return and_(
        Source.user_id == user_id,
        is_entered,
        *(getattr(Source, name).is_(None) for name in _MADE_BY),
    )


@cache
def _of_user() -> Select[Source]:
    """The source of a user: the number is enough, because users may change name and account."""
    # Equality, because only that finds rows by an index.
    user_id: ColumnElement[int] = bindparam("its_user_id", type_=Source.user_id.type)
    return select(Source).where(Source.user_id == user_id, *map(_as_given, ("type", *_MADE_BY)))


@cache
def _of_name() -> Select[Source]:
    name: ColumnElement[str] = bindparam("its_name", type_=Source.name.type)
    parts = ("type", "user_id", "account_id", *_MADE_BY)
    return select(Source).where(Source.name == name, *map(_as_given, parts))


def _as_given(name: str) -> ColumnElement[bool]:
    column: InstrumentedAttribute[Any] = getattr(Source, name)
    return column.is_not_distinct_from(bindparam(f"its_{name}", type_=column.type))
