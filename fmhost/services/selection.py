"""Which scheduler or forecaster serves a sensor or asset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.errors import InvalidInput
from fmhost.host.registry import Provenance
from fmhost.model import Asset, Sensor
from fmhost.services.installation import Installation


@dataclass(frozen=True, slots=True)
class Choice:
    """A driver class, with the configuration that the attribute gives next to its name.

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
    attribute = f"custom-{kind}"
    for holder, value in _named(target, attribute):
        name, config = parse_reference(installation, kind, value)
        return _take(installation, kind, name, config, f"attribute {attribute} of {holder}")
    hook = f"fmhost_select_{kind}"
    selected = installation.host.hooks.first(hook, target=target)
    if selected is not None:
        return _take(installation, kind, selected, {}, f"hook {hook}")
    asset = target.generic_asset if isinstance(target, Sensor) else target
    asset_type = asset.generic_asset_type.name
    of_type = installation.host.registry.for_asset_type(kind, asset_type)
    if of_type is not None:
        return _take(installation, kind, of_type, {}, f"asset type {asset_type}")
    setting = f"FMHOST_DEFAULT_{kind.upper()}"
    default = installation.settings[setting]
    if default is not None:
        return _take(installation, kind, default, {}, f"setting {setting}")
    raise InvalidInput(
        f"No {kind} is available for an asset of type '{asset_type}'.",
        field=attribute,
        hint=f"Install a plugin that brings one, or name one in the attribute '{attribute}'.",
    )


def by_name(installation: Installation, kind: str, name: str) -> Choice:
    """The driver that somebody asks for by name.

    :raises InvalidInput: where it is not available; the message lists those that are.
    """
    return _take(installation, kind, name, {}, "asked for by name")


def parse_reference(
    installation: Installation, kind: str, value: Any
) -> tuple[str, dict[str, Any]]:
    """Name and configuration in a ``custom-<kind>`` attribute.

    It holds a name; or ``{"name": ..., "config": {...}}``; or the older ``{"module", "class"}``,
    accepted where it means a registered class or one that ``FMHOST_PLUGIN_CLASSES_ALLOWED``
    lists. No module is ever imported because an attribute names it.

    :raises InvalidInput: for any other value.
    """
    field = f"custom-{kind}"
    if isinstance(value, str) and value:
        return value, {}
    if isinstance(value, Mapping):
        if "name" in value:
            config = value.get("config") or {}
            if isinstance(value["name"], str) and isinstance(config, Mapping):
                return value["name"], dict(config)
        elif "class" not in value:
            raise InvalidInput(f"{kind} specs have no 'class'.", field=field)
        elif "module" not in value:
            raise InvalidInput(f"{kind} specs have no 'module'.", field=field)
        else:
            return _registered_class(installation, kind, value), {}
    raise InvalidInput(
        f"The attribute '{field}' must be a name or an object with 'name' and 'config'.",
        field=field,
        hint=f'For example {{"name": "{"/".join(installation.host.registry.names(kind)[:1])}"}}.',
    )


def _registered_class(installation: Installation, kind: str, value: Mapping[str, Any]) -> str:
    wanted = f"{value['module']}:{value['class']}"
    for name, offer in installation.host.registry.offers(kind).items():
        if offer.driver.target == wanted:
            return name
    known = ", ".join(installation.host.registry.names(kind)) or "none"
    raise InvalidInput(
        f"{wanted} is not a registered {kind}.",
        field=f"custom-{kind}",
        hint=f"Name a registered one ({known}); classes are never imported by their path.",
    )


def _named(target: Sensor | Asset, attribute: str) -> Iterator[tuple[str, Any]]:
    """The values of `attribute` from the target upwards, nearest first."""
    asset: Asset | None
    if isinstance(target, Sensor):
        if attribute in target.attributes:
            yield f"sensor {target.id}", target.attributes[attribute]
        asset = target.generic_asset
    else:
        asset = target
    while asset is not None:
        if attribute in asset.attributes:
            yield f"asset {asset.id}", asset.attributes[attribute]
        asset = asset.parent_asset


def _take(
    installation: Installation, kind: str, name: str, config: Mapping[str, Any], reason: str
) -> Choice:
    driver, provenance = installation.host.registry.get(kind, name)
    return Choice(driver, provenance, config, reason)
