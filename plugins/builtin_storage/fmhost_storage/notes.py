"""What a schedule should be read with: assumed and stale inputs, and warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from fmhost.plugin import InvalidInput, parse_duration
from fmhost_storage.arrays import FloatArray
from fmhost_storage.grid import Grid

#: How old the newest value of a sensor may be that does not say it.
EXPECTED_STALENESS = timedelta(days=1)


@dataclass
class Notes:
    """Collected while a problem is put together; the lists hold sentences.

    :param missing: the steps in which something was assumed: number of the sentence, first and
        last step.
    """

    assumed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    missing: list[tuple[int, int, int]] = field(default_factory=list)

    def gaps(self, name: str, origin: str, values: FloatArray, grid: Grid, instead: str) -> None:
        """Note where there is no value, and what is taken instead.

        :param origin: who has no value, in words.
        """
        missing = np.flatnonzero(np.isnan(values))
        if missing.size:
            first = grid.moment(int(missing[0])).isoformat()
            runs = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1)
            number = len(self.assumed)
            self.missing.extend((number, int(run[0]), int(run[-1])) for run in runs)
            self.assumed.append(
                f"{name}: {origin} has no value for {missing.size} of {len(values)} steps (the "
                f"first at {first}); {instead}."
            )

    def age(self, name: str, sensor: Any, recorded: datetime | None, now: datetime) -> None:
        """Note where the newest of the values that are used is older than it should be.

        :param recorded: when that was told; None where there is none.
        :param now: the moment of which the knowledge is used.
        """
        if recorded is None:
            return
        expected = expected_staleness(sensor)
        if now - recorded > expected:
            self.stale.append(
                f"{name}: the newest value of sensor {sensor.id} was recorded at "
                f"{recorded.astimezone(now.tzinfo).isoformat()}, which is longer ago than "
                f"{str(expected).removesuffix(', 0:00:00')}."
            )


def expected_staleness(sensor: Any) -> timedelta:
    """How old the newest value of a sensor may be: ``max_staleness`` of its ``status_specs``."""
    specs = sensor.get_attribute("status_specs")
    told = specs.get("max_staleness") if isinstance(specs, Mapping) else None
    if told is None:
        return EXPECTED_STALENESS
    try:
        return parse_duration(told, field="status_specs.max_staleness").fixed()
    except InvalidInput:
        return EXPECTED_STALENESS  # the page about the sensor tells that it cannot be read
