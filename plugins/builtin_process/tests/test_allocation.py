"""The steps that are chosen are those that a search through all choices finds."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmhost.plugin import InfeasibleProblem, InvalidInput
from fmhost_process.allocation import Problem, ProcessType, Sense, allocate, runner_up

#: Few different prices, so that many choices tie; their sums as floats do not.
CENTS = st.sampled_from([-70, -10, 0, 10, 20, 30, 33, 70])


def problem(kind, length, prices, *, sense="MIN", forbidden=()):
    allowed = np.ones(len(prices), dtype=bool)
    allowed[list(forbidden)] = False
    return Problem(
        ProcessType(kind), Sense(sense), length, np.array(prices, dtype=np.float64), allowed
    )


@st.composite
def small_problems(draw):
    """Problems in a window of at most nine steps, with their prices in whole cents."""
    cents = draw(st.lists(CENTS, min_size=1, max_size=9))
    steps = len(cents)
    made = Problem(
        draw(st.sampled_from(ProcessType)),
        draw(st.sampled_from(Sense)),
        draw(st.integers(1, steps + 1)),
        np.array(cents) / 100,
        np.array(draw(st.lists(st.booleans(), min_size=steps, max_size=steps))),
    )
    return made, cents


def choices(made):
    """All choices of steps, those that begin earlier first."""
    length = min(made.length, made.steps)
    if made.process_type is ProcessType.BREAKABLE:
        found = combinations(range(made.steps), length)
    else:
        found = (tuple(range(s, s + length)) for s in range(made.steps - length + 1))
    return [steps for steps in found if all(made.allowed[list(steps)])]


def total(cents, steps, sense):
    value = sum(Fraction(cents[step], 100) for step in steps)
    return value if sense is Sense.MIN else -value


@settings(max_examples=2000)
@given(small_problems())
def test_it_finds_the_first_of_the_best_choices(given_problem):
    made, cents = given_problem
    possible = choices(made)
    if not possible:
        with pytest.raises((InfeasibleProblem, InvalidInput)):
            allocate(made)
        return
    best = possible[0]
    if made.process_type is not ProcessType.INFLEXIBLE:
        best = min(possible, key=lambda steps: (total(cents, steps, made.sense), steps))
    assert tuple(allocate(made).tolist()) == best


@settings(max_examples=1000)
@given(small_problems())
def test_the_runner_up_is_the_best_of_the_other_choices(given_problem):
    made, cents = given_problem
    possible = choices(made)
    if not possible:
        return
    chosen = allocate(made)
    others = [steps for steps in possible if steps != tuple(chosen.tolist())]
    found = runner_up(made, chosen)
    if not others:
        assert found is None
        return
    assert found is not None
    assert tuple(found.tolist()) in others
    assert total(cents, found.tolist(), made.sense) == min(
        total(cents, steps, made.sense) for steps in others
    )


@settings(max_examples=300)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60),
    st.integers(1, 20),
    st.sampled_from(["SHIFTABLE", "BREAKABLE"]),
)
def test_any_prices_are_summed_to_the_last_digits_that_count(prices, length, kind):
    length = min(length, len(prices) - 1)
    chosen = allocate(problem(kind, length, prices))
    if kind == "SHIFTABLE":
        least = min(math.fsum(prices[s : s + length]) for s in range(len(prices) - length + 1))
    else:
        least = math.fsum(sorted(prices)[:length])
    assert math.fsum(np.array(prices)[chosen]) == pytest.approx(least, abs=1e-8 * length)


@pytest.mark.parametrize(
    ("kind", "sense", "forbidden", "expected"),
    [
        ("INFLEXIBLE", "MIN", (), [0, 1]),
        ("INFLEXIBLE", "MIN", (1,), [2, 3]),
        ("SHIFTABLE", "MIN", (), [3, 4]),
        ("SHIFTABLE", "MAX", (), [0, 1]),
        ("SHIFTABLE", "MIN", (4,), [2, 3]),
        ("BREAKABLE", "MIN", (), [2, 4]),
        ("BREAKABLE", "MAX", (), [0, 5]),
        ("BREAKABLE", "MIN", (4,), [2, 3]),
    ],
)
def test_a_day_at_a_glance(kind, sense, forbidden, expected):
    prices = [50.0, 40.0, 10.0, 20.0, 9.0, 45.0]
    made = problem(kind, 2, prices, sense=sense, forbidden=forbidden)
    assert allocate(made).tolist() == expected


def test_sums_that_are_equal_on_paper_tie_although_floats_differ():
    # 0.1 + 0.2 exceeds 0.3 + 0.0 as floats
    assert allocate(problem("SHIFTABLE", 2, [0.1, 0.2, 9.0, 0.3, 0.0])).tolist() == [0, 1]
    flat = allocate(problem("SHIFTABLE", 7, [0.1] * 2520))
    assert flat.tolist() == list(range(7))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e9, 1e15, 1e30])
def test_prices_of_any_size_are_compared(scale):
    prices = np.array([5.0, 4.0, 1.0, 2.0, 9.0]) * scale
    assert allocate(problem("SHIFTABLE", 2, prices)).tolist() == [2, 3]


@pytest.mark.parametrize("kind", list(ProcessType))
def test_a_process_as_long_as_the_window_takes_all_of_it(kind):
    for length in (3, 4, 100):
        made = problem(kind, length, [3.0, 1.0, 2.0])
        chosen = allocate(made)
        assert chosen.tolist() == [0, 1, 2]
        assert runner_up(made, chosen) is None


@pytest.mark.parametrize("kind", list(ProcessType))
def test_a_restriction_in_a_window_that_the_process_fills_is_refused(kind):
    with pytest.raises(
        InvalidInput,
        match=r"^Cannot handle time restrictions if the duration of the process exceeds that of "
        "the schedule window",
    ) as caught:
        allocate(problem(kind, 3, [1.0, 2.0, 3.0], forbidden=[1]))
    assert caught.value.field == "time-restrictions"


@pytest.mark.parametrize(
    ("kind", "forbidden", "needs"),
    [
        ("INFLEXIBLE", (1, 3), "2 consecutive steps; 3 of the 5 steps"),
        ("SHIFTABLE", (1, 3), "2 consecutive steps; 3 of the 5 steps"),
        ("BREAKABLE", (0, 1, 2, 3), "2 steps; 1 of the 5 steps"),
    ],
)
def test_no_room_is_said_with_the_numbers(kind, forbidden, needs):
    with pytest.raises(
        InfeasibleProblem,
        match=f"^Cannot allocate a block of time .* given the time restrictions provided.*{needs}",
    ):
        allocate(problem(kind, 2, [1.0] * 5, forbidden=forbidden))


def test_a_problem_without_a_price_in_a_step_is_none():
    with pytest.raises(ValueError, match="needs a price"):
        problem("SHIFTABLE", 1, [1.0, math.nan])
    with pytest.raises(ValueError, match="one price and one permission per step"):
        problem("SHIFTABLE", 0, [1.0])
