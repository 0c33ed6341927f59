"""Somebody who posts data all the time, and remembers what was acknowledged."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from fmhost.beliefs import Query, read
from fmhost.model import Sensor
from fmhost.model.database import Database
from fmhost.testing.live import Server

_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(minutes=15)


class Poster:
    """Posts one value after another about a sensor, from a thread of its own.

    :param server: with the name of somebody who may.
    """

    def __init__(self, server: Server, sensor_id: int, unit: str) -> None:
        self._server = server
        self._sensor_id = sensor_id
        self._unit = unit
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._post_all, daemon=True)
        self.acknowledged: list[int] = []
        self.refused = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join()

    def missing(self, database: Database) -> list[int]:
        """Numbers of the values that were acknowledged and are not stored."""
        with database.reading() as session:
            sensor = session.get_one(Sensor, self._sensor_id)
            count = max(self.acknowledged, default=0) + 1
            found = read(session, Query(sensor=sensor, start=_FIRST, end=_FIRST + count * _STEP))
        start = np.datetime64(_FIRST.replace(tzinfo=None), "us")
        numbers = (found.event_start - start) // np.timedelta64(_STEP)
        stored = dict(zip(numbers.tolist(), found.event_value.tolist(), strict=True))
        return [number for number in self.acknowledged if stored.get(number) != float(number)]

    def _post_all(self) -> None:
        number = 0
        while not self._stopping.wait(0.1):
            if self._post(number):
                self.acknowledged.append(number)
            else:
                self.refused += 1
            number += 1

    def _post(self, number: int) -> bool:
        body = {
            "values": [float(number)],
            "start": (_FIRST + number * _STEP).isoformat(),
            "duration": "PT15M",
            "unit": self._unit,
        }
        path = f"/api/v3_0/sensors/{self._sensor_id}/data"
        try:
            return self._server.call("POST", path, json=body).status_code in (200, 202)
        except OSError:  # requests' own errors are of this kind
            return False
