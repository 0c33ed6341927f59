"""Where the solver starts makes no difference to what is optimal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmhost_storage.formulation import formulate
from fmhost_storage.problem import Problem
from fmhost_storage.solvers import BASIC
from fmhost_storage.solvers.highs import HighsSolver
from fmhost_storage.start import likely_corner


@settings(max_examples=300)
@given(st.integers(0, 10**6), st.booleans())
def test_any_start_leads_to_the_same_optimum(
    draw_problem: Callable[..., Problem], seed: int, committed: bool
) -> None:
    made = formulate(draw_problem(seed, committed=committed))
    corner = None if made.model.is_mixed_integer else likely_corner(made)
    if corner is None:
        return
    basic = np.count_nonzero(corner.columns == BASIC) + np.count_nonzero(corner.rows == BASIC)
    assert basic == made.model.rows
    cold = HighsSolver().solve(made.model)
    found = HighsSolver().solve(made.model, start=corner)
    assert found.status is cold.status
    if cold.objective is not None:
        assert found.objective == pytest.approx(cold.objective, rel=1e-7, abs=1e-7)
