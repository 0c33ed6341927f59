"""The audit logs of accounts, users and assets."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import load_account_with_history, load_asset, load_user_with_history
from fmhost.api.operations import Resource
from fmhost.api.pages import page_or_list
from fmhost.api.unit_of_work import current_session
from fmhost.auth.policy import Permission
from fmhost.schemas.histories import (
    AccountEventPageSchema,
    AccountEventSchema,
    AccountHistoryQuery,
    EventPageSchema,
    EventSchema,
    HistoryQuery,
)
from fmhost.services import histories as logs
from fmhost.services.listing import Listing

histories = Resource("histories", __name__, url_prefix="/api/v3_0")

#: Events where no page is asked for, as this log was listed before there were pages.
_BARE = AccountEventSchema(many=True, exclude=("active_user_name",))


@histories.operation(
    "GET",
    "/accounts/<id>/auditlog",
    schema=AccountHistoryQuery(),
    answer=(_BARE, AccountEventPageSchema),
)
def list_events_of_account(id: str, given: dict[str, Any]) -> Any:
    """List what was done to an account and to its users, the latest first.

    With `page` it is a page of the list, where each event has the name of the user, too.
    """
    account = load_account_with_history(id)
    page = logs.of_account(current_session(), account, _listing_of(given))
    return page_or_list(page, _BARE if page.total is None else AccountEventSchema(many=True))


@histories.operation("GET", "/users/<id>/auditlog", schema=HistoryQuery(), answer=EventPageSchema)
def list_events_of_user(id: str, given: dict[str, Any]) -> Any:
    """List what was done to a user, page by page, the latest first."""
    user = load_user_with_history(id)
    page = logs.of_user(current_session(), user, _listing_of(given))
    return page_or_list(page, EventSchema(many=True))


@histories.operation("GET", "/assets/<id>/auditlog", schema=HistoryQuery(), answer=EventPageSchema)
def list_events_of_asset(id: str, given: dict[str, Any]) -> Any:
    """List what was done to an asset and to its sensors, page by page, the latest first."""
    asset = load_asset(id, Permission.READ)
    page = logs.of_asset(current_session(), asset, _listing_of(given))
    return page_or_list(page, EventSchema(many=True))


def _listing_of(given: dict[str, Any]) -> Listing:
    """Which part of a log is asked for: moments fall where other columns rise."""
    usual = "desc" if given["sort_by"] == "event_datetime" else "asc"
    return Listing(
        page=given.get("page"),
        per_page=given["per_page"],
        terms=given["filter"],
        sort_by=given["sort_by"],
        descending=given.get("sort_dir", usual) == "desc",
    )
