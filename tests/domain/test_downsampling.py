"""Fewer points of a line that look the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fmhost.domain.downsampling import buckets_of, telling

FIRST = np.datetime64("2026-03-02T00:00", "us")
MINUTE = np.timedelta64(60_000_000, "us")


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=200),
    st.integers(1, 40),
)
def test_each_bucket_keeps_its_ends_and_its_extremes(values: list[float], count: int) -> None:
    column = np.array(values)
    starts = FIRST + np.arange(len(column)) * MINUTE
    buckets = buckets_of(starts, FIRST, FIRST + len(column) * MINUTE, count)
    kept = telling(buckets, [column])
    assert len(kept) <= 4 * count
    assert (np.diff(kept) > 0).all()
    for bucket in np.unique(buckets):
        own = np.flatnonzero(buckets == bucket)
        of_bucket = kept[buckets[kept] == bucket]
        assert of_bucket[0] == own[0]
        assert of_bucket[-1] == own[-1]
        if not np.isnan(column[own]).all():
            assert np.nanmin(column[of_bucket]) == np.nanmin(column[own])
            assert np.nanmax(column[of_bucket]) == np.nanmax(column[own])


def test_bands_keep_their_extremes_as_well() -> None:
    middle, upper = np.zeros(100), np.zeros(100)
    upper[37] = 5.0
    kept = telling(np.zeros(100, dtype=np.int64), [middle, upper])
    assert 37 in kept
    assert len(kept) <= 6


def test_what_lies_outside_counts_with_the_edge() -> None:
    starts = FIRST + np.array([-5, 0, 59, 60, 99]) * MINUTE
    assert buckets_of(starts, FIRST, FIRST + 60 * MINUTE, 60).tolist() == [0, 0, 59, 59, 59]


def test_nothing_stays_nothing() -> None:
    assert len(telling(np.empty(0, dtype=np.int64), [np.empty(0)])) == 0
