"""Which scheduler or forecaster serves a sensor or asset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.errors import InvalidInput
from fmhost.host.registry import Provenance
from fmhost.model import Asset, Sensor
from fmhost.services.driver_attributes import Reference, attribute_of, parse, resolve
from fmhost.services.installation import Installation


@dataclass(frozen=True, slots=True)
class Choice:
    """A driver class, with its configuration as it loads it.

    :param reason: why it was chosen, in a few words.
    """

    driver: type[Any]
    provenance: Provenance
    config: Mapping[str, Any]
    reason: str


def choose(installation: Installation, kind: str, target: Sensor | Asset) -> Choice:
    """The scheduler or forecaster for `target`.

    In this order: the attribute ``custom-<kind>`` of the sensor, of its asset, of the asset's
    ancestors; the hook ``fmhost_select_<kind>``; the driver that declares itself the choice for
    the asset's type; the setting ``FMHOST_DEFAULT_<KIND>``.

    :param kind: ``"scheduler"`` or ``"forecaster"``.
    :raises InvalidInput: where the chosen name is not available, or nothing is chosen.
    :raises PluginError: where the driver's plugin cannot be imported.
    """
    attribute = attribute_of(kind)
    for holder, value in _named(target, attribute):
        found = resolve(installation, kind, parse(kind, value))
        reason = f"attribute {attribute} of {holder}"
        return Choice(found.driver, found.provenance, found.config, reason)
    hook = f"fmhost_select_{kind}"
    selected = installation.host.hooks.first(hook, target=target)
    if selected is not None:
        return _take(installation, kind, selected, f"hook {hook}")
    asset = target.generic_asset if isinstance(target, Sensor) else target
    asset_type = asset.generic_asset_type.name
    of_type = installation.host.registry.for_asset_type(kind, asset_type)
    if of_type is not None:
        return _take(installation, kind, of_type, f"asset type {asset_type}")
    setting = f"FMHOST_DEFAULT_{kind.upper()}"
    default = installation.settings[setting]
    if default is not None:
        return _take(installation, kind, default, f"setting {setting}")
    raise InvalidInput(
        f"No {kind} is available for an asset of type '{asset_type}'.",
        field=attribute,
        hint=f"Install a plugin that brings one, or name one in the attribute '{attribute}'.",
    )


def by_name(installation: Installation, kind: str, name: str) -> Choice:
    """The driver that somebody asks for by name.

    :raises InvalidInput: where it is not available; the message lists those that are, and its
        field is the kind.
    """
    try:
        return _take(installation, kind, name, "asked for by name")
    except InvalidInput as error:
        error.field = kind  # no attribute is at fault
        raise


def _named(target: Sensor | Asset, attribute: str) -> Iterator[tuple[str, Any]]:
    """The values of `attribute` from the target upwards, nearest first; null is none."""
    if isinstance(target, Sensor):
        if target.attributes.get(attribute) is not None:
            yield f"sensor {target.id}", target.attributes[attribute]
        asset = target.generic_asset
    else:
        asset = target
    for holder in (asset, *asset.ancestors):
        if holder.attributes.get(attribute) is not None:
            yield f"asset {holder.id}", holder.attributes[attribute]


def _take(installation: Installation, kind: str, name: str, reason: str) -> Choice:
    found = resolve(installation, kind, Reference(name=name))
    return Choice(found.driver, found.provenance, found.config, reason)
