"""Copy an asset with all that is below it, but without data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from fmhost.model import Asset, Sensor, User
from fmhost.services import audit, lookup
from fmhost.services.copied_references import Copied, References, outside_references
from fmhost.services.installation import Installation

_LONGEST_NAME: Final = 80
_MARK: Final = re.compile(r" \(Copy(?: [0-9]+)?\)$")

_OF_ASSETS: Final = ("name", "generic_asset_type_id", "description", "latitude", "longitude")
_OF_SENSORS: Final = (
    "name",
    "unit",
    "timezone",
    "event_resolution",
    "knowledge_horizon_fnc",
    "knowledge_horizon_par",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an asset is put: below a parent, or at the top of what an account owns.

    :param account_id: the owner; None for a public asset. A parent has the same owner.
    """

    account_id: int | None
    parent_id: int | None = None


@dataclass
class _Copies:
    """The ids of copies by those of their originals."""

    assets: dict[int, int] = field(default_factory=dict)
    sensors: dict[int, int] = field(default_factory=dict)


def copy_asset(
    installation: Installation, session: Session, asset: Asset, place: Place, *, actor: User
) -> Asset:
    """Copy an asset, the assets below it that `actor` may read, and their sensors, to a place.

    What refers to one of these refers to its copy then. Other references stay, but for those to
    what `actor` may not read, and to what belongs to the account from which an asset is copied
    into another one. Data, annotations, secrets and external ids are not copied.

    The caller has asked the policy about asset and place.
    """
    originals = _with_parts(session, asset, actor)
    copies = _Copies()
    _copy_root(session, asset, place, copies)
    for level in _levels_below(asset, originals):
        _copy_parts(session, level, place, copies)
    _copy_sensors(session, originals, copies)
    _copy_content(session, originals, copies, place, actor)
    session.flush()
    copy = session.get_one(Asset, copies.assets[asset.id])
    _record(installation, session, asset, originals, copies, copy, actor)
    return copy


def _with_parts(session: Session, asset: Asset, actor: User) -> list[Asset]:
    """The asset and those below it, down to where `actor` may not read any further."""
    family = {each.id: each for each in lookup.family_of(session, actor, asset)}
    reached = {asset.id: asset}
    while True:
        more = {
            key: each
            for key, each in family.items()
            if key not in reached and each.parent_asset_id in reached
        }
        if not more:
            return list(reached.values())
        reached |= more


def _levels_below(asset: Asset, originals: Sequence[Asset]) -> Iterator[list[Asset]]:
    """The assets below the first one by how far they are, nearest first."""
    above = {asset.id}
    while level := [
        each for each in originals if each.parent_asset_id in above and each is not asset
    ]:
        yield level
        above = {each.id for each in level}


def _free_name(session: Session, name: str, place: Place) -> str:
    """The name, marked and numbered where an asset at that place has it."""
    base = _MARK.sub("", name)
    taken = set(
        session.scalars(
            select(Asset.name).where(
                Asset.name.startswith(base[: _LONGEST_NAME - 16], autoescape=True),
                Asset.account_id.is_not_distinct_from(place.account_id),
                Asset.parent_asset_id.is_not_distinct_from(place.parent_id),
            )
        )
    )
    return next(each for each in _candidates(name, base) if each not in taken)


def _candidates(name: str, base: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        mark = " (Copy)" if number == 1 else f" (Copy {number})"
        yield base[: _LONGEST_NAME - len(mark)].rstrip() + mark
        number += 1


def _copy_root(session: Session, asset: Asset, place: Place, copies: _Copies) -> None:
    """Store the copy of an asset at its place; what it says follows later."""
    row = {
        **_columns(asset, _OF_ASSETS),
        "name": _free_name(session, asset.name, place),
        "account_id": place.account_id,
        "parent_asset_id": place.parent_id,
    }
    copies.assets[asset.id] = session.scalars(insert(Asset).returning(Asset.id), row).one()


def _copy_parts(session: Session, parts: Sequence[Asset], place: Place, copies: _Copies) -> None:
    """Store copies of assets whose parents are copied."""
    above = {each.id: copies.assets[each.parent_asset_id or 0] for each in parts}
    rows = [
        {
            **_columns(each, _OF_ASSETS),
            "account_id": place.account_id,
            "parent_asset_id": above[each.id],
        }
        for each in parts
    ]
    session.execute(insert(Asset), rows)
    # Found by what is unique: not every database tells the ids in the order of the rows.
    query = select(Asset.parent_asset_id, Asset.name, Asset.id).where(
        Asset.parent_asset_id.in_(set(above.values()))
    )
    stored = {(parent_id, name): asset_id for parent_id, name, asset_id in session.execute(query)}
    copies.assets |= {each.id: stored[above[each.id], each.name] for each in parts}


def _copy_sensors(session: Session, originals: Sequence[Asset], copies: _Copies) -> None:
    sensors = [sensor for each in originals for sensor in each.sensors]
    if not sensors:
        return
    of = {sensor.id: copies.assets[sensor.generic_asset_id] for sensor in sensors}
    rows = [
        {**_columns(sensor, _OF_SENSORS), "generic_asset_id": of[sensor.id]} for sensor in sensors
    ]
    session.execute(insert(Sensor), rows)
    query = select(Sensor.generic_asset_id, Sensor.name, Sensor.id).where(
        Sensor.generic_asset_id.in_(set(of.values()))
    )
    stored = {(asset_id, name): sensor_id for asset_id, name, sensor_id in session.execute(query)}
    copies.sensors |= {sensor.id: stored[of[sensor.id], sensor.name] for sensor in sensors}


def _columns(original: Asset | Sensor, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(original, name) for name in names}


def _copy_content(
    session: Session, originals: Sequence[Asset], copies: _Copies, place: Place, actor: User
) -> None:
    """Have the copies say what their originals say, about the copies."""
    sensors = [sensor for each in originals for sensor in each.sensors]
    said = [References.of_asset(each) for each in originals]
    said += [References.of_sensor(sensor) for sensor in sensors]
    dropped = outside_references(
        session,
        said,
        Copied(copies.sensors, copies.assets),
        actor=actor,
        source_account_id=originals[0].account_id,
        target_account_id=place.account_id,
    )
    translated = [each.translated(Copied(copies.sensors, copies.assets), dropped) for each in said]
    assets = [
        {"id": copies.assets[each.id], **content}
        for each, content in zip(originals, translated[: len(originals)], strict=True)
    ]
    session.execute(update(Asset), assets)
    attributes = [
        {"id": copies.sensors[sensor.id], **content}
        for sensor, content in zip(sensors, translated[len(originals) :], strict=True)
    ]
    if attributes:
        session.execute(update(Sensor), attributes)


def _record(
    installation: Installation,
    session: Session,
    asset: Asset,
    originals: Sequence[Asset],
    copies: _Copies,
    copy: Asset,
    actor: User,
) -> None:
    """Write down what was copied, where those who read it may know of both assets."""
    event = f"Copied asset '{asset.name}': {asset.id} to '{copy.name}': {copy.id}"
    events: list[tuple[int | None, str]] = []
    if asset.account_id == copy.account_id:
        events.append((asset.id, event))
    for each in originals:
        new_id = copies.assets[each.id]
        name = copy.name if each is asset else each.name
        told = f"Created asset '{name}': {new_id}"
        if asset.is_public or asset.account_id == copy.account_id:
            told = f"Copied asset '{each.name}': {each.id} to '{name}': {new_id}"
        events.append((new_id, told))
    audit.record_for_assets(installation, session, events, actor=actor)
