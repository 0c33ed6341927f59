"""``/api/v3_0/sources``."""

from __future__ import annotations

from typing import Any

from fmhost.api.operations import Resource
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import requesting_user
from fmhost.schemas.sources import SourcesQuery, SourcesSchema
from fmhost.services.readable_sources import list_sources

sources = Resource("sources", __name__, url_prefix="/api/v3_0/sources")


@sources.operation("GET", "", schema=SourcesQuery(), answer=SourcesSchema)
def list_readable_sources(given: dict[str, Any]) -> Any:
    """List the data sources of accounts and of data that the user may read.

    With `only_latest`, of sources that differ only in their version, only the highest version.
    """
    found = list_sources(current_session(), requesting_user(), only_latest=given["only_latest"])
    types = list(dict.fromkeys(known.source.kind for known in found))
    return SourcesSchema().dump({"types": types, "sources": found})
