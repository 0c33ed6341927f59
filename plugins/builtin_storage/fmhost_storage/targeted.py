"""Which flow a commitment is about: sensors, a group, a commodity, or the whole site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fmhost.plugin import InvalidInput
from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.commitment_fields import CommitmentConfig
from fmhost_storage.device_config import ELECTRICITY, DeviceConfig
from fmhost_storage.device_fields import Key
from fmhost_storage.nodes import Pool

#: The devices, shape (1, K), or None for the whole site; and what is not scheduled next to them.
Flow = tuple[IntArray | None, FloatArray | float]


def commitment_flows(
    configs: Sequence[CommitmentConfig],
    devices: Sequence[DeviceConfig],
    pools: Mapping[str | Key, Pool],
) -> list[Flow]:
    """The flow of each commitment.

    :raises InvalidInput: where nothing of the kind is scheduled; names the field.
    """
    return [
        _flow(config, devices, pools, f"commitments.{number}")
        for number, config in enumerate(configs)
    ]


def _flow(
    config: CommitmentConfig,
    devices: Sequence[DeviceConfig],
    pools: Mapping[str | Key, Pool],
    place: str,
) -> Flow:
    if config.sensors is not None:
        return _of_sensors(config.sensors, devices, place), 0.0
    if config.group is not None:
        return _members(pools.get(config.group), "group", f"{place}.group"), 0.0
    if config.commodity in (None, ELECTRICITY):
        return None, 0.0
    assert config.commodity is not None
    pool = pools.get(config.commodity)
    members = _members(pool, "commodity", f"{place}.commodity")
    return members, 0.0 if pool is None else pool.fixed


def _of_sensors(sensors: Sequence[int], devices: Sequence[DeviceConfig], place: str) -> IntArray:
    scheduled = [None if device.sensor is None else device.sensor.id for device in devices]
    for number, sensor in enumerate(sensors):
        if sensor not in scheduled:
            raise InvalidInput(
                f"Sensor {sensor} is not scheduled, so nothing can be committed for it.",
                field=f"{place}.sensors.{number}",
                hint="Name sensors of the flex-model, or leave it out for the whole site.",
            )
    return np.array([[scheduled.index(sensor) for sensor in sensors]], np.int32)


def _members(pool: Pool | None, what: str, field: str) -> IntArray:
    if pool is None or not pool.members.size:
        raise InvalidInput(
            f"No device of this {what} is scheduled, so nothing can be committed for it.",
            field=field,
        )
    return pool.members[None]
