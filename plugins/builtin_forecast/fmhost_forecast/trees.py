"""Boosted trees: steps that add up to a function with small absolute errors.

Gradient boosting for the absolute error (Friedman, 2001, Annals of Statistics 29, 1189-1232,
algorithm 3). All branches of a tree ask the same question at the same depth (Kohavi, 1994, ECML,
134-150), so that a tree is a few comparisons and a table. Features are sorted into bins first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmhost_forecast.timeline import Floats, Integers

#: So many trees, and questions of each.
TREES, DEPTH = 60, 5
#: What a tree says counts so much.
_RATE = 0.1
#: Values of a feature are told apart by so many bins.
_BINS = 32
#: Each tree sees so many rows, others than the tree before it.
_ROWS = 3000
#: So many rows count against a question, and draw the answer of a leaf to nothing.
_AGAINST, _DRAWN = 10.0, 20.0
#: Bins are made from about so many rows.
_BINNED_BY = 4000


@dataclass(frozen=True)
class Forest:
    """Trees of which the answers are added.

    :param features: asked about, (trees, depth).
    :param thresholds: whether they are above these, (trees, depth).
    :param leaves: what a tree says, (trees, 2**depth); the first question is the highest bit.
    """

    features: Integers
    thresholds: Floats
    leaves: Floats

    @classmethod
    def mean(cls, forests: Sequence[Forest]) -> Forest:
        """What several say on average."""
        return cls(
            np.concatenate([each.features for each in forests]),
            np.concatenate([each.thresholds for each in forests]),
            np.concatenate([each.leaves for each in forests]) / len(forests),
        )

    def of(self, columns: Floats) -> Floats:
        """One value per event, from (features, events)."""
        found = np.zeros(columns.shape[1])
        for features, thresholds, leaves in zip(
            self.features, self.thresholds, self.leaves, strict=True
        ):
            leaf = np.zeros(len(found), dtype=np.intp)
            for feature, threshold in zip(features, thresholds, strict=True):
                leaf *= 2
                leaf += columns[feature] > threshold
            found += leaves[leaf]
        return found


@dataclass(frozen=True)
class Binned:
    """Features as numbers of bins.

    :param edges: upper ones of all bins but the last, (features, bins - 1).
    :param bins: (features, rows).
    :param codes: twice the place of each bin among those of all features, (rows, features).
    """

    edges: Floats
    bins: NDArray[np.uint8]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, columns: Floats) -> Binned:
        """Bins with about equally many rows, from (features, rows)."""
        some = columns[:, :: max(1, columns.shape[1] // _BINNED_BY)]
        edges = np.quantile(some, np.arange(1, _BINS) / _BINS, axis=1).T
        bins = np.empty(columns.shape, dtype=np.uint8)
        for place, (column, of_column) in enumerate(zip(columns, edges, strict=True)):
            bins[place] = np.searchsorted(of_column, column)
        places = np.arange(len(columns), dtype=np.int32)[:, None] * _BINS + bins
        return cls(edges, bins, np.ascontiguousarray(2 * places.T))


def grow(
    binned: Binned, target: Floats, used: NDArray[np.bool_], seed: int
) -> tuple[Forest, Floats]:
    """Trees for some of the rows; and what is still wrong by them in all rows.

    :param used: rows to learn from.
    """
    random = np.random.default_rng(seed)
    rows = np.flatnonzero(used)
    every = max(1.0, len(rows) / _ROWS)
    wrong = target.copy()
    features: Integers = np.zeros((TREES, DEPTH), dtype=np.int64)
    thresholds, leaves = np.zeros((TREES, DEPTH)), np.zeros((TREES, 2**DEPTH))
    for tree in range(TREES):
        # Evenly, so that all times are there.
        places = np.arange(random.uniform(0, every), len(rows), every)
        chosen = rows[places.astype(np.int64)]
        asked, leaf = _questions(binned, chosen, wrong[chosen] > 0)
        features[tree] = [feature for feature, _ in asked]
        thresholds[tree] = [binned.edges[question] for question in asked]
        leaves[tree] = _RATE * _medians(leaf[chosen], wrong[chosen])
        wrong -= leaves[tree][leaf]
    return Forest(features, thresholds, leaves), wrong


def _questions(
    binned: Binned, chosen: Integers, above: NDArray[np.bool_]
) -> tuple[list[tuple[int, int]], NDArray[np.uint8]]:
    """Features with bins that part best what is too low from what is too high; leaves of all rows.

    :param above: which of the chosen rows are higher than was said so far.
    """
    width, count = binned.bins.shape
    code = binned.codes[chosen] + above[:, None]
    leaf: NDArray[np.uint8] = np.zeros(count, dtype=np.uint8)
    asked: list[tuple[int, int]] = []
    for level in range(DEPTH):
        size = width * _BINS * 2
        where = code + leaf[chosen].astype(np.int32)[:, None] * size
        counted = np.bincount(where.ravel(), minlength=2**level * size)
        gain = _gain(counted.reshape(2**level, width, _BINS, 2))
        feature, place = divmod(int(np.argmax(gain)), _BINS - 1)
        asked.append((feature, place))
        leaf *= 2
        leaf += binned.bins[feature] > place
    return asked, leaf


def _gain(counted: Integers) -> Floats:
    """How well each question parts rows, (features, bins - 1).

    It is the sum over all leaves, below and above, of (rows that are higher - rows that are
    lower)^2 / rows.

    :param counted: rows that are lower and higher, (leaves, features, bins, 2).
    """
    number = counted.sum(axis=3).cumsum(axis=2).astype(np.float64)
    excess = (counted[..., 1] - counted[..., 0]).cumsum(axis=2).astype(np.float64)
    below, above = excess[:, :, :-1], excess[:, :, -1:] - excess[:, :, :-1]
    found = below**2 / (number[:, :, :-1] + _AGAINST)
    found += above**2 / (number[:, :, -1:] - number[:, :, :-1] + _AGAINST)
    return np.asarray(found.sum(axis=0))


def _medians(leaf: NDArray[np.uint8], wrong: Floats) -> Floats:
    """Median in each leaf, drawn to nothing where there are few rows."""
    order = np.argsort(wrong)
    order = order[np.argsort(leaf[order], kind="stable")]
    size = np.bincount(leaf, minlength=2**DEPTH)
    middle = np.cumsum(size) - size + size // 2
    found = wrong[order][np.minimum(middle, len(order) - 1)]
    return np.where(size > 0, found, 0.0) * size / (size + _DRAWN)
