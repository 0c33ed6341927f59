"""Schedulers, forecasters and reporters: which there are, whose, and where each is in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmhost.errors import FmhostError, InvalidInput
from fmhost.model import Asset, Sensor
from fmhost.services import driver_attributes
from fmhost.services.driver_attributes import Reference, attribute_of, parse
from fmhost.services.installation import Installation


@dataclass(frozen=True, slots=True)
class Use:
    """A sensor or asset that names a driver in its attributes.

    :param entity: ``"sensor"`` or ``"asset"``.
    :param asset: name of the asset that it is, or belongs to.
    """

    entity: str
    id: int
    name: str
    asset: str


@dataclass(slots=True)
class DriverInUse:
    """A driver, with where it is in use.

    :param name: under which sensors and assets name it; the import path of a class that the host
        allows without a plugin.
    :param plugin: who brings it; None where it is gone.
    :param version: of the distribution.
    :param asset_types: for which it is the choice; `default` whether it is where nothing else is.
    :param author: what the class says about itself, and `model` the class with its own version;
        None where it cannot be imported.
    :param problem: why it cannot be used; None where it can.
    """

    name: str
    plugin: str | None = None
    distribution: str | None = None
    version: str | None = None
    module: str | None = None
    author: str | None = None
    model: str | None = None
    asset_types: Sequence[str] = ()
    default: bool = False
    uses: list[Use] = field(default_factory=list)
    problem: str | None = None


def list_drivers(installation: Installation, session: Session, kind: str) -> list[DriverInUse]:
    """The drivers of a kind that plugins offer, and after them those that are named but gone.

    Each is imported, so that it can say what it is; one that fails is listed all the same.

    :param kind: ``"scheduler"``, ``"forecaster"`` or ``"reporter"``.
    """
    registry = installation.host.registry
    default = installation.settings.get(f"FMHOST_DEFAULT_{kind.upper()}")
    listed: dict[str, DriverInUse] = {}
    by_target: dict[str, DriverInUse] = {}
    for name, offer in registry.offers(kind).items():
        found = DriverInUse(
            name,
            plugin=offer.provenance.plugin,
            distribution=offer.provenance.distribution,
            version=offer.provenance.version,
            module=offer.driver.target.partition(":")[0],
            asset_types=[
                each
                for each in offer.driver.asset_types
                if registry.for_asset_type(kind, each) == name
            ],
            default=name == default,
        )
        listed[name] = by_target[offer.driver.target] = found
        _introduce(installation, kind, found, Reference(name=name))
    for use, reference in _references(session, kind):
        named = listed.get(reference.name or "") or by_target.get(reference.target or "")
        if named is None:
            named = _unlisted(installation, kind, reference)
            listed[reference.name or str(reference.target)] = named
        named.uses.append(use)
    if isinstance(default, str) and default not in listed:
        listed[default] = _unlisted(installation, kind, Reference(name=default))
        listed[default].default = True
    return list(listed.values())


def _introduce(
    installation: Installation, kind: str, found: DriverInUse, reference: Reference
) -> None:
    """Let the class say what it is."""
    registry = installation.host.registry
    try:
        if reference.target is not None:
            allowed = installation.settings["FMHOST_PLUGIN_CLASSES_ALLOWED"]
            driver, provenance = registry.get_allowed(kind, reference.target, allowed)
        else:
            driver, provenance = registry.get(kind, str(reference.name))
        described = driver.get_data_source_info() if hasattr(driver, "get_data_source_info") else {}
    except FmhostError as error:
        found.problem = str(error)
    except Exception as error:  # whatever a plugin's class does
        found.problem = f"{type(error).__name__}: {error}"
    else:
        found.plugin, found.distribution = provenance.plugin, provenance.distribution
        found.version = provenance.version
        found.author = described.get("name")
        model = described.get("model", driver.__name__)
        found.model = f"{model} {described['version']}" if "version" in described else model


def _unlisted(installation: Installation, kind: str, reference: Reference) -> DriverInUse:
    """A driver that is named, and that no active plugin offers."""
    found = DriverInUse(reference.name or str(reference.target))
    if reference.target is not None:
        found.module = reference.target.partition(":")[0]
    _introduce(installation, kind, found, reference)
    return found


def _references(session: Session, kind: str) -> Iterator[tuple[Use, Reference]]:
    """Every sensor and asset that names a driver of the kind, in two statements."""
    if kind not in driver_attributes.KINDS:
        return
    attribute = attribute_of(kind)
    sensors = (
        select(Sensor)
        .where(Sensor.attributes[attribute].as_string().is_not(None))
        .options(joinedload(Sensor.generic_asset))
        .order_by(Sensor.id)
    )
    for sensor in session.scalars(sensors):
        reference = _parsed(kind, sensor.attributes)
        if reference is not None:
            yield Use("sensor", sensor.id, sensor.name, sensor.generic_asset.name), reference
    assets = (
        select(Asset).where(Asset.attributes[attribute].as_string().is_not(None)).order_by(Asset.id)
    )
    for asset in session.scalars(assets):
        reference = _parsed(kind, asset.attributes)
        if reference is not None:
            yield Use("asset", asset.id, asset.name, asset.name), reference


def _parsed(kind: str, attributes: Mapping[str, Any]) -> Reference | None:
    """What the attribute means; its text as a name where it has a form of old."""
    value = attributes.get(attribute_of(kind))
    if value is None:
        return None
    try:
        return parse(kind, value)
    except InvalidInput:
        return Reference(name=str(value))
