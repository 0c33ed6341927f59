"""Groups of devices behind a shared limit, such as the chargers at one fuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmhost.plugin import InvalidInput
from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.device_fields import GroupField, Key
from fmhost_storage.fields import OutputSensorField, QuantityField
from fmhost_storage.kinds import CAPACITY
from fmhost_storage.layers import Layer, LayerSchema, effective
from fmhost_storage.quantities import Quantity, Source, with_hyphens


class GroupSchema(LayerSchema):
    """The fields of the entry of a group."""

    power_capacity = QuantityField(CAPACITY, data_key="power-capacity")
    consumption_capacity = QuantityField(CAPACITY, data_key="consumption-capacity")
    production_capacity = QuantityField(CAPACITY, data_key="production-capacity")
    consumption = OutputSensorField()
    production = OutputSensorField()
    group = GroupField()


FIELDS = frozenset(field.data_key or name for name, field in GroupSchema._declared_fields.items())


@dataclass(frozen=True)
class GroupConfig:
    """A group of devices; powers in MW.

    :param key: by what devices name it.
    :param sensor: takes the power of the group; None for a group that an asset stands for.
    :param power_capacity: hard, both ways.
    :param consumption_capacity: soft.
    :param production_capacity: soft.
    :param parent: the group that this one belongs to.
    """

    key: Key
    sensor: Any | None
    power_capacity: Quantity | None = None
    consumption_capacity: Quantity | None = None
    production_capacity: Quantity | None = None
    consumption_output: Any | None = None
    production_output: Any | None = None
    parent: Key | None = None

    @property
    def name(self) -> str:
        """How costs and messages call it."""
        return f"group {self.key[0]}:{self.key[1]}"


def read_group(
    key: Key, given: Mapping[str, Any], holder: Any, source: Source, *, prefix: str
) -> GroupConfig:
    """The group that a sensor or asset stands for.

    What the request leaves out comes from the flex-model of the asset, if an asset stands for it.

    :param given: the entry of the group, without sensor and asset.
    :raises InvalidInput: naming the field.
    """
    unknown = [name for name in with_hyphens(given) if name not in FIELDS]
    if unknown:
        raise InvalidInput(
            "Unknown field for a group of devices.",
            field=f"{prefix}{unknown[0]}",
            hint=f"A group has: {', '.join(sorted(FIELDS))}.",
        )
    layers = [Layer.of(given, prefix=prefix, field=prefix.rstrip(".") or "flex-model")]
    if key[0] == "asset":
        place = f"the flex-model of asset {holder.id}"
        stored = Layer.of(holder.flex_model, place=place, field="flex-model")
        known = {name: value for name, value in stored.fields.items() if name in FIELDS}
        layers.append(Layer(known, place=place))
    values: dict[str, Any] = {}
    schema = GroupSchema(source)
    for layer in effective(layers):
        values.update(schema.read(layer))
    return GroupConfig(
        key=key,
        sensor=holder if key[0] == "sensor" else None,
        power_capacity=values.get("power_capacity"),
        consumption_capacity=values.get("consumption_capacity"),
        production_capacity=values.get("production_capacity"),
        consumption_output=values.get("consumption"),
        production_output=values.get("production"),
        parent=values.get("group"),
    )


def refuse_cycles(groups: Mapping[Key, GroupConfig]) -> None:
    """:raises InvalidInput: where a group belongs to itself, through whatever others."""
    for start in groups:
        seen = [start]
        while (parent := groups[seen[-1]].parent) is not None:
            if parent in seen:
                path = " in ".join(f"{kind} {number}" for kind, number in [*seen, parent])
                raise InvalidInput(f"Groups contain each other: {path}.", field="group")
            seen.append(parent)


def members_of(
    groups: Sequence[GroupConfig], devices: Sequence[DeviceConfig]
) -> dict[Key, list[int]]:
    """Numbers of the devices in each group, those of the groups in it included."""
    parents = {group.key: group.parent for group in groups}
    found: dict[Key, list[int]] = {group.key: [] for group in groups}
    for number, device in enumerate(devices):
        for key in _upwards(device.group, parents):
            found[key].append(number)
    return found


def _upwards(key: Key | None, parents: Mapping[Key, Key | None]) -> Iterator[Key]:
    while key is not None:
        yield key
        key = parents[key]
