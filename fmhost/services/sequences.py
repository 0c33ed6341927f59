"""Schedules of one device after another: each takes those before it as given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor
from fmhost.services.devices import Device, Flow, hyphenated, read_devices
from fmhost.services.reading import StoreReader
from fmhost.services.schedule_requests import Request

_OLDER = "inflexible-device-sensors"
#: What flows between devices that are scheduled one after another.
_ELECTRICITY = "electricity"
#: By whether positive values are consumption.
_NEWER = ("inflexible-production", "inflexible-consumption")


@dataclass(frozen=True, slots=True)
class Turn:
    """One computation: a request for a sensor or asset.

    :param device: the entry of the flex-model that the turn is about; None where it is about all.
    """

    target: Sensor | Asset
    request: Request
    device: Device | None = None

    def placed(self, error: InvalidInput) -> InvalidInput:
        """The error, its field named by the place of the device where it stands there."""
        head = (error.field or "").partition(".")[0].replace("_", "-")
        if self.device is not None and head in self.device.entry:
            error.field = f"{self.device.place}.{error.field}"
        return error


def turns_of(reader: StoreReader, target: Sensor | Asset, request: Request) -> list[Turn]:
    """The computations that a request takes, in their order.

    :param reader: hands out the sensors that may be written to.
    :raises InvalidInput: where the flex-model of an asset names what cannot be scheduled there;
        the field is the place.
    """
    if isinstance(target, Sensor):
        return [Turn(target, request)]
    reader.expect(request.flex_model)
    devices = read_devices(reader, target, request.flex_model)
    if not request.sequential:
        return [Turn(target, request)]
    if not devices:
        raise InvalidInput(
            "Devices are scheduled one after another only where the flex-model lists them.",
            field="flex-model",
            hint='Such as [{"sensor": 2, "soc-at-start": "10 kWh"}].',
        )
    return list(_one_by_one(devices, request))


def _one_by_one(devices: Sequence[Device], request: Request) -> Iterator[Turn]:
    before: list[Flow] = []
    for device in devices:
        target = device.target
        if target is None:
            raise InvalidInput(
                "Specify either a sensor or an asset.", field=f"{device.place}.sensor"
            )
        if device.entry.get("commodity", _ELECTRICITY) != _ELECTRICITY:
            raise InvalidInput(
                "Devices of other commodities than electricity are scheduled together.",
                field=f"{device.place}.commodity",
                hint="Leave out 'sequential'.",
            )
        if isinstance(target, Sensor):
            flex_model: Any = dict(device.entry)
        else:
            flex_model = [{**device.entry, "asset": target.id}]
        context = _with_inflexible(target, request.flex_context or {}, before)
        own = replace(request, flex_model=flex_model, flex_context=context, sequential=False)
        yield Turn(target, own, device)
        before += device.flows


def _with_inflexible(
    target: Sensor | Asset, given: Mapping[str, Any], flows: Sequence[Flow]
) -> dict[str, Any]:
    """The flex-context with more sensors whose power is not to be scheduled.

    What is stored about such sensors stays in force: naming some in a request would replace it.
    """
    context = hyphenated(given)
    if not flows:
        return context
    asset = target.generic_asset if isinstance(target, Sensor) else target
    layers = [context, *(hyphenated(each.flex_context) for each in (asset, *asset.ancestors))]
    family: dict[str, Any] = next(filter(None, map(_family, layers)), {_OLDER: []})
    for flow in flows:
        if _OLDER in family:
            _extend(family, _OLDER, flow.sensor_id)
        else:
            _extend(family, _NEWER[flow.consumption_is_positive], {"sensor": flow.sensor_id})
    return {**context, **family}


def _family(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: layer[name] for name in (_OLDER, *_NEWER) if name in layer}


def _extend(family: dict[str, Any], field: str, item: Any) -> None:
    listed = family.get(field, [])
    if not isinstance(listed, list):
        raise InvalidInput("Not a valid list.", field=field)
    family[field] = [*listed, item]
