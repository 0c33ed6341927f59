"""Assets by owner, in the order in which somebody looks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmhost.plugin import Asset, User


@dataclass(frozen=True, slots=True)
class Group:
    """The assets of one owner; parts follow the asset that they belong to."""

    title: str
    assets: Sequence[Asset]


def group_by_owner(assets: Sequence[Asset], user: User) -> list[Group]:
    """The user's own first, then those of other accounts by name, public ones last."""
    owners: dict[int | None, list[Asset]] = {}
    for asset in assets:
        owners.setdefault(asset.account_id, []).append(asset)

    def key(owner: int | None) -> tuple[bool, bool, str]:
        account = owners[owner][0].account
        return owner is None, owner != user.account_id, account.name.casefold() if account else ""

    return [
        Group(_title(owners[owner][0]), _parts_after_wholes(owners[owner]))
        for owner in sorted(owners, key=key)
    ]


def _title(asset: Asset) -> str:
    return asset.account.name if asset.account is not None else "Public"


def _parts_after_wholes(assets: Sequence[Asset]) -> list[Asset]:
    parts: dict[int | None, list[Asset]] = {}
    ids = {asset.id for asset in assets}
    for asset in assets:
        above = asset.parent_asset_id if asset.parent_asset_id in ids else None
        parts.setdefault(above, []).append(asset)
    ordered: list[Asset] = []
    waiting = list(reversed(parts.get(None, [])))
    while waiting:
        asset = waiting.pop()
        ordered.append(asset)
        waiting.extend(reversed(parts.get(asset.id, [])))
    return ordered
