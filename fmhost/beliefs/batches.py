"""A batch of beliefs made ready for the store: checked, sorted by key, each key once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fmhost.beliefs.columns import Beliefs
from fmhost.domain.arrays import Flags, Integers, as_integers, to_datetime, to_timedelta
from fmhost.domain.durations import format_duration
from fmhost.errors import InvalidInput


def prepare(beliefs: Beliefs) -> Batch:
    """Check and sort beliefs, and make identical rows one.

    :raises InvalidInput: where a value is infinite, a probability impossible or a moment missing,
        or where two rows have the same key and different values; names the first.
    """
    _check(beliefs)
    ordered = beliefs.by_key()
    repeated = np.zeros(len(ordered), dtype=np.bool_)
    repeated[1:] = _same_as_before(ordered, _KEY_COLUMNS)
    value = ordered.event_value
    contradicts = repeated.copy()
    contradicts[1:] &= ~_equal(value[1:], value[:-1])
    if contradicts.any():
        row = ordered.take(contradicts)
        raise InvalidInput(
            f"There are two different values for the event at "
            f"{to_datetime(row.event_start[0]).isoformat()} (horizon "
            f"{format_duration(to_timedelta(row.belief_horizon[0]))}, source {row.source_id[0]}).",
            field="values",
        )
    return Batch(ordered.take(~repeated) if repeated.any() else ordered)


def _check(beliefs: Beliefs) -> None:
    if np.isinf(beliefs.event_value).any():
        raise InvalidInput("Event values should be finite numbers.", field="values")
    probability = beliefs.cumulative_probability
    if not ((probability >= 0) & (probability <= 1)).all():
        raise InvalidInput(
            "Cumulative probabilities lie between 0 and 1.", field="cumulative_probability"
        )
    if np.isnat(beliefs.event_start).any() or np.isnat(beliefs.belief_horizon).any():
        raise InvalidInput("Each belief needs an event start and a horizon.", field="start")


_EVENT_COLUMNS = ("event_start", "source_id")
_BELIEF_COLUMNS = (*_EVENT_COLUMNS, "belief_horizon")
_KEY_COLUMNS = (*_BELIEF_COLUMNS, "cumulative_probability")


def _same_as_before(ordered: Beliefs, names: tuple[str, ...]) -> Flags:
    """For each row but the first, whether it has the same values there as the row before."""
    same = np.ones(max(len(ordered) - 1, 0), dtype=np.bool_)
    for name in names:
        column = getattr(ordered, name)
        same &= column[1:] == column[:-1]
    return same


def _equal(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> Flags:
    equal: Flags = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return equal


@dataclass(frozen=True, eq=False)
class Batch:
    """Beliefs sorted by key, each key once.

    The rows of one belief (its distribution) follow each other; so do the beliefs of one source
    about one event, with the latest one (the shortest horizon) first.
    """

    beliefs: Beliefs

    def __len__(self) -> int:
        return len(self.beliefs)

    @property
    def span(self) -> tuple[np.datetime64, np.datetime64]:
        """The first and the last event."""
        return self.beliefs.event_start[0], self.beliefs.event_start[-1]

    @cached_property
    def _starts(self) -> Integers:
        """The first row of each belief, and the number of rows."""
        changes = ~_same_as_before(self.beliefs, _BELIEF_COLUMNS)
        return np.concatenate(([0], np.flatnonzero(changes) + 1, [len(self)]))

    @cached_property
    def _belief(self) -> Integers:
        """For each row the number of its belief."""
        return np.repeat(np.arange(len(self._starts) - 1), np.diff(self._starts))

    @cached_property
    def _earlier(self) -> Flags:
        """For each belief, whether the one that follows is an earlier belief of its class."""
        first = self.beliefs.take(self._starts[:-1])
        follows = np.zeros(len(first), dtype=np.bool_)
        before_the_fact = as_integers(first.belief_horizon) > 0
        follows[:-1] = _same_as_before(first, _EVENT_COLUMNS)
        follows[:-1] &= before_the_fact[1:] == before_the_fact[:-1]
        return follows

    @cached_property
    def _repeats_earlier(self) -> Flags:
        """For each belief, whether the earlier one of its class in this batch says the same."""
        size = np.diff(self._starts)
        comparable = self._earlier.copy()
        comparable[:-1] &= size[1:] == size[:-1]
        rows = np.flatnonzero(comparable[self._belief])
        theirs = rows + size[self._belief[rows]]
        beliefs = self.beliefs
        same = beliefs.cumulative_probability[rows] == beliefs.cumulative_probability[theirs]
        same &= _equal(beliefs.event_value[rows], beliefs.event_value[theirs])
        differing = np.bincount(self._belief[rows][~same], minlength=len(size))
        repeats: Flags = comparable & (differing == 0)
        return repeats

    @property
    def is_simple(self) -> bool:
        """Whether each belief is one row, and no two are about one event by one source."""
        return len(self._starts) - 1 == len(self) and not self._earlier.any()

    def without_repetitions(self) -> Batch:
        """The beliefs that differ from the earlier one of their class in this batch."""
        if not self._repeats_earlier.any():
            return self
        return Batch(self.beliefs.take(~self._repeats_earlier[self._belief]))

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """The columns of the table of beliefs, but for the sensor."""
        beliefs = self.beliefs
        return {
            "event_start": beliefs.event_start,
            "source_id": beliefs.source_id,
            "belief_horizon": beliefs.belief_horizon,
            "cumulative_probability": beliefs.cumulative_probability,
            "event_value": beliefs.event_value,
        }

    def chain(self) -> dict[str, npt.NDArray[np.generic]]:
        """How the beliefs of this batch hang together; nothing where it is simple."""
        if self.is_simple:
            return {}
        horizon = as_integers(self.beliefs.belief_horizon)
        following = np.minimum(self._starts[1:], len(self) - 1)
        earlier = np.ma.masked_array(horizon[following], mask=~self._earlier)
        return {
            "group_size": np.diff(self._starts)[self._belief],
            "earlier_horizon": earlier[self._belief],
            "same_as_earlier": self._repeats_earlier.astype(np.int64)[self._belief],
        }
