"""Pages of lists: search terms, order, and the number of all entries in two more statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

Entity = TypeVar("Entity")


@dataclass(frozen=True, slots=True)
class Listing:
    """Which part of a list is wanted, in which order.

    :param page: from 1 on; None for the whole list.
    :param terms: texts of which each must occur.
    :param sort_by: one of the names by which the list can be sorted; None for the ids.
    """

    page: int | None = None
    per_page: int = 10
    terms: Sequence[str] = ()
    sort_by: str | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Entity]):
    """A page of a list.

    :param total: how many entries there are, `filtered` how many have the terms; None where the
        whole list was wanted.
    """

    entries: Sequence[Entity]
    total: int | None = None
    filtered: int | None = None


def fetch(
    session: Session,
    query: Select[Entity],
    listing: Listing,
    *,
    id: InstrumentedAttribute[Any],
    searched: Sequence[ColumnElement[str] | InstrumentedAttribute[str]],
    order: Mapping[str, Any],
    options: Sequence[Any] = (),
    by_id: bool = True,
) -> Page[Entity]:
    """A page of what `query` finds: one statement, and two more to count where there are pages.

    :param id: the column with the id.
    :param searched: columns in which terms may occur.
    :param order: columns by the names of which the list can be sorted.
    :param options: how to load what belongs to the entries.
    :param by_id: whether a term of digits finds the entries whose id begins with them.
    """
    within = id if by_id else None
    matching = query.where(*(_occurs(term, within, searched) for term in listing.terms))
    by = order[listing.sort_by] if listing.sort_by is not None else id
    ordered = (by.desc(), id.desc()) if listing.descending else (by.asc(), id.asc())
    rows = matching.options(*options).order_by(*ordered)
    if listing.page is None:
        return Page(session.scalars(rows).all())
    rows = rows.limit(listing.per_page).offset((listing.page - 1) * listing.per_page)
    return Page(
        session.scalars(rows).all(), _count(session, query, id), _count(session, matching, id)
    )


def _occurs(
    term: str,
    id: InstrumentedAttribute[Any] | None,
    searched: Sequence[ColumnElement[str] | InstrumentedAttribute[str]],
) -> ColumnElement[bool]:
    places: list[ColumnElement[bool]] = [
        column.icontains(term, autoescape=True) for column in searched
    ]
    if id is not None and term.isascii() and term.isdigit():
        places.append(cast(id, String).startswith(term))
    return or_(*places)


def _count(session: Session, query: Select[Any], id: InstrumentedAttribute[Any]) -> int:
    ids = query.with_only_columns(id).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0
