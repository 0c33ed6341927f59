"""Whether the data are up to date on which an asset depends: what its status page lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.visibility import readable_sensors
from fmhost.model import Asset, Sensor, User
from fmhost.services.references import mentions
from fmhost.services.shown import shown_by
from fmhost.services.staleness import Status, statuses

OWN: Final = "sensor belongs to this asset"

_INFLEXIBLE: Final = frozenset(
    {"inflexible-device-sensors", "inflexible-consumption", "inflexible-production"}
)
_DEVICE: Final = "inflexible device"
_LARGEST_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """How old the data of a sensor are, and why that matters to the asset.

    :param relations: what the sensor is to the asset; none where its graph just shows it.
    :param statuses: one per type of source.
    """

    sensor: Sensor
    relations: Sequence[str]
    statuses: Sequence[Status]

    @property
    def relation(self) -> str:
        """The relations in one line."""
        return ";".join(self.relations)


def asset_status(session: Session, user: User, asset: Asset, now: datetime) -> list[SensorStatus]:
    """The status of each sensor on which the asset depends, once, as far as `user` may read it.

    In this order: inflexible devices, other sensors of its flex-context (fields that it does not
    have itself are those of the nearest asset above it), what its graph shows, its other sensors.

    :raises InvalidInput: where a sensor's attribute `status_specs` cannot be read.
    """
    named = _named_in_flex_context(asset)
    found = {
        sensor.id: sensor
        for sensor in (
            *_readable(session, user, list(named)),
            *shown_by(session, user, asset).sensors,
            *_readable(session, user, [sensor.id for sensor in asset.sensors]),
        )
    }
    return [
        SensorStatus(sensor, _relations(sensor, asset, named), statuses(session, sensor, now))
        for sensor in found.values()
    ]


def sensor_status(session: Session, sensor: Sensor, now: datetime) -> SensorStatus:
    """The status of a sensor, related to its own asset.

    :raises InvalidInput: where its attribute `status_specs` cannot be read.
    """
    asset = sensor.generic_asset
    relations = _relations(sensor, asset, _named_in_flex_context(asset))
    return SensorStatus(sensor, relations, statuses(session, sensor, now))


def _relations(sensor: Sensor, asset: Asset, named: Mapping[int, Iterable[str]]) -> list[str]:
    own = [OWN] if sensor.generic_asset_id == asset.id else []
    return own + [f"flex context ({field})" for field in named.get(sensor.id, ())]


def _named_in_flex_context(asset: Asset) -> dict[int, list[str]]:
    """The sensors that the flex-context names: their ids, and by which fields."""
    fields: dict[str, Any] = {}
    for above in (asset, *asset.ancestors):
        for name, value in above.flex_context.items():
            fields.setdefault(name.replace("_", "-"), value)
    found: dict[int, list[str]] = {}
    for name, sensor_id in _sensors_of(fields):
        of_sensor = found.setdefault(sensor_id, [])
        field = _DEVICE if name in _INFLEXIBLE else name
        if field not in of_sensor:
            of_sensor.append(field)
    # In an order of its own: databases do not keep that of the fields.
    ordered = {sensor_id: sorted(of, key=_devices_first) for sensor_id, of in found.items()}
    return dict(sorted(ordered.items(), key=lambda item: (_devices_first(item[1][0]), item[0])))


def _devices_first(field: str) -> tuple[bool, str]:
    return field != _DEVICE, field


def _sensors_of(fields: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in fields.items():
        for mention in mentions(value, name):
            if mention.kind == "sensor" and 0 < mention.id <= _LARGEST_ID:
                yield name, mention.id


def _readable(session: Session, user: User, ids: Sequence[int]) -> list[Sensor]:
    """The sensors that `user` may read, in the order of `ids`."""
    if not ids:
        return []
    query = (
        select(Sensor)
        .where(Sensor.id.in_(ids), readable_sensors(user))
        .options(joinedload(Sensor.generic_asset))
    )
    found = {sensor.id: sensor for sensor in session.scalars(query)}
    return [found[sensor_id] for sensor_id in ids if sensor_id in found]
