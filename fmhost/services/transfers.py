"""Give assets another owner, or another place in the tree."""

from __future__ import annotations

from sqlalchemy.orm import Session

from fmhost.errors import InvalidInput
from fmhost.model import Account, Asset, User
from fmhost.services import asset_rules, assets, audit
from fmhost.services.installation import Installation


def transfer_ownership(
    installation: Installation,
    session: Session,
    asset: Asset,
    owner: Account,
    *,
    actor: User | None = None,
) -> list[Asset]:
    """Give an asset with all its parts to an account; returns them.

    :raises InvalidInput: where it is part of an asset of somebody else, where the account has an
        asset of that name, and where there is nothing to change.
    """
    if asset.account_id == owner.id:
        raise InvalidInput(
            f"Asset {asset.id} belongs to {asset_rules.owner_text(owner.id)} already.",
            field="new-owner",
        )
    if asset.parent_asset_id is not None:
        raise InvalidInput(
            f"Asset {asset.id} is a part of asset {asset.parent_asset_id}, and has its owner.",
            field="asset",
            hint="Transfer the whole, or first make it an asset of its own with "
            f"`fmhost edit transfer-parenthood --asset {asset.id}`.",
        )
    asset_rules.require_free_name(session, asset.name, owner.id, None)
    moved = [asset, *asset.offspring]
    before = asset_rules.owner_text(asset.account_id)
    after = f"{owner.name}: {owner.id}"
    events: list[tuple[int | None, str]] = []
    for each in moved:
        if each.external_id is not None:
            asset_rules.require_free_external_id(session, each.external_id, owner.id)
        each.account = owner
        event = f"Transferred ownership of asset '{each.name}': {each.id} from {before} to {after}"
        events.append((each.id, event))
    session.flush()
    audit.record_for_assets(installation, session, events, actor=actor)
    audit.record(installation, session, events[0][1], actor=actor, account_id=owner.id)
    return moved


def transfer_parenthood(
    installation: Installation,
    session: Session,
    asset: Asset,
    parent: Asset | None,
    *,
    actor: User | None = None,
) -> None:
    """Make an asset a part of another one, or (None) an asset of its own.

    :raises InvalidInput: where the two have different owners, the parent is a part of the asset, or
        an asset at the new place has the same name.
    """
    changes = {"parent_asset_id": None if parent is None else parent.id}
    assets.update_asset(installation, session, asset, changes, actor=actor)
