"""What a copy of assets refers to: the copies of sensors and assets, and some that were not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.orm import Session

from fmhost.auth.policy import Permission, allowed
from fmhost.model import Asset, Sensor, User
from fmhost.services import references
from fmhost.services.references import GONE, Mention


@dataclass(frozen=True, slots=True)
class Copied:
    """The ids of the copies by those of their originals."""

    sensors: Mapping[int, int]
    assets: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Dropped:
    """The ids of what the copies may not refer to."""

    sensors: frozenset[int]
    assets: frozenset[int]


@dataclass(frozen=True, slots=True)
class References:
    """JSON fields of an asset or sensor, by name: what they say, and about what."""

    fields: Mapping[str, Any]

    @classmethod
    def of_asset(cls, asset: Asset) -> Self:
        """Those of an asset."""
        names = ("attributes", *references.FIELDS)
        return cls({name: getattr(asset, name) for name in names})

    @classmethod
    def of_sensor(cls, sensor: Sensor) -> Self:
        """Those of a sensor."""
        return cls({"attributes": sensor.attributes})

    def mentions(self) -> Iterator[Mention]:
        """Every sensor and asset that is named."""
        for name, value in self.fields.items():
            if name == "attributes":
                yield from references.mentions_in_attributes(value)
            else:
                yield from references.mentions(value, "", show=_shows(name))

    def translated(self, copied: Copied, dropped: Dropped) -> dict[str, Any]:
        """The same about the copies, without what is dropped."""
        found = {}
        for name, value in self.fields.items():
            if name == "attributes":
                parts = {
                    each: _translated(part, each, copied, dropped, references.shows_sensors(each))
                    for each, part in value.items()
                }
                found[name] = {each: part for each, part in parts.items() if part is not GONE}
            else:
                new = _translated(value, "", copied, dropped, _shows(name))
                found[name] = type(value)() if new is GONE else new
        return found


def _shows(field: str) -> bool:
    """Whether bare numbers in this field of an asset are sensors."""
    return field.startswith("sensors")


def outside_references(
    session: Session,
    said: Iterable[References],
    copied: Copied,
    *,
    actor: User,
    source_account_id: int | None,
    target_account_id: int | None,
) -> Dropped:
    """What copies may not refer to, of what was not copied: in at most two statements.

    That is what does not exist or `actor` may not read; and, where the copies belong to another
    account than the originals, what belongs to that of the originals.
    """
    outside = {
        mention
        for each in said
        for mention in each.mentions()
        if mention.id not in (copied.sensors if mention.kind == "sensor" else copied.assets)
    }
    found = references.find(session, outside)

    def kept(owner: Asset | None) -> bool:
        if owner is None:
            return False
        moved = source_account_id is not None and source_account_id != target_account_id
        if moved and owner.account_id == source_account_id:
            return False
        return allowed(actor, owner, Permission.READ)

    sensor_ids = {mention.id for mention in outside if mention.kind == "sensor"}
    asset_ids = {mention.id for mention in outside if mention.kind == "asset"}
    owners = {each.id: each.generic_asset for each in found.sensors.values()}
    return Dropped(
        frozenset(each for each in sensor_ids if not kept(owners.get(each))),
        frozenset(each for each in asset_ids if not kept(found.assets.get(each))),
    )


def _translated(value: Any, key: str, copied: Copied, dropped: Dropped, show: bool) -> Any:
    left = references.without(value, key, dropped.sensors, dropped.assets, show=show)
    return left if left is GONE else _renamed(left, key, copied, show=show)


def _renamed(value: Any, key: str, copied: Copied, *, show: bool) -> Any:
    """`value` with the ids of copies in place of those of their originals."""
    if isinstance(value, dict):
        return {name: _renamed_part(name, part, copied, show=show) for name, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, key, copied, show=show) for part in value]
    if references.is_id(value) and (show or references.means_sensors(key)):
        return copied.sensors.get(value, value)
    return value


def _renamed_part(name: str, part: Any, copied: Copied, *, show: bool) -> Any:
    if references.is_id(part) and name in ("sensor", "asset"):
        copies = copied.sensors if name == "sensor" else copied.assets
        return copies.get(part, part)
    return _renamed(part, name, copied, show=show and name in references.SHOWN)
