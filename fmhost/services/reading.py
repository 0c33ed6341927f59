"""What a scheduler or forecaster may read: the requester's sensors, as known at the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.auth.policy import Permission, allowed
from fmhost.beliefs import series
from fmhost.errors import InvalidInput
from fmhost.model import Sensor, User


class StoreReader:
    """The :class:`~fmhost.domain.flexibility.SeriesReader` of the host, over one session.

    :param requester: the user on whose behalf is read; None for the operator of the
        installation, who may read everything.
    :param belief_time: beliefs recorded later do not exist for this reader.
    """

    def __init__(self, session: Session, requester: User | None, belief_time: datetime) -> None:
        self._session = session
        self._requester = requester
        self._belief_time = belief_time

    def sensor(self, sensor_id: int, *, field: str) -> Sensor:
        """The sensor with that id.

        A sensor that may not be read is reported like one that does not exist, so that ids of
        other tenants do not leak.

        :raises InvalidInput: where it does not exist or may not be read; names `field`.
        """
        sensor = self._session.get(Sensor, sensor_id)
        if sensor is None or (
            self._requester is not None and not allowed(self._requester, sensor, Permission.READ)
        ):
            raise InvalidInput(f"No sensor found with ID {sensor_id}.", field=field)
        return sensor

    def output_sensor(self, sensor_id: int, *, field: str) -> Sensor:
        """The sensor with that id, for results to be stored on.

        :raises InvalidInput: where it does not exist, or may not be read or written to; names
            `field`.
        """
        sensor = self.sensor(sensor_id, field=field)
        if self._requester is not None and not allowed(
            self._requester, sensor, Permission.CREATE_CHILDREN
        ):
            raise InvalidInput(
                f"You may read sensor {sensor_id}, but not store results on it.",
                field=field,
                hint="Name a sensor on which you may record data.",
            )
        return sensor

    def values(
        self,
        sensor: Sensor,
        start: datetime,
        end: datetime,
        *,
        resolution: timedelta,
        unit: str,
        source_ids: Sequence[int] | None = None,
        source_types: Sequence[str] | None = None,
        exclude_source_types: Sequence[str] | None = None,
    ) -> NDArray[np.float64]:
        """One value per step of [start, end): the most recent belief in `unit`; NaN if unknown.

        :raises UnitMismatch: where the sensor's unit does not convert to `unit`.
        """
        return series(
            self._session,
            sensor,
            start,
            end,
            resolution=resolution,
            unit=unit,
            prior=self._belief_time,
            source_ids=source_ids,
            source_types=source_types,
            exclude_source_types=exclude_source_types,
        ).values
