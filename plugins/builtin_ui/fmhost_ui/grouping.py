"""Assets in groups, in the order in which somebody looks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fmhost.plugin import Asset, User

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Group:
    """Assets of one kind or of one owner; parts follow the asset that they belong to.

    :param key: what a URL calls it.
    :param others: how many assets there are beside these, which the user may not read.
    """

    key: str
    title: str
    assets: Sequence[Asset]
    others: int = 0

    @property
    def number(self) -> int:
        """How many assets there are."""
        return len(self.assets) + self.others


def by_account(assets: Sequence[Asset], user: User) -> list[Group]:
    """The user's own first, then those of other accounts by name, public ones last."""
    owners = _collected(assets, lambda asset: asset.account_id)

    def order(owner: int | None) -> tuple[bool, bool, str]:
        account = owners[owner][0].account
        return owner is None, owner != user.account_id, account.name.casefold() if account else ""

    return [
        Group(
            "public" if owner is None else str(owner),
            _owner(owners[owner][0]),
            _parts_after_wholes(owners[owner]),
        )
        for owner in sorted(owners, key=order)
    ]


def by_type(
    assets: Sequence[Asset],
    groups: Mapping[str, Sequence[str]],
    others: Mapping[str, int] | None = None,
) -> list[Group]:
    """By asset type, or by the group in which a type is; the largest first, then by name.

    :param groups: names of asset types by the name of their group.
    :param others: how many more assets there are of a type, by its name.
    """
    group_of = {kind: group for group, kinds in groups.items() for kind in kinds}
    found = _collected(
        assets,
        lambda asset: group_of.get(asset.generic_asset_type.name, asset.generic_asset_type.name),
    )
    numbers = dict.fromkeys(found, 0)
    for kind, number in (others or {}).items():
        key = group_of.get(kind, kind)
        numbers[key] = numbers.get(key, 0) + number
    unsorted = [
        Group(key, titled(key), _parts_after_wholes(found.get(key, ())), number)
        for key, number in numbers.items()
    ]
    return sorted(unsorted, key=lambda group: (-group.number, group.key.casefold()))


def titled(name: str) -> str:
    """The name of a type as people read it: ``two-way_evse`` is ``Two-way EVSE``."""
    words = name.replace("_", " ").split(" ")
    text = " ".join("EVSE" if word.casefold() == "evse" else word for word in words)
    return text[:1].upper() + text[1:]


def _collected(assets: Sequence[Asset], key: Callable[[Asset], Key]) -> dict[Key, list[Asset]]:
    found: dict[Key, list[Asset]] = {}
    for asset in assets:
        found.setdefault(key(asset), []).append(asset)
    return found


def _owner(asset: Asset) -> str:
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
