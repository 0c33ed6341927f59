"""``/api/v3_0/accounts``."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import load_account_of_path
from fmhost.api.operations import Resource
from fmhost.api.pages import listing_of, page_or_list
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission, Platform, check_access
from fmhost.schemas.accounts import (
    AccountCreationSchema,
    AccountPageSchema,
    AccountsQuery,
    AccountUpdateSchema,
)
from fmhost.schemas.entities import AccountSchema
from fmhost.services import account_changes, account_lists
from fmhost.services.accounts import with_counts

accounts = Resource("accounts", __name__, url_prefix="/api/v3_0/accounts")


@accounts.operation(
    "GET", "", schema=AccountsQuery(), answer=(AccountSchema(many=True), AccountPageSchema)
)
def list_accounts(given: dict[str, Any]) -> Any:
    """List the accounts that are accessible: the own one, clients of consultants, all for admins.

    With `page` it is a page of the list, with the numbers of assets and users of each account.
    With `role`, only accounts come that have one of these account roles, given by name or id.
    """
    page = account_lists.list_accounts(
        current_session(), requesting_user(), listing_of(given), roles=given["role"]
    )
    body = page_or_list(page, AccountSchema(many=True))
    if page.total is not None:
        counted = with_counts(current_session(), page.entries)
        for row, account in zip(body["data"], counted, strict=True):
            row |= {"asset_count": account.assets, "user_count": account.users}
    return body


@accounts.operation(
    "POST",
    "",
    schema=AccountCreationSchema(),
    answers={201: AccountSchema},
    names={"accounts": "/id"},
)
def create_account(given: dict[str, Any]) -> Any:
    """Create an account.

    Admins may, and consultants of an account with the role Consultancy, whose client the new
    account becomes.
    """
    check_access(requesting_user(), Platform(), Permission.CREATE_CHILDREN)
    created = account_changes.open_account(
        current_installation(),
        current_session(),
        name=given["name"],
        consultancy_id=given.get("consultancy_account_id"),
        actor=requesting_user(),
    )
    return AccountSchema().dump(created), 201


@accounts.operation("GET", "/<id>", answer=AccountSchema)
def fetch_account(id: str) -> Any:
    """Fetch an account."""
    return AccountSchema().dump(load_account_of_path(id, Permission.READ))


@accounts.operation("PATCH", "/<id>", schema=AccountUpdateSchema(), answer=AccountSchema)
def update_account(id: str, given: dict[str, Any]) -> Any:
    """Change fields of an account; what is not named stays.

    Consultancy, plan and account roles are for admins to change. The attributes are replaced as a
    whole.
    """
    account = load_account_of_path(id, Permission.UPDATE)
    account_changes.update_account(
        current_installation(), current_session(), account, given, actor=requesting_user()
    )
    return AccountSchema().dump(account)
