"""The form of what an asset shows."""

from __future__ import annotations

from typing import Any

import pytest

from fmhost.domain import graphs
from fmhost.errors import InvalidInput

AXIS = (
    "'y-axis' must be 'zero', 'data', a [min, max] list of two numbers, or a "
    "{'min': min, 'max': max} dict."
)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [3],
        [3, [4, 5]],
        [{"title": "Power", "sensor": 3}],
        [{"title": "Power", "sensors": [3, 4]}],
        [{"title": "x", "plots": [{"sensor": 3}, {"sensors": [4, 5]}]}],
        [{"title": "x", "plots": {"sensor": 3}}],
        [{"title": "x", "plots": [{"asset": 7, "flex-context": "consumption-price"}]}],
        [{"title": "x", "plots": [{"asset": 7, "flex-model": "soc-min"}]}],
        *([{"title": "x", "sensor": 3, "y-axis": axis}] for axis in ("zero", "data", [1, 1])),
        [{"title": "x", "sensor": 3, "y-axis": {"min": -1.5, "max": 2}}],
    ],
)
def test_rows_stay_as_they_are(rows: Any) -> None:
    assert graphs.checked_rows(rows) == rows


def test_a_row_without_title_gets_one() -> None:
    assert graphs.checked_rows([{"sensor": 3}]) == [{"title": "No Title", "sensor": 3}]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (3, "sensors_to_show should be a list."),
        ({"sensor": 3}, "sensors_to_show should be a list."),
        ([[3, "4"]], "All elements in a list within 'sensors_to_show' must be integers."),
        ([[True]], "All elements in a list within 'sensors_to_show' must be integers."),
        (["3"], "Invalid item type in 'sensors_to_show'. Expected int, list, or dict."),
        ([None], "Invalid item type in 'sensors_to_show'. Expected int, list, or dict."),
        ([3.0], "Invalid item type in 'sensors_to_show'. Expected int, list, or dict."),
        ([{"title": 3, "sensor": 3}], "'title' value must be a string."),
        ([{"sensor": "3"}], "'sensor' value must be an integer."),
        ([{"sensors": 3}], "'sensors' value must be a list of integers."),
        ([{"sensors": ["3"]}], "'sensors' value must be a list of integers."),
        ([{"title": "x"}], "Dictionary must contain either 'sensor', 'sensors' or 'plots' key."),
        ([{"plots": 3}], "'plots' must be a list or dictionary."),
        ([{"plots": [3]}], "Each plot in 'plots' must be a dictionary."),
        ([{"plots": [{"sensor": "3"}]}], "'sensor' value must be an integer."),
        *(
            ([{"plots": [plot]}], "Each plot needs a 'sensor', 'sensors', or an 'asset'")
            for plot in ({}, {"asset": 7}, {"asset": "7", "flex-model": "x"}, {"flex-model": "x"})
        ),
        *(
            ([{"sensor": 3, "y-axis": axis}], AXIS)
            for axis in ("one", 3, None, [1], [2, 1], ["a", "b"], {"min": 1}, {"min": 1, "max": 1})
        ),
    ],
)
def test_rows_of_another_form_are_refused(rows: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        graphs.checked_rows(rows)
    assert str(caught.value).startswith(message)
    assert caught.value.field == "sensors_to_show"


@pytest.mark.parametrize(
    ("figures", "field", "message"),
    [
        ({}, "", "sensors_to_show_as_kpis should be a list."),
        ([3], ".0", "Not a valid mapping type."),
        ([{"sensor": 3}], ".0.title", "Missing data for required field."),
        ([{"title": "x"}], ".0.sensor", "Missing data for required field."),
        ([{"title": 3, "sensor": 3}], ".0.title", "Not a valid string."),
        ([{"title": "x", "sensor": "3"}], ".0.sensor", "Not a valid integer."),
        ([{"title": "x", "sensor": 3, "a": 1}], ".0.a", "Unknown field."),
        (
            [{"title": "x", "sensor": 3, "function": "median"}],
            ".0.function",
            "Must be one of: sum, min, max, mean.",
        ),
    ],
)
def test_key_figures_of_another_form_are_refused(figures: Any, field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        graphs.checked_kpis(figures)
    assert str(caught.value) == message
    assert caught.value.field == f"sensors_to_show_as_kpis{field}"


def test_key_figures() -> None:
    figures = [{"title": "x", "sensor": 3}, {"title": "y", "sensor": 3, "function": "max"}]
    assert graphs.checked_kpis(figures) == figures
