"""What schedulers, forecasters and reporters may read: what the requester may, as known then."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.auth.policy import Permission, allowed
from fmhost.beliefs import Beliefs, Query, read, series
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import duration64, moment64, to_datetime
from fmhost.domain.durations import Span
from fmhost.errors import InvalidInput
from fmhost.model import Account, Asset, Sensor, User
from fmhost.model.annotations import annotated_periods
from fmhost.model.sensors import find_called, load_sensors

_LARGEST_ID: Final = 2**31 - 1


def _named(value: Any) -> Iterator[int]:
    """The ids of sensors in a JSON value."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            number = each.get("sensor")
            if type(number) is int and 0 < number <= _LARGEST_ID:
                yield number
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)


class StoreReader:
    """The :class:`~fmhost.domain.flexibility.SeriesReader` of the host, over one session.

    :param requester: the user on whose behalf is read; None for the operator of the
        installation, who may read everything.
    :param belief_time: beliefs recorded later do not exist for this reader.
    :param memory: what readers of the same run share.
    """

    def __init__(
        self,
        session: Session,
        requester: User | None,
        belief_time: datetime,
        memory: MutableMapping[Any, Any] | None = None,
    ) -> None:
        self._session = session
        self._requester = requester
        self._belief_time = belief_time
        self.memory: MutableMapping[Any, Any] = {} if memory is None else memory
        self._expected: dict[int, Sensor] = {}
        self._given: dict[int, list[Beliefs]] = {}

    def expect(self, *configurations: Any) -> None:
        """Get the sensors that these JSON values name as ``sensor``, all at once.

        So a configuration of thousands of devices takes a few statements. Who may read them is
        checked when they are asked for.
        """
        named = {number for each in configurations for number in _named(each)}
        missing = named - self._expected.keys()
        if len(missing) > 1:
            found = load_sensors(self._session, missing)
            # The session alone would forget them.
            self._expected.update({sensor.id: sensor for sensor in found})

    def sensor(self, sensor_id: int, *, field: str) -> Sensor:
        """The sensor with that id.

        A sensor that may not be read is reported like one that does not exist, so that ids of
        other tenants do not leak.

        :raises InvalidInput: where it does not exist or may not be read; names `field`.
        """
        sensor = self._expected.get(sensor_id) or self._session.get(Sensor, sensor_id)
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
        resolution: timedelta | Span,
        unit: str,
        source_ids: Sequence[int] | None = None,
        source_types: Sequence[str] | None = None,
        exclude_source_types: Sequence[str] | None = None,
        source_account_ids: Sequence[int] | None = None,
        prior: datetime | None = None,
        since: datetime | None = None,
        horizon: timedelta | None = None,
        horizon_at_most: timedelta | None = None,
        latest_versions: bool = True,
        quantile: float = 0.5,
    ) -> NDArray[np.float64]:
        """One value per step of [start, end): the most recent belief in `unit`; NaN if unknown.

        :param prior: the time of which the knowledge is taken, where it is before the belief time.
        :raises UnitMismatch: where the sensor's unit does not convert to `unit`.
        """
        found = series(
            self._session,
            sensor,
            start,
            end,
            resolution=resolution,
            unit=unit,
            prior=self._known_by(prior),
            since=since,
            source_ids=source_ids,
            source_types=source_types,
            exclude_source_types=exclude_source_types,
            source_account_ids=source_account_ids,
            horizon=horizon,
            horizon_at_most=horizon_at_most,
            latest_versions=latest_versions,
            quantile=quantile,
        )
        if len(found.known):
            self._given.setdefault(sensor.id, []).append(found.known)
        return found.values

    def sources(
        self,
        sensor: Sensor,
        start: datetime,
        end: datetime,
        *,
        source_ids: Sequence[int] | None = None,
        source_types: Sequence[str] | None = None,
        exclude_source_types: Sequence[str] | None = None,
        prior: datetime | None = None,
        since: datetime | None = None,
        horizon: timedelta | None = None,
        horizon_at_most: timedelta | None = None,
        latest_versions: bool = True,
    ) -> Sequence[int]:
        """The ids of the data sources with beliefs about events in [start, end), ascending."""
        query = Query(
            sensor=sensor,
            start=start,
            end=end,
            prior=self._known_by(prior),
            since=since,
            horizon=horizon,
            horizon_at_most=horizon_at_most,
            source_ids=source_ids,
            source_types=source_types,
            exclude_source_types=exclude_source_types,
            latest_versions=latest_versions,
        )
        return [int(each) for each in np.unique(read(self._session, query).source_id)]

    def _known_by(self, prior: datetime | None) -> datetime:
        return self._belief_time if prior is None else min(prior, self._belief_time)

    def recorded(self, sensor: Sensor) -> datetime | None:
        """When the newest of the beliefs was recorded of which values were given; None for none."""
        formed = [
            (knowledge_of(sensor, known.event_start) - known.belief_horizon).max()
            for known in self._given.get(sensor.id, ())
        ]
        return to_datetime(max(formed)) if formed else None

    def closest(self, sensor: Sensor, name: str) -> Sensor | None:
        """The sensor called `name` nearest to `sensor` that may be read; None if there is none."""
        if sensor.location is None:
            return None
        for found in find_called(self._session, name, sensor.location):
            if self._requester is None or allowed(self._requester, found, Permission.READ):
                return found
        return None

    def annotated(
        self,
        entity: Account | Asset | Sensor | tuple[str, int],
        start: datetime,
        end: datetime,
        *,
        resolution: timedelta,
        kind: str = "holiday",
        content: str | None = None,
    ) -> NDArray[np.float64]:
        """Which part of each step of [start, end) has an annotation, from 0 to 1.

        :raises InvalidInput: where the entity does not exist or may not be read.
        """
        found = self._entity(*entity) if isinstance(entity, tuple) else entity
        periods = annotated_periods(
            self._session,
            found,
            start,
            end,
            kind=kind,
            content=content,
            known_at=self._belief_time,
        )
        edges = moment64(start) + np.arange(-((start - end) // resolution) + 1) * duration64(
            resolution
        )
        covered = np.zeros(len(edges) - 1)
        for begin, until in periods:
            overlap = np.minimum(edges[1:], moment64(until)) - np.maximum(
                edges[:-1], moment64(begin)
            )
            covered += np.maximum(overlap / duration64(resolution), 0.0)
        return np.minimum(covered, 1.0)

    def _entity(self, word: str, number: int) -> Account | Asset | Sensor:
        kinds: dict[str, type[Account | Asset | Sensor]] = {
            "account": Account,
            "asset": Asset,
            "sensor": Sensor,
        }
        entity = kinds[word]
        found = cast(Account | Asset | Sensor | None, self._session.get(entity, number))
        if found is None or (
            self._requester is not None and not allowed(self._requester, found, Permission.READ)
        ):
            raise InvalidInput(f"No {word} found with ID {number}.", field=word)
        return found
