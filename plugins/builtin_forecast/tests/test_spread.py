"""How wide quantiles lie, by what is known of errors."""

from __future__ import annotations

import numpy as np
import pytest

from fmhost_forecast.spread import Spread

RANDOM = np.random.default_rng(5)
COUNT = 20_000
HOURS = RANDOM.uniform(0, 24, COUNT)
LEVELS = RANDOM.uniform(0, 10, COUNT)
RESTLESS = RANDOM.uniform(0.5, 2.0, COUNT)
NOISE = RANDOM.normal(size=COUNT)


def spread(errors: object, together: float = 1.0) -> Spread:
    return Spread.of(HOURS, LEVELS, RESTLESS, np.asarray(errors), np.ones(COUNT), together)


def width(made: Spread, restless: float) -> float:
    low, high = made.quantiles(np.array([12.0]), np.array([5.0]), restless, (0.1, 0.9))[0]
    return float(high - low)


@pytest.mark.parametrize(("power", "ratio"), [(0, 1.0), (0.5, 2**0.5), (1, 2.0)])
def test_errors_grow_with_the_restlessness_as_they_did(power, ratio):
    made = spread(NOISE * RESTLESS**power)
    assert made.power == power
    assert width(made, 2.0) / width(made, 1.0) == pytest.approx(ratio)


def test_the_interval_of_normal_errors():
    made = spread(NOISE)
    assert width(made, 1.0) == pytest.approx(2 * 1.2816, rel=0.05)


def test_the_less_errors_are_independent_the_wider_it_is():
    few, many = spread(NOISE, together=COUNT / 10), spread(NOISE, together=1.0)
    assert width(few, 1.0) > 1.15 * width(many, 1.0)


def test_what_never_changed_is_no_restlessness():
    made = Spread.of(HOURS, LEVELS, np.zeros(COUNT), NOISE, np.ones(COUNT), 1.0)
    assert width(made, 0.0) == pytest.approx(2 * 1.2816, rel=0.05)
