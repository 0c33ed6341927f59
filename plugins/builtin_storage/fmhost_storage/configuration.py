"""What a schedule is asked for: from the request, and what is stored, to typed configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from fmhost.plugin import InvalidInput, SeriesReader
from fmhost_storage.alike import DeviceReader
from fmhost_storage.device_config import ELECTRICITY, DeviceConfig
from fmhost_storage.device_fields import Key, group_key
from fmhost_storage.flex_context import SiteConfig, node_inside, read_site
from fmhost_storage.groups import GroupConfig, read_group, refuse_cycles
from fmhost_storage.inflexible import Inflexible, inflexible_flows
from fmhost_storage.kinds import POWER
from fmhost_storage.quantities import Source, read_quantity, sensor_id, with_hyphens

#: An asset whose stored flex-model names one of these is a device without being asked for.
OUTPUTS = {"consumption", "production"}
#: An entry with one of these is about a device that is not scheduled.
FIXED = ("inflexible-consumption", "inflexible-production")


@dataclass(frozen=True)
class FlexConfig:
    """What a schedule is asked for, checked and typed; sensors are not read yet."""

    devices: list[DeviceConfig]
    site: SiteConfig
    groups: tuple[GroupConfig, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """One object of the flex-model of an asset.

    :param key: what it is about: ``sensor`` or ``asset``, and the id.
    :param given: what it says, without these.
    """

    prefix: str
    key: Key
    holder: Any
    given: Mapping[str, Any]


class ConfigReader:
    """Reads the configuration of one schedule.

    :param sensor: the sensor to schedule; None where devices of the asset are.
    """

    def __init__(
        self, sensor: Any | None, asset: Any, reader: SeriesReader, start: datetime
    ) -> None:
        self.sensor = sensor
        self.asset = asset
        self.reader = reader
        self._devices = DeviceReader(start)
        self._sources: dict[str, Source] = {}

    def read(self, flex_model: Any, flex_context: Any) -> FlexConfig:
        """:raises InvalidInput: naming the field."""
        site = self._site(flex_context)
        if self.sensor is not None:
            config = FlexConfig([self._device(flex_model)], site)
        else:
            config = self._of_list(flex_model, site)
        for device in config.devices:
            _require_capacity(device, site)
            _require_currency(device, site)
        _require_partners(config.devices)
        told = {each.commodity for each in config.site.commodities}
        untold = {device.commodity for device in config.devices} - told - {ELECTRICITY}
        inside = tuple(node_inside(name, site.currency) for name in sorted(untold))
        return replace(
            config,
            site=replace(config.site, commodities=(*config.site.commodities, *inside)),
        )

    def _source(self, sensor: Any | None) -> Source:
        zone = "UTC" if sensor is None else sensor.timezone
        found = self._sources.get(zone)
        if found is None:
            found = self._sources[zone] = Source(self.reader, zone)
        return found

    @cached_property
    def _family(self) -> dict[int, Any]:
        """The asset and those below it, by id."""
        return {each.id: each for each in (self.asset, *self.asset.offspring)}

    @cached_property
    def _family_ids(self) -> set[int]:
        return {self.asset.id, *self.asset.offspring_ids}

    def _site(self, flex_context: Any) -> SiteConfig:
        holders = [self.asset, *self.asset.ancestors]
        if self.sensor is not None:
            holders.insert(0, self.sensor)
        return read_site(flex_context, holders, self._source(self.sensor))

    def _device(self, flex_model: Any) -> DeviceConfig:
        """The only device."""
        if isinstance(flex_model, Mapping) and "group" in flex_model:
            raise InvalidInput(
                "A group limits several devices together, so it needs a request for an asset.",
                field="group",
            )
        device = self._devices.read(flex_model, self.sensor, self._source(self.sensor))
        return replace(device, group=None)

    def _of_list(self, flex_model: Any, site: SiteConfig) -> FlexConfig:
        """The devices of the request, then those that assets below tell of in their flex-model."""
        entries = self._entries([] if flex_model is None else flex_model)
        site, entries = self._without_fixed(entries, site)
        named = self._named_groups(entries)
        devices: list[DeviceConfig] = []
        groups: dict[Key, GroupConfig] = {}
        for entry in entries:
            source = self._source(entry.holder if entry.key[0] == "sensor" else None)
            given, holder, prefix = entry.given, entry.holder, entry.prefix
            if entry.key in named:
                groups[entry.key] = read_group(entry.key, given, holder, source, prefix=prefix)
            else:
                devices.append(self._devices.read(given, holder, source, prefix=prefix))
        devices += self._stored_devices(devices, named)
        if not devices:
            raise InvalidInput(
                "The schedule of an asset needs a list with one flex-model per device.",
                field="flex-model",
                hint='Such as [{"sensor": 2, "soc-at-start": "10 kWh"}].',
            )
        wanted = [device.group for device in devices if device.group is not None]
        seen: set[Key] = set()
        while wanted:
            key = wanted.pop()
            if key in seen:
                continue
            seen.add(key)
            if key not in groups:
                holder = self._holder({key[0]: key[1]}, "group ")
                groups[key] = read_group(key, {}, holder, self._source(None), prefix="")
            parent = groups[key].parent
            if parent is not None:
                wanted.append(parent)
        refuse_cycles(groups)
        return FlexConfig(devices, site, tuple(groups.values()))

    def _stored_devices(self, devices: list[DeviceConfig], named: set[Key]) -> list[DeviceConfig]:
        covered = {device.asset.id for device in devices}
        # Mostly, all but the asset itself are; then the others need not be loaded.
        all_are = self._family_ids - covered <= {self.asset.id}
        family = [self.asset] if all_are else self._family.values()
        return [
            self._devices.read({}, asset, self._source(None))
            for asset in family
            if asset.id not in covered
            and ("asset", asset.id) not in named
            and OUTPUTS & set(with_hyphens(asset.flex_model or {}))
        ]

    def _entries(self, flex_model: Any) -> list[_Entry]:
        if not isinstance(flex_model, list):
            return []
        found: list[_Entry] = []
        seen: set[Key] = set()
        for number, raw in enumerate(flex_model):
            prefix = f"flex-model.{number}."
            if not isinstance(raw, Mapping):
                raise InvalidInput("Not a valid mapping type.", field=prefix.rstrip("."))
            given = with_hyphens(raw, prefix.rstrip("."))
            rest = {name: given[name] for name in given if name not in ("sensor", "asset")}
            if len(rest) == len(given) and any(name in given for name in FIXED):
                found.append(_Entry(prefix, ("asset", self.asset.id), self.asset, rest))
                continue
            holder = self._holder(given, prefix)
            kind = "sensor" if "sensor" in given else "asset"
            if (kind, holder.id) in seen:
                raise InvalidInput(
                    f"{kind.capitalize()} {holder.id} should not occur more than once in the "
                    "flex-model.",
                    field=f"{prefix}{kind}",
                )
            seen.add((kind, holder.id))
            found.append(_Entry(prefix, (kind, holder.id), holder, rest))
        return found

    def _without_fixed(
        self, entries: list[_Entry], site: SiteConfig
    ) -> tuple[SiteConfig, list[_Entry]]:
        """The site with the devices that entries say are not scheduled, and the other entries."""
        left = []
        for entry in entries:
            if not any(name in entry.given for name in FIXED):
                left.append(entry)
                continue
            commodity = entry.given.get("commodity", ELECTRICITY)
            flows = self._fixed(entry)
            if commodity == ELECTRICITY:
                site = replace(site, inflexible=_joined(site.inflexible, flows))
                continue
            others = {each.commodity: each for each in site.commodities}
            node = others.get(commodity) or node_inside(str(commodity), site.currency)
            others[commodity] = replace(node, inflexible=_joined(node.inflexible, flows))
            site = replace(site, commodities=tuple(others.values()))
        return site, left

    def _fixed(self, entry: _Entry) -> tuple[Inflexible, ...]:
        """:raises InvalidInput: where there are fields of devices, too."""
        for name in entry.given:
            if name not in (*FIXED, "commodity"):
                raise InvalidInput(
                    f"A device with {' or '.join(FIXED)} is not scheduled, so it has no other "
                    "field than its commodity.",
                    field=f"{entry.prefix}{name}",
                )
        values = {}
        for name in FIXED:
            if name in entry.given:
                place = f"{entry.prefix}{name}"
                if not isinstance(entry.given[name], Mapping):
                    raise InvalidInput("Not a sensor.", field=place, hint='Write {"sensor": 14}.')
                read = read_quantity(
                    entry.given[name], POWER, field=place, source=self._source(None)
                )
                values[name.replace("-", "_")] = (read,)
        return tuple(
            replace(each, field=f"{entry.prefix}{each.field.split('.')[0]}")
            for each in inflexible_flows(values)
        )

    def _named_groups(self, entries: list[_Entry]) -> set[Key]:
        """What entries, or the stored flex-models of their assets, name as their group."""
        found = set()
        for entry in entries:
            given = entry.given.get("group")
            if "group" not in entry.given:
                asset = entry.holder if entry.key[0] == "asset" else entry.holder.generic_asset
                stored = asset.flex_model
                given = with_hyphens(stored).get("group") if stored else None
            if given is not None:
                found.add(group_key(given, f"{entry.prefix}group"))
        return found

    def _holder(self, given: Mapping[str, Any], prefix: str) -> Any:
        """The sensor or asset that an entry is about."""
        if "sensor" not in given and "asset" not in given:
            raise InvalidInput(
                "Specify either a sensor or an asset.",
                field=f"{prefix}sensor",
                hint="Name the power sensor of the device; or its asset, and a sensor for results.",
            )
        sensor = asset = None
        if "sensor" in given:
            sensor = self._device_sensor(given["sensor"], f"{prefix}sensor")
        if "asset" in given:
            asset = self._device_asset(given["asset"], f"{prefix}asset")
        if sensor is not None and asset is not None and sensor.generic_asset.id != asset.id:
            raise InvalidInput("Sensor does not belong to asset.", field=f"{prefix}asset")
        return asset if sensor is None else sensor

    def _device_asset(self, given: Any, field: str) -> Any:
        if isinstance(given, bool) or not isinstance(given, int):
            raise InvalidInput("Not a valid integer.", field=field, hint="Give the id of an asset.")
        if given in self._family:
            return self._family[given]
        raise InvalidInput(
            f"Asset {given} is not asset {self.asset.id} (or one of its offspring).", field=field
        )

    def _device_sensor(self, given: Any, field: str) -> Any:
        sensor = self.reader.output_sensor(sensor_id(given, field), field=field)
        if sensor.generic_asset.id not in self._family_ids:
            raise InvalidInput(
                f"Sensor {sensor.id} does not belong to asset {self.asset.id} (or to one of its "
                "offspring).",
                field=field,
            )
        return sensor


def _joined(listed: tuple[Inflexible, ...], more: tuple[Inflexible, ...]) -> tuple[Inflexible, ...]:
    """:raises InvalidInput: where a sensor is listed twice."""
    known = {each.quantity.sensor.id for each in listed}
    for each in more:
        if each.quantity.sensor.id in known:
            raise InvalidInput(
                f"Sensor {each.quantity.sensor.id} may only be listed once across "
                "inflexible-consumption and inflexible-production.",
                field=each.field,
            )
    return (*listed, *more)


def _require_capacity(device: DeviceConfig, site: SiteConfig) -> None:
    """See that something tells how much power the device can take.

    :raises InvalidInput: where nothing does.
    """
    told = (
        device.power_capacity,
        device.consumption_capacity,
        device.production_capacity,
        site.power_capacity,
    )
    if all(each is None for each in told):
        raise InvalidInput(
            f"The power capacity of {device.name} is not defined.",
            field="power-capacity",
            hint="Give power-capacity in the flex-model, or store the attribute capacity_in_mw.",
        )


def _require_currency(device: DeviceConfig, site: SiteConfig) -> None:
    """:raises InvalidInput: where wear is priced in another currency than energy."""
    cost = device.cycle_cost
    if cost is not None and cost.numerator not in (None, site.currency):
        raise InvalidInput(
            f"Invalid unit. A valid unit would be, for example, '{site.currency}/MWh', because "
            f"prices of the flex-context are in {site.currency} (found {cost.numerator}).",
            field="cycle-cost",
        )


def _require_partners(devices: list[DeviceConfig]) -> None:
    """:raises InvalidInput: where a device is coupled with no other."""
    names = [device.coupling for device in devices]
    for device in devices:
        if device.coupling is not None and names.count(device.coupling) == 1:
            raise InvalidInput(
                f"Only {device.name} has the coupling '{device.coupling}'.",
                field="coupling",
                hint="Schedule the devices that belong together in one request for their asset.",
            )
