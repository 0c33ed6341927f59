"""Annotate accounts, assets and sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from fmhost.errors import InvalidInput
from fmhost.model import Account, Annotation, Asset, Sensor, Source, User
from fmhost.model.annotations import (
    ANNOTATION_TYPES,
    find_annotation,
    get_or_create_annotation,
    link,
)
from fmhost.model.sources import get_or_create_source
from fmhost.services import checks

__all__ = ["ANNOTATION_TYPES", "Remark", "annotate"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said about the time from `start` to `end` (aware).

    :param belief_time: when it was believed; None where nobody says.
    """

    content: str
    start: datetime
    end: datetime
    type: str = "label"
    belief_time: datetime | None = None


def annotate(
    session: Session, entity: Account | Asset | Sensor, remark: Remark, by: User | Source
) -> tuple[Annotation, bool]:
    """Attach a remark to an entity; an equal one that exists is attached, not repeated.

    Equal is what agrees in content, start, type, belief time and source; it keeps its own end.

    :return: the annotation, and whether it is new.
    :raises InvalidInput: where it does not end after its start, is empty or too long.
    """
    checks.required_text(remark.content, "content", longest=1024)
    if remark.end <= remark.start:
        raise InvalidInput("end must be after start")
    source = by if isinstance(by, Source) else get_or_create_source(session, by)
    found = find_annotation(
        session,
        source,
        content=remark.content,
        start=remark.start,
        belief_time=remark.belief_time,
        type=remark.type,
    )
    annotation = found or get_or_create_annotation(
        session,
        source,
        content=remark.content,
        start=remark.start,
        end=remark.end,
        belief_time=remark.belief_time,
        type=remark.type,
    )
    link(session, annotation, entity)
    return annotation, found is None
