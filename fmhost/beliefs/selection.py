"""Choosing among beliefs about the same event: most recent, latest version, one value.

All functions take beliefs sorted by key, as the store gives them, and keep that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from fmhost.beliefs.columns import DETERMINISTIC, Beliefs
from fmhost.domain.arrays import Flags, Floats, Integers, Moments
from fmhost.model.sources import Source, version_key


def _firsts(*columns: Moments | Integers) -> Integers:
    """The first row of each run of rows that are equal in these columns."""
    changes = np.ones(len(columns[0]), dtype=np.bool_)
    if len(changes):
        changes[1:] = False
        for column in columns:
            changes[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changes)


def _runs(firsts: Integers, rows: int) -> Integers:
    """For each row the number of the run in which it lies."""
    return np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, rows)))


def most_recent_per_source(beliefs: Beliefs) -> Beliefs:
    """Of each source's beliefs about an event the one with the shortest horizon, all its rows."""
    firsts = _firsts(beliefs.event_start, beliefs.source_id)
    shortest = beliefs.belief_horizon[firsts][_runs(firsts, len(beliefs))]
    return beliefs.take(beliefs.belief_horizon == shortest)


def most_recent(beliefs: Beliefs) -> Beliefs:
    """One belief per event, all its rows: that with the shortest horizon, whoever formed it.

    Of beliefs formed at the same time that of the source with the highest id counts.
    """
    candidates = most_recent_per_source(beliefs)
    firsts = _firsts(candidates.event_start, candidates.source_id)
    best = np.lexsort(
        (
            -candidates.source_id[firsts],
            candidates.belief_horizon[firsts],
            candidates.event_start[firsts],
        )
    )
    chosen = np.zeros(len(firsts), dtype=np.bool_)
    chosen[best[_firsts(candidates.event_start[firsts][best])]] = True
    return candidates.take(chosen[_runs(firsts, len(candidates))])


def latest_versions(beliefs: Beliefs, sources: Iterable[Source]) -> Beliefs:
    """For each event only the highest version of sources that differ in nothing but the version.

    :param sources: at least those of the beliefs.
    """
    families: dict[tuple[object, ...], int] = {}
    family: dict[int, int] = {}
    rank: dict[int, int] = {}
    by_version = sorted(sources, key=lambda source: (version_key(source.version), source.id))
    for position, source in enumerate(by_version):
        who = (source.name, source.account_id, source.user_id)
        identity = (who, source.kind, source.model)
        family[source.id] = families.setdefault(identity, len(families))
        rank[source.id] = position
    firsts = _firsts(beliefs.event_start, beliefs.source_id)
    families_of = _looked_up(beliefs.source_id[firsts], family)
    ranks = _looked_up(beliefs.source_id[firsts], rank)
    starts = beliefs.event_start[firsts]
    order = np.lexsort((-ranks, families_of, starts))
    kept = np.zeros(len(firsts), dtype=np.bool_)
    kept[order[_firsts(starts[order], families_of[order])]] = True
    return beliefs.take(kept[_runs(firsts, len(beliefs))])


def _looked_up(keys: Integers, values: Mapping[int, int]) -> Integers:
    found, position = np.unique(keys, return_inverse=True)
    return np.array([values[int(key)] for key in found], dtype=np.int64)[position]


def medians(beliefs: Beliefs, quantile: float = DETERMINISTIC) -> Beliefs:
    """Each belief as one row, of probability 0.5.

    A probabilistic belief counts as its median, interpolated linearly between the quantiles on
    either side; where all quantiles lie on one side, as the nearest one. A deterministic belief
    counts as it is.

    :param quantile: cumulative probability of what it counts as instead of the median.
    """
    firsts = _firsts(beliefs.event_start, beliefs.source_id, beliefs.belief_horizon.view(np.int64))
    if len(firsts) == len(beliefs):
        values = beliefs.event_value
    else:
        values = _quantiles(beliefs.cumulative_probability, beliefs.event_value, firsts, quantile)
    rows = beliefs.take(firsts)
    return Beliefs.of(rows.event_start, rows.belief_horizon, rows.source_id, values, DETERMINISTIC)


def _quantiles(probability: Floats, value: Floats, firsts: Integers, quantile: float) -> Floats:
    lasts = np.append(firsts[1:], len(probability)) - 1
    runs = np.arange(len(firsts))
    # Probabilities lie within 0..1, so that two per run keeps the runs apart.
    keys = probability + 2 * _runs(firsts, len(probability))
    above = np.clip(np.searchsorted(keys, 2 * runs + quantile), firsts, lasts)
    exact: Flags = probability[above] <= quantile
    below = np.where(exact, above, np.maximum(above - 1, firsts))
    span = probability[above] - probability[below]
    share = np.divide(quantile - probability[below], span, out=np.zeros(len(runs)), where=span > 0)
    return value[below] + np.clip(share, 0, 1) * (value[above] - value[below])
