"""Beliefs in columns: what a source thought, when, about which event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fmhost.domain.arrays import (
    DURATION,
    MOMENT,
    Durations,
    Flags,
    Floats,
    Integers,
    Moments,
)

DETERMINISTIC = 0.5
"""The cumulative probability of a belief that is one value."""


@dataclass(frozen=True, slots=True, eq=False)
class Beliefs:
    """Beliefs about the events of one sensor, in columns of equal length.

    :param event_start: start of the event; `datetime64[us]`, UTC.
    :param belief_horizon: knowledge time of the event minus the time at which the belief was
        formed; `timedelta64[us]`, positive before the fact.
    :param source_id: who formed the belief.
    :param cumulative_probability: 0.5 for a belief that is one value; a probabilistic belief has
        several rows, each the quantile at its probability.
    :param event_value: in the unit and sign of the sensor; NaN where a source says that there is
        no value.
    """

    event_start: Moments
    belief_horizon: Durations
    source_id: Integers
    cumulative_probability: Floats
    event_value: Floats

    def __post_init__(self) -> None:
        for field, dtype in zip(fields(self), _DTYPES, strict=True):
            column = np.asarray(getattr(self, field.name), dtype=dtype)
            object.__setattr__(self, field.name, column)
            if column.shape != (len(self.event_start),):
                raise ValueError(f"{field.name} has shape {column.shape}, not that of event_start")

    def __len__(self) -> int:
        return len(self.event_start)

    @property
    def columns(self) -> tuple[Moments, Durations, Integers, Floats, Floats]:
        """The five columns, in the order of the fields."""
        return (
            self.event_start,
            self.belief_horizon,
            self.source_id,
            self.cumulative_probability,
            self.event_value,
        )

    @classmethod
    def of(
        cls,
        event_start: Moments,
        belief_horizon: Durations | np.timedelta64,
        source_id: int | Integers,
        event_value: Floats,
        cumulative_probability: float | Floats = DETERMINISTIC,
    ) -> Self:
        """Beliefs of which some columns have one value throughout."""

        def column(value: npt.ArrayLike) -> Any:
            return np.broadcast_to(value, np.shape(event_start)).copy()

        return cls(
            event_start,
            column(belief_horizon),
            column(source_id),
            column(cumulative_probability),
            event_value,
        )

    @classmethod
    def empty(cls) -> Self:
        """No beliefs."""
        nothing: list[Any] = [np.empty(0, dtype=dtype) for dtype in _DTYPES]
        return cls(*nothing)

    @classmethod
    def joined(cls, parts: Sequence[Beliefs]) -> Self:
        """The beliefs of all parts, one after the other."""
        if not parts:
            return cls.empty()
        columns: Any = zip(*(part.columns for part in parts), strict=True)
        return cls(*(np.concatenate(pieces) for pieces in columns))

    def take(self, rows: Flags | Integers | slice) -> Beliefs:
        """The beliefs in these rows: a mask, positions or a slice."""
        taken: list[Any] = [column[rows] for column in self.columns]
        return Beliefs(*taken)

    def by_key(self) -> Beliefs:
        """The beliefs sorted by event, source, horizon and probability."""
        order = np.lexsort(
            (self.cumulative_probability, self.belief_horizon, self.source_id, self.event_start)
        )
        return self.take(order)


_DTYPES: tuple[np.dtype[Any], ...] = (
    MOMENT,
    DURATION,
    np.dtype(np.int64),
    np.dtype(np.float64),
    np.dtype(np.float64),
)
