from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from fmhost.schemas.values import Values

NUMBERS = (
    st.none() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.lists(NUMBERS, min_size=1))
def test_lists_of_numbers_and_nulls_become_columns(values):
    column = Values().deserialize(values)
    assert column.dtype == np.float64
    assert [None if np.isnan(value) else value for value in column] == values


def test_a_number_is_a_column_of_one():
    assert Values().deserialize(5).tolist() == [5.0]


@pytest.mark.parametrize("values", [[], None])
def test_nothing_is_refused(values):
    with pytest.raises(ValidationError):
        Values().deserialize(values)


@pytest.mark.parametrize("wrong", ["3", "x", True, [1], {}, "NaN"])
def test_what_is_no_number_is_refused_with_its_place(wrong):
    with pytest.raises(ValidationError) as caught:
        Values().deserialize([1, 2, wrong])
    assert caught.value.messages == {2: ["Not a valid number."]}


@pytest.mark.parametrize("huge", [10**400, -(10**400), float("inf")])
def test_numbers_that_no_float_holds_are_refused(huge):
    with pytest.raises(ValidationError) as caught:
        Values().deserialize([0, huge])
    assert caught.value.messages == {1: ["Number too large."]}
