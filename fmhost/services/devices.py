"""The devices of an asset: what a request for their schedules says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor
from fmhost.services.reading import StoreReader

#: Fields of a flex-model that name the sensors which take a schedule.
OUTPUTS = ("consumption", "production")

_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Flow:
    """A sensor that takes power.

    :param consumption_is_positive: the sign with which it is stored there.
    """

    sensor_id: int
    consumption_is_positive: bool


@dataclass(frozen=True, slots=True)
class Device:
    """An entry of the flex-model of an asset.

    :param target: the sensor, or else the asset, that the entry names; None where it names none.
    :param entry: what it says, names with hyphens, without sensor and asset.
    :param place: where it stands, such as ``flex-model.0``.
    """

    target: Sensor | Asset | None
    entry: Mapping[str, Any]
    place: str

    @property
    def flows(self) -> list[Flow]:
        """Where the power of the device is stored."""
        if isinstance(self.target, Sensor):
            positive = bool(self.target.get_attribute("consumption_is_positive", False))
            return [Flow(self.target.id, positive)]
        stored = {} if self.target is None else hyphenated(self.target.flex_model)
        named = [(name, self.entry.get(name, stored.get(name))) for name in OUTPUTS]
        return [
            Flow(each["sensor"], name == "consumption")
            for name, each in named
            if isinstance(each, Mapping) and "sensor" in each
        ]


def read_devices(reader: StoreReader, asset: Asset, flex_model: Any) -> list[Device]:
    """The entries of a list, each with the sensor or asset that it names.

    :param reader: hands out the sensors that may be written to.
    :raises InvalidInput: where an entry is no object, or names what does not belong to the asset
        or an asset below it, or what another entry names; the field is its place.
    """
    if not isinstance(flex_model, list):
        return []
    family = {each.id: each for each in (asset, *asset.offspring)}
    devices: list[Device] = []
    seen: set[tuple[str, int]] = set()
    for number, raw in enumerate(flex_model):
        place = f"flex-model.{number}"
        if not isinstance(raw, Mapping):
            raise InvalidInput("Not a valid mapping type.", field=place)
        device = _device(reader, asset, family, hyphenated(raw), place)
        devices.append(device)
        if device.target is None:
            continue
        kind = "sensor" if isinstance(device.target, Sensor) else "asset"
        if (kind, device.target.id) in seen:
            raise InvalidInput(
                f"{kind.capitalize()} {device.target.id} should not occur more than once in the "
                "flex-model.",
                field=f"{place}.{kind}",
            )
        seen.add((kind, device.target.id))
    return devices


def hyphenated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields, their names spelled with hyphens."""
    return {str(name).replace("_", "-"): value for name, value in fields.items()}


def _device(
    reader: StoreReader,
    asset: Asset,
    family: Mapping[int, Asset],
    given: Mapping[str, Any],
    place: str,
) -> Device:
    entry = {name: value for name, value in given.items() if name not in ("sensor", "asset")}
    named = None
    if "asset" in given:
        named = family.get(_id(given["asset"], f"{place}.asset"))
        if named is None:
            raise InvalidInput(
                f"Asset {given['asset']} is not asset {asset.id} (or one of its offspring).",
                field=f"{place}.asset",
            )
    if "sensor" not in given:
        return Device(named, entry, place)
    field = f"{place}.sensor"
    sensor = reader.output_sensor(_id(given["sensor"], field), field=field)
    if sensor.generic_asset_id not in family:
        raise InvalidInput(
            f"Sensor {sensor.id} does not belong to asset {asset.id} (or to one of its offspring).",
            field=field,
        )
    if named is not None and sensor.generic_asset_id != named.id:
        raise InvalidInput("Sensor does not belong to asset.", field=f"{place}.asset")
    return Device(sensor, entry, place)


def _id(value: Any, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput("Not a valid integer.", field=field)
    if not 0 < value <= _LARGEST_ID:
        raise InvalidInput(f"No {field.rpartition('.')[2]} found with ID {value}.", field=field)
    return value
