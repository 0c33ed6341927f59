"""Boosted trees: what they learn, what they do not see, and that they are the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from fmhost_forecast.remainder import fit_forest
from fmhost_forecast.trees import Binned, grow

COUNT = 6000
COLUMNS = np.random.default_rng(3).uniform(-1, 1, (4, COUNT))
EITHER = np.sign(COLUMNS[0] * COLUMNS[1])
ALL = np.ones(COUNT, dtype=bool)
#: Days ago, the oldest first.
AGES = np.linspace(60, 0.01, COUNT)


def test_what_depends_on_two_things_at_once_is_learned():
    forest, left = grow(Binned.of(COLUMNS), EITHER, ALL, seed=1)
    assert np.abs(left).mean() < 0.15
    np.testing.assert_allclose(EITHER - forest.of(COLUMNS), left, atol=1e-9)


def test_the_median_is_learned_and_not_the_mean():
    skewed = np.random.default_rng(4).gamma(0.5, 4.0, COUNT)
    forest, _ = grow(Binned.of(COLUMNS), skewed, ALL, seed=1)
    assert forest.of(COLUMNS).mean() == pytest.approx(np.median(skewed), rel=0.1)
    assert skewed.mean() > 2 * np.median(skewed)


def test_rows_that_are_left_out_are_not_seen():
    used = np.arange(COUNT) % 3 > 0
    other = np.where(used, EITHER, 1e6)
    forest, _ = grow(Binned.of(COLUMNS), EITHER, used, seed=1)
    same, _ = grow(Binned.of(COLUMNS), other, used, seed=1)
    assert forest.leaves.tobytes() == same.leaves.tobytes()


def test_what_is_left_comes_from_trees_that_did_not_see_it():
    noise = np.random.default_rng(5).normal(size=COUNT)
    forest, left = fit_forest(COLUMNS, noise, AGES)
    assert forest is not None
    assert np.abs(left).mean() > np.abs(noise).mean() > np.abs(noise - forest.of(COLUMNS)).mean()


def test_trees_are_the_same_every_time():
    (forest, left), (again, same) = (fit_forest(COLUMNS, EITHER, AGES) for _ in range(2))
    assert forest is not None
    assert again is not None
    assert forest.leaves.tobytes() == again.leaves.tobytes()
    assert left.tobytes() == same.tobytes()


def test_a_few_rows_make_no_trees():
    few = slice(0, 900)
    forest, left = fit_forest(COLUMNS[:, few], EITHER[few], AGES[few])
    assert forest is None
    assert left.tobytes() == EITHER[few].tobytes()
