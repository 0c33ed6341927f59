"""What a change of the plugins would add, remove or orphan, said before it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from fmhost.errors import NotFound
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.registry import Registered
from fmhost.model import Asset, AssetType, Sensor

#: The kinds of drivers that sensors and assets refer to.
KINDS = ("scheduler", "forecaster")

Claims = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """Names of plugins to switch off, to switch on, and to take away."""

    disable: Sequence[str] = ()
    enable: Sequence[str] = ()
    uninstall: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A claim that changes hands: `before` and `after` are plugins, or None for nobody."""

    kind: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Switched:
    """A plugin whose state changes, and why."""

    plugin: str
    before: str
    after: str
    cause: str
    fix: str


@dataclass(frozen=True, slots=True)
class Orphan:
    """A sensor or asset whose attribute ``custom-<kind>`` names what would vanish.

    :param entity: ``"sensor"`` or ``"asset"``, and its `id` and `name`.
    :param asset: name of the asset that it is, or belongs to.
    :param account_id: who owns it; None for a public one.
    """

    entity: str
    id: int
    name: str
    asset: str
    account_id: int | None
    kind: str
    driver: str


@dataclass(frozen=True, slots=True)
class TypeChange:
    """Assets that name no driver and would get another one, or none, because of their type.

    :param assets: how many assets of that type there are.
    """

    asset_type: str
    kind: str
    before: str | None
    after: str | None
    assets: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do.

    :param orphans: sensors and assets that would be orphaned, and `types` asset types that would
        be served by another driver; both None where the database cannot be asked.
    :param kept_tables: table prefixes of plugins that would go; their tables stay.
    """

    offers: Sequence[Offer]
    switched: Sequence[Switched]
    kept_tables: Sequence[str]
    orphans: Sequence[Orphan] | None = None
    types: Sequence[TypeChange] | None = None

    @property
    def harms(self) -> bool:
        """Whether something that is in use would stop working."""
        lost = [change for change in self.types or () if change.assets and change.after is None]
        return bool(self.orphans or lost)


def after(host: Host, change: Change) -> Host:
    """The host as it would be after `change`, made from the present one.

    :raises NotFound: where the change names a plugin that is not installed.
    """
    for name in (*change.disable, *change.enable, *change.uninstall):
        if name not in host.plugins:
            known = ", ".join(sorted(host.plugins)) or "none"
            raise NotFound(f"No plugin named '{name}' is installed.", hint=f"Installed: {known}.")
    now = host.composition
    kept = [name for name in now.disabled if name not in change.enable]
    allowed = [*now.allowed, *change.enable] if now.allowed else []
    composition = replace(now, disabled=[*kept, *change.disable], allowed=allowed)
    return Host(composition, without=change.uninstall)


def compare(before: Host, then: Host) -> Plan:
    """The difference between two compositions, as far as the plugins tell it."""
    had, has = _owned(before), _owned(then)
    return Plan(
        offers=[
            Offer(kind, name, had.get((kind, name)), has.get((kind, name)))
            for kind, name in sorted({*had, *has})
            if had.get((kind, name)) != has.get((kind, name))
        ],
        switched=list(_switched(before, then)),
        kept_tables=[
            record.manifest.table_prefix
            for record in before.active
            if record.manifest and record.manifest.table_prefix and not _serves(then, record)
        ],
    )


def with_entities(
    found: Plan, session: Session, before: Host, then: Host, defaults: Mapping[str, str | None]
) -> Plan:
    """The same plan with the sensors, assets and asset types that it concerns.

    :param defaults: the driver that serves where nothing else names one, by kind.
    """
    return replace(
        found,
        orphans=list(_orphans(session, before, then)),
        types=list(_type_changes(session, before, then, defaults)),
    )


def _serves(host: Host, record: PluginRecord) -> bool:
    other = host.plugins.get(record.name)
    return other is not None and other.active


def _owned(host: Host) -> Claims:
    owned: Claims = {}
    for record in host.active:
        if record.manifest is None:
            continue
        for kind, name in record.manifest.claims():
            if record.owns(kind, name):
                owned[kind, name] = record.name
        if record.manifest.hooks is not None:
            owned["hooks", record.manifest.hooks] = record.name
    return owned


def _switched(before: Host, then: Host) -> Iterator[Switched]:
    for name, record in before.plugins.items():
        other = then.plugins.get(name)
        if other is None:
            yield Switched(name, record.status, "not installed", "", "")
        elif other.status != record.status:
            yield Switched(name, record.status, other.status, other.cause or "", other.fix or "")


def _orphans(session: Session, before: Host, then: Host) -> Iterator[Orphan]:
    vanishing = {
        kind: {
            name: offer
            for name, offer in before.registry.offers(kind).items()
            if name not in then.registry.names(kind)
        }
        for kind in KINDS
    }
    if not any(vanishing.values()):
        return
    sensors = session.scalars(
        select(Sensor).options(joinedload(Sensor.generic_asset)).order_by(Sensor.id)
    )
    for sensor in sensors:
        for kind, driver in _named(sensor.attributes, vanishing):
            asset = sensor.generic_asset
            yield Orphan(
                "sensor", sensor.id, sensor.name, asset.name, asset.account_id, kind, driver
            )
    for asset in session.scalars(select(Asset).order_by(Asset.id)):
        for kind, driver in _named(asset.attributes, vanishing):
            yield Orphan("asset", asset.id, asset.name, asset.name, asset.account_id, kind, driver)


def _named(
    attributes: Mapping[str, Any], vanishing: Mapping[str, Mapping[str, Registered]]
) -> Iterator[tuple[str, str]]:
    """Kind and name of every vanishing driver that the attributes name."""
    for kind, offers in vanishing.items():
        value = attributes.get(f"custom-{kind}")
        if isinstance(value, Mapping) and "name" not in value:
            target = f"{value.get('module')}:{value.get('class')}"
            yield from (
                (kind, name) for name, offer in offers.items() if offer.driver.target == target
            )
        else:
            name = value["name"] if isinstance(value, Mapping) else value
            if isinstance(name, str) and name in offers:
                yield kind, name


def _type_changes(
    session: Session, before: Host, then: Host, defaults: Mapping[str, str | None]
) -> Iterator[TypeChange]:
    counted = select(AssetType.name, func.count(Asset.id)).outerjoin(AssetType.assets)
    for asset_type, count in session.execute(
        counted.group_by(AssetType.name).order_by(AssetType.name)
    ):
        for kind in KINDS:
            was = _choice(before, kind, asset_type, defaults)
            becomes = _choice(then, kind, asset_type, defaults)
            if was != becomes:
                yield TypeChange(asset_type, kind, was, becomes, count)


def _choice(
    host: Host, kind: str, asset_type: str, defaults: Mapping[str, str | None]
) -> str | None:
    name = host.registry.for_asset_type(kind, asset_type) or defaults.get(kind)
    return name if name in host.registry.names(kind) else None
