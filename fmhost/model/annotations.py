"""Annotations: remarks on a stretch of time of accounts, assets and sensors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, validates

from fmhost.model.base import NEVER_REUSE_IDS, Base
from fmhost.model.sources import Source

if TYPE_CHECKING:
    from fmhost.model.accounts import Account
    from fmhost.model.assets import Asset
    from fmhost.model.sensors import Sensor

ANNOTATION_TYPES = ("alert", "holiday", "label", "feedback", "warning", "error")


def _links(table: str, entity_column: str, entity_key: str) -> Table:
    return Table(
        table,
        Base.metadata,
        Column(entity_column, ForeignKey(entity_key, ondelete="CASCADE"), primary_key=True),
        Column("annotation_id", ForeignKey("annotation.id", ondelete="CASCADE"), primary_key=True),
        Index(None, "annotation_id"),
    )


annotations_accounts = _links("annotations_accounts", "account_id", "account.id")
annotations_assets = _links("annotations_assets", "generic_asset_id", "generic_asset.id")
annotations_sensors = _links("annotations_sensors", "sensor_id", "sensor.id")


#: The table of links, and its column, by the table of what is annotated.
_LINKS = {
    "account": (annotations_accounts, "account_id"),
    "generic_asset": (annotations_assets, "generic_asset_id"),
    "sensor": (annotations_sensors, "sensor_id"),
}


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


class Annotation(Base):
    """A remark on the time from `start` to `end`, made by a source at `belief_time`."""

    __tablename__ = "annotation"

    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(String(1024))
    #: SHA-256 of the content, which itself can be too long for an index.
    content_hash: Mapped[str] = mapped_column(String(64))
    start: Mapped[datetime]
    end: Mapped[datetime]
    belief_time: Mapped[datetime | None]
    source_id: Mapped[int] = mapped_column(ForeignKey("data_source.id"), index=True)
    type: Mapped[str] = mapped_column(String(20), default="label", server_default="label")

    source: Mapped[Source] = relationship()
    accounts: Mapped[list[Account]] = relationship(
        secondary=annotations_accounts, back_populates="annotations", passive_deletes=True
    )
    assets: Mapped[list[Asset]] = relationship(
        secondary=annotations_assets, back_populates="annotations", passive_deletes=True
    )
    sensors: Mapped[list[Sensor]] = relationship(
        secondary=annotations_sensors, back_populates="annotations", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint('"end" > start', name="end_after_start"),
        CheckConstraint(
            "type IN ('alert', 'holiday', 'label', 'feedback', 'warning', 'error')", name="type"
        ),
        Index(
            "uq_annotation_identity",
            "content_hash",
            "start",
            "belief_time",
            "source_id",
            "type",
            unique=True,
        ),
        # Two unknown belief times are no difference.
        Index(
            "uq_annotation_identity_without_belief_time",
            "content_hash",
            "start",
            "source_id",
            "type",
            unique=True,
            sqlite_where=text("belief_time IS NULL"),
            postgresql_where=text("belief_time IS NULL"),
        ),
        NEVER_REUSE_IDS,
    )

    @validates("content")
    def _hash_content(self, key: str, content: str) -> str:
        self.content_hash = _hash(content)
        return content


def find_annotation(
    session: Session,
    source: Source,
    *,
    content: str,
    start: datetime,
    belief_time: datetime | None = None,
    type: str = "label",
) -> Annotation | None:
    """The annotation with this content, start, belief time, source and type, if there is one."""
    query = select(Annotation).where(
        Annotation.content_hash == _hash(content),
        Annotation.start == start,
        Annotation.belief_time.is_not_distinct_from(belief_time),
        Annotation.source_id == source.id,
        Annotation.type == type,
    )
    return session.scalars(query).first()


def get_or_create_annotation(
    session: Session,
    source: Source,
    *,
    content: str,
    start: datetime,
    end: datetime,
    belief_time: datetime | None = None,
    type: str = "label",
) -> Annotation:
    """The annotation that :func:`find_annotation` finds, new where missing.

    An annotation found keeps its own `end`. Moments must be aware.
    """
    identity: dict[str, Any] = {
        "content": content,
        "start": start,
        "belief_time": belief_time,
        "type": type,
    }
    found = find_annotation(session, source, **identity)
    if found is not None:
        return found
    new = Annotation(end=end, source=source, **identity)
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        # Somebody else may have been faster; anything else (an end before its start) is an error.
        found = find_annotation(session, source, **identity)
        if found is None:
            raise
        return found
    return new


def link(session: Session, annotation: Annotation, to: Account | Asset | Sensor) -> None:
    """Have the annotation be one of an account, asset or sensor, if it is not one yet."""
    table, column = _LINKS[to.__tablename__]
    key = {column: to.id, "annotation_id": annotation.id}
    linked = select(table).where(*(table.c[name] == value for name, value in key.items()))
    if session.execute(linked).first() is None:
        try:
            with session.begin_nested():
                session.execute(table.insert().values(key))
        except IntegrityError:
            if session.execute(linked).first() is None:  # nobody was faster
                raise


def annotated_periods(
    session: Session,
    entity: Account | Asset | Sensor,
    start: datetime,
    end: datetime,
    *,
    kind: str,
    content: str | None = None,
    known_at: datetime | None = None,
) -> list[tuple[datetime, datetime]]:
    """Starts and ends of the annotations of a type that touch [start, end), in order.

    Those of a sensor's asset and account count as its own, and those of an asset's account.

    :param content: only annotations with this text count.
    :param known_at: annotations believed later do not count.
    """
    linked = union(
        *(
            select(table.c.annotation_id).where(table.c[column] == number)
            for table, column, number in _holders(entity)
        )
    )
    query = select(Annotation.start, Annotation.end).where(
        Annotation.id.in_(linked),
        Annotation.type == kind,
        Annotation.start < end,
        Annotation.end > start,
    )
    if content is not None:
        query = query.where(Annotation.content_hash == _hash(content))
    if known_at is not None:
        believed = Annotation.belief_time
        query = query.where(or_(believed.is_(None), believed <= known_at))
    rows = session.execute(query.order_by(Annotation.start, Annotation.end, Annotation.id))
    return [(row.start, row.end) for row in rows]


def _holders(entity: Any) -> Iterator[tuple[Table, str, int]]:
    """Where links of an entity are, and of what it belongs to, with its column and its id."""
    table, column = _LINKS[entity.__tablename__]
    yield table, column, entity.id
    if entity.__tablename__ == "sensor":
        yield from _holders(entity.generic_asset)
    if entity.__tablename__ == "generic_asset" and entity.account_id is not None:
        yield annotations_accounts, "account_id", entity.account_id
