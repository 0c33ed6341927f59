"""Lists as pages show them: search, order and page stand in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import request, url_for

from fmhost.plugin import listing

PER_PAGE: Final = (25, 50, 100)

_MOST_TERMS: Final = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of a list a page shows, and of how much.

    :param columns: what the list can be sorted by, with titles; what has no title is no column.
    :param found: how many entries have the search terms; `total`, how many there are.
    """

    query: str
    sort: str
    descending: bool
    page: int
    per_page: int
    columns: Mapping[str, str]
    found: int = 0
    total: int = 0

    @property
    def part(self) -> listing.Listing:
        """What the services take."""
        return listing.Listing(
            page=self.page,
            per_page=self.per_page,
            terms=tuple(self.query.split()[:_MOST_TERMS]),
            sort_by=self.sort,
            descending=self.descending,
        )

    def of(self, page: listing.Page[Any]) -> Shown:
        """The same with the numbers of what was found."""
        return replace(self, found=page.filtered or 0, total=page.total or 0)

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(-(-self.found // self.per_page), 1)

    @property
    def words(self) -> str:
        """Which entries are shown: ``26 to 50 of 77``."""
        if not self.found:
            return "none" if self.total else ""
        first = (self.page - 1) * self.per_page + 1
        last = min(first + self.per_page - 1, self.found)
        among = f" (of {self.total} in all)" if self.found != self.total else ""
        return f"{min(first, last)} to {last} of {self.found}{among}"

    def order_of(self, key: str) -> str:
        """How a column is sorted, as readers of screens are told."""
        if key != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"

    def url(self, **changes: Any) -> str:
        """This page with another part of the list."""
        kept = {**request.view_args, **request.args.to_dict()} if request.view_args else None
        arguments = {**(kept or request.args.to_dict()), **changes}
        given = {name: value for name, value in arguments.items() if value not in ("", None)}
        assert request.endpoint is not None
        return url_for(request.endpoint, **given)

    def sort_url(self, key: str) -> str:
        """This page sorted by a column; the other way round where it is sorted by it."""
        turned = key == self.sort and not self.descending
        return self.url(sort=key, dir="desc" if turned else "asc", page=None)


def shown(columns: Mapping[str, str], *, descending: bool = False) -> Shown:
    """What the query of the request asks for; what makes no sense there counts as not said.

    :param columns: what the list can be sorted by, the first one unless the query says otherwise.
    :param descending: which way it is sorted by that one, where the query says nothing.
    """
    arguments = request.args
    sort = arguments.get("sort", "")
    directions = {"asc": False, "desc": True}
    per_page = arguments.get("per_page", PER_PAGE[0], type=int)
    return Shown(
        query=arguments.get("q", "").strip()[:500],
        sort=sort if sort in columns else next(iter(columns)),
        descending=directions.get(arguments.get("dir", ""), descending and not sort),
        page=min(max(arguments.get("page", 1, type=int), 1), 1_000_000),
        per_page=per_page if per_page in PER_PAGE else PER_PAGE[0],
        columns=columns,
    )
