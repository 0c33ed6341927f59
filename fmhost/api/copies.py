"""Copies of assets."""

from __future__ import annotations

from typing import Any

from fmhost.api.errors import Rejected
from fmhost.api.loaders import check_may_own, load_account, load_asset, load_parent
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.model import Asset
from fmhost.schemas.copies import CopiedSchema, CopyQuery
from fmhost.services.asset_rules import owner_text
from fmhost.services.copies import Place, copy_asset

copies = Resource("copies", __name__, url_prefix="/api/v3_0/assets")


@copies.operation(
    "POST",
    "/<id>/copy",
    schema=CopyQuery(),
    place="query",
    answers={201: CopiedSchema},
    names={"assets": "/asset"},
)
def create_copy(id: str, given: dict[str, Any]) -> Answer:
    """Copy an asset with the assets below it, their sensors, flex-contexts and flex-models.

    The copy becomes a part of `parent`, or belongs to `account` at the top; without either it
    stands beside the original. Where its name is taken there, it ends with `(Copy)`. What the
    original says about its own parts, the copy says about the copies of these; what it says about
    others stays if the user may read these, and they are not of the account that the copy leaves.
    Data are not copied.
    """
    asset = load_asset(id, Permission.READ)
    copied = copy_asset(
        current_installation(),
        current_session(),
        asset,
        _place(asset, given.get("account"), given.get("parent")),
        actor=requesting_user(),
    )
    return {"message": f"Successfully copied asset {asset.id}.", "asset": copied.id}, 201


def _place(asset: Asset, account_id: int | None, parent_id: int | None) -> Place:
    """Where the copy goes, once the user is known to be allowed to put it there."""
    if account_id is None and parent_id is None:
        account_id, parent_id = asset.account_id, asset.parent_asset_id
    if parent_id is not None:
        parent = load_parent(parent_id)
        if account_id is not None and account_id != parent.account_id:
            text = (
                f"The parent asset {parent.id} belongs to {owner_text(parent.account_id)}, and the "
                f"copy to {owner_text(account_id)}."
            )
            raise Rejected({"query": {"parent": [text]}})
        return Place(parent.account_id, parent.id)
    if account_id is None:
        check_may_own(None)
    else:
        load_account(account_id, Permission.CREATE_CHILDREN)
    return Place(account_id)
