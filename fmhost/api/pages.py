"""Lists page by page, as clients ask for them and get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from fmhost.services.listing import Listing, Page


def listing_of(given: Mapping[str, Any]) -> Listing:
    """Which part of the list the loaded query asks for."""
    return Listing(
        page=given.get("page"),
        per_page=given["per_page"],
        terms=given["filter"],
        sort_by=given.get("sort_by"),
        descending=given["sort_dir"] == "desc",
    )


def page_or_list(page: Page[Any], schema: Schema) -> Any:
    """The body of the answer: a list, or an object where a page was asked for.

    :param schema: dumps the entries; with ``many=True``.
    """
    entries = schema.dump(page.entries)
    if page.total is None:
        return entries
    return {"data": entries, "num-records": page.total, "filtered-records": page.filtered}
