"""Beliefs that say again what the same source had said already."""

from __future__ import annotations

import numpy as np

from fmhost.beliefs.columns import Beliefs
from fmhost.domain.arrays import Flags, Integers, Moments


def repetitions(beliefs: Beliefs) -> Flags:
    """For each row whether it belongs to a belief that changes nothing.

    That is one with the same values as the belief that the same source formed last before it about
    the same event; a belief from before the fact and one from after it are not compared. A
    probabilistic belief is compared as a whole.

    :param beliefs: all beliefs about the events concerned, sorted by key, as the store gives them.
    """
    rows = len(beliefs)
    if not rows:
        return np.zeros(0, dtype=np.bool_)
    horizon = beliefs.belief_horizon.view(np.int64)
    event = _changes(beliefs.event_start, beliefs.source_id)
    firsts = np.flatnonzero(event | _changes(horizon))
    lengths = np.diff(np.append(firsts, rows))
    # Sorted by horizon, so that the belief before it in time is the next one.
    comparable = np.zeros(len(firsts), dtype=np.bool_)
    comparable[:-1] = (
        ~event[firsts[1:]]
        & ((horizon[firsts[:-1]] > 0) == (horizon[firsts[1:]] > 0))
        & (lengths[:-1] == lengths[1:])
    )
    run = np.repeat(np.arange(len(firsts)), lengths)
    partner = _rows_of_next(lengths, run)
    differs = _differs(beliefs, partner) & comparable[run]
    repeated = comparable & (np.bincount(run, weights=differs, minlength=len(firsts)) == 0)
    return np.asarray(repeated[run], dtype=np.bool_)


def _changes(*columns: Integers | Moments) -> Flags:
    """Where a row differs from the one before in any of the columns; the first one does."""
    changes = np.ones(len(columns[0]), dtype=np.bool_)
    changes[1:] = False
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return changes


def _rows_of_next(lengths: Integers, run: Integers) -> Integers:
    """For each row the row at the same place in the next belief, as far as there is one."""
    rows = np.arange(len(run))
    return np.asarray(np.minimum(rows + lengths[run], len(run) - 1), dtype=np.int64)


def _differs(beliefs: Beliefs, partner: Integers) -> Flags:
    value, share = beliefs.event_value, beliefs.cumulative_probability
    same_value = (value == value[partner]) | (np.isnan(value) & np.isnan(value[partner]))
    return np.asarray(~same_value | (share != share[partner]))
