"""Times as numpy columns: `datetime64[us]` in UTC and `timedelta64[us]`, and back to Python.

Everything in the belief store has a resolution of one microsecond. A `datetime64` carries no time
zone; wherever one appears in fmhost it means UTC, unless its name says *local*.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Moments: TypeAlias = npt.NDArray[np.datetime64]
"""One-dimensional `datetime64[us]`, UTC."""
Durations: TypeAlias = npt.NDArray[np.timedelta64]
"""One-dimensional `timedelta64[us]`."""
Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

MOMENT = np.dtype("datetime64[us]")
DURATION = np.dtype("timedelta64[us]")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(duration: timedelta) -> int:
    """The exact length of a duration in microseconds."""
    return duration // _MICROSECOND


def duration64(duration: timedelta) -> np.timedelta64:
    """A duration as `timedelta64[us]`."""
    return np.timedelta64(microseconds(duration), "us")


def epoch_microseconds(moment: datetime) -> int:
    """Microseconds between 1970-01-01T00:00Z and an aware moment."""
    return microseconds(moment - _EPOCH)


def moment64(moment: datetime) -> np.datetime64:
    """An aware moment as `datetime64[us]` in UTC."""
    return np.datetime64(epoch_microseconds(moment), "us")


def to_datetime(moment: np.datetime64 | int) -> datetime:
    """A `datetime64[us]` (or microseconds since the epoch) as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=int(np.int64(moment)))


def to_timedelta(duration: np.timedelta64 | int) -> timedelta:
    """A `timedelta64[us]` (or microseconds) as a timedelta."""
    return timedelta(microseconds=int(np.int64(duration)))


def moments64(moments: npt.ArrayLike) -> Moments:
    """Microseconds since the epoch, or any `datetime64`, as a `datetime64[us]` column."""
    return np.asarray(moments).astype(MOMENT)


def durations64(durations: npt.ArrayLike) -> Durations:
    """Microseconds, or any `timedelta64`, as a `timedelta64[us]` column."""
    return np.asarray(durations).astype(DURATION)


def as_integers(column: Moments | Durations) -> Integers:
    """The microseconds behind a column of moments or durations: a view, not a copy."""
    return column.view(np.int64)
