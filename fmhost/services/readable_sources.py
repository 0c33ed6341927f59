"""The data sources that a user may know of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from fmhost.auth.visibility import readable_accounts, readable_sensors, reads_everything
from fmhost.beliefs.summaries import sources_of
from fmhost.model import Account, Sensor, Source, User, belief_summaries
from fmhost.model.sources import latest_versions


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source, as somebody may see it.

    :param user_id: and `account_id`: None where the account may not be read, too.
    """

    source: Source
    user_id: int | None
    account_id: int | None


def list_sources(session: Session, user: User, *, only_latest: bool = False) -> list[KnownSource]:
    """The sources of accounts that `user` may read, and those of data that `user` may read.

    By id, in a fixed number of statements, none of which looks at the beliefs themselves.

    :param only_latest: of sources that differ only in their version, only the highest version.
    """
    query = select(Source).order_by(Source.id)
    if not reads_everything(user):
        sensors = select(Sensor.id).where(readable_sensors(user))
        query = query.where(or_(_of_readable_account(user), Source.id.in_(sources_of(sensors))))
    found: Sequence[Source] = session.scalars(query).all()
    # What was deleted with its account is nobody's any more; its name stays with the data.
    readable = set(session.scalars(select(Account.id).where(readable_accounts(user))))
    listed = latest_versions(found) if only_latest else found
    return [_as_seen(source, readable) for source in listed]


def knows_source(session: Session, user: User, source_id: int) -> bool:
    """Whether there is a source with that id among those of :func:`list_sources`."""
    query = select(Source.id).where(Source.id == source_id)
    if not reads_everything(user):
        sensors = select(Sensor.id).where(readable_sensors(user))
        recorded = sources_of(sensors).where(belief_summaries.c.source_id == source_id)
        query = query.where(or_(_of_readable_account(user), recorded.exists()))
    return session.scalar(query) is not None


def _of_readable_account(user: User) -> ColumnElement[bool]:
    return Source.account_id.in_(select(Account.id).where(readable_accounts(user)))


def _as_seen(source: Source, readable: set[int]) -> KnownSource:
    known = source.account_id in readable
    return KnownSource(
        source,
        user_id=source.user_id if known else None,
        account_id=source.account_id if known else None,
    )
