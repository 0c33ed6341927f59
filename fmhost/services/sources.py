"""Data sources: find and list them, or make the one that is meant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Source, User, belief_summaries, beliefs
from fmhost.model.sources import get_or_create_source
from fmhost.services import checks

#: Type of the sources that the command line makes for a name.
CLI_SCRIPT = "CLI script"

__all__ = [
    "CLI_SCRIPT",
    "create_source",
    "get_or_create_source",
    "list_sources",
    "sensors_of",
    "source_meant",
    "sources_meant",
]


def create_source(
    session: Session,
    *,
    name: str,
    source_type: str,
    model: str | None = None,
    version: str | None = None,
    account_id: int | None = None,
) -> Source:
    """The source with exactly these properties, created where it is missing.

    :raises InvalidInput: where a text is empty or too long.
    """
    return get_or_create_source(
        session,
        checks.required_text(name, "name", longest=120),
        source_type=checks.required_text(source_type, "type", longest=80),
        model=checks.required_text(model, "model", longest=80) if model else None,
        version=checks.required_text(version, "version", longest=17) if version else None,
        account_id=account_id,
    )


def list_sources(session: Session, source_id: int | None = None) -> Sequence[Source]:
    """All data sources, or the one with that id, by id."""
    query = select(Source).order_by(Source.id)
    if source_id is not None:
        query = query.where(Source.id == source_id)
    return session.scalars(query).all()


def sensors_of(session: Session) -> dict[int, list[int]]:
    """The ids of the sensors about which each source says something, by the id of the source."""
    # By periods, so that not all beliefs are searched.
    within = exists().where(
        beliefs.c.sensor_id == belief_summaries.c.sensor_id,
        beliefs.c.source_id == belief_summaries.c.source_id,
        beliefs.c.event_start >= belief_summaries.c.period_start,
        beliefs.c.event_start < belief_summaries.c.period_end,
    )
    columns = belief_summaries.c.source_id, belief_summaries.c.sensor_id
    found: dict[int, list[int]] = {}
    for source_id, sensor_id in session.execute(
        select(*columns).where(within).distinct().order_by(*columns)
    ):
        found.setdefault(source_id, []).append(sensor_id)
    return found


def source_meant(session: Session, reference: str) -> Source:
    """The source that `reference` names, for what somebody enters.

    An id; else the name of a user, who has one source; else the name of one source; else a new
    source of type ``CLI script`` is made.

    :raises InvalidInput: where several sources have the name.
    :raises NotFound: where there is no source with the id.
    """
    if reference.isdecimal():
        return _by_id(session, int(reference))
    user = session.scalar(select(User).where(User.username == reference))
    if user is not None:
        return get_or_create_source(session, user)
    found = list(session.scalars(select(Source).where(Source.name == reference)))
    scripts = [source for source in found if source.type == CLI_SCRIPT] or found
    if len(scripts) > 1:
        ids = ", ".join(str(source.id) for source in scripts)
        raise InvalidInput(
            f"Several data sources are named '{reference}'.",
            field="source",
            hint=f"Name one by its ID: {ids}.",
        )
    if scripts:
        return scripts[0]
    return create_source(session, name=reference, source_type=CLI_SCRIPT)


def sources_meant(session: Session, reference: str) -> Sequence[Source]:
    """All sources that `reference` (an id or a name) names, for a search.

    :raises NotFound: where there is none.
    """
    if reference.isdecimal():
        return [_by_id(session, int(reference))]
    found = session.scalars(select(Source).where(Source.name == reference)).all()
    if not found:
        raise NotFound(
            f"Failed to find source {reference}.",
            field="source",
            hint="`fmhost show data-sources` lists them.",
        )
    return found


def _by_id(session: Session, source_id: int) -> Source:
    source = session.get(Source, source_id)
    if source is None:
        raise NotFound(
            f"Failed to find source {source_id}.",
            field="source",
            hint="`fmhost show data-sources` lists them.",
        )
    return source
