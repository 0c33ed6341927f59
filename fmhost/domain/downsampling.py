"""Fewer points of a line that look the same: of each pixel the first, the last and the extremes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fmhost.domain.arrays import Floats, Integers, Moments, as_integers


def buckets_of(starts: Moments, first: np.datetime64, last: np.datetime64, count: int) -> Integers:
    """For each moment the number of the equal part of [first, last) in which it lies.

    What lies outside counts with the part at the edge.

    :param count: of parts; at least 1.
    """
    begin, end = (int(np.int64(each)) for each in (first, last))
    passed = (as_integers(starts) - begin).astype(np.float64)
    numbers = np.floor(passed * (count / max(end - begin, 1))).astype(np.int64)
    return np.clip(numbers, 0, count - 1)


def telling(buckets: Integers, columns: Sequence[Floats]) -> Integers:
    """Positions of the points that tell how a line runs: at most 2 + 2 per column of each bucket.

    Of each bucket the first and the last point, and for each column its lowest and highest known
    value. A line through them covers the pixels that the whole line covers.

    :param buckets: numbers that do not fall, one per point.
    :param columns: one value per point each; NaN where it is not known.
    """
    if not len(buckets):
        return np.empty(0, dtype=np.int64)
    firsts = np.flatnonzero(np.concatenate([[True], buckets[1:] != buckets[:-1]]))
    lasts = np.append(firsts[1:], len(buckets)) - 1
    found = [firsts, lasts]
    for values in columns:
        known = np.flatnonzero(~np.isnan(values))
        # Sorted by bucket, then by value: the ends of each run are its extremes.
        order = known[np.lexsort((values[known], buckets[known]))]
        own = buckets[order]
        changes = own[1:] != own[:-1]
        edges = np.ones(len(order), dtype=np.bool_)
        edges[1:] = changes
        found.append(order[edges])
        edges[-1:] = True
        edges[:-1] = changes
        found.append(order[edges])
    return np.unique(np.concatenate(found))
