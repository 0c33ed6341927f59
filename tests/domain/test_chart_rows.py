from __future__ import annotations

import pytest

from fmhost.domain.chart_rows import FlexField, Row, rows_of, suggested_rows


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (3, Row(sensor_ids=(3,))),
        ([3, 4, 3], Row(sensor_ids=(3, 4))),
        ({"title": "Power", "sensor": 3}, Row("Power", (3,))),
        ({"sensors": [3, 4]}, Row(None, (3, 4))),
        ({"title": "No Title", "sensor": 3}, Row(None, (3,))),
        (
            {"title": "All", "plots": [{"sensor": 3}, {"sensors": [4, 5]}], "y-axis": [0, 5]},
            Row("All", (3, 4, 5), y_axis=[0, 5]),
        ),
        (
            {
                "title": "Limits",
                "plots": [
                    {"asset": 7, "flex-context": "consumption-price"},
                    {"asset": 7, "flex-model": "soc-min"},
                ],
            },
            Row(
                "Limits",
                (),
                (
                    FlexField(7, "consumption-price", model=False),
                    FlexField(7, "soc-min", model=True),
                ),
            ),
        ),
        ({"title": "One", "plots": {"sensor": 3}}, Row("One", (3,))),
    ],
)
def test_each_form_of_a_row(stored, expected):
    assert rows_of([stored]) == [expected]


@pytest.mark.parametrize("stored", [None, {}, "3", 3, [], ["x", {"title": "T"}, [1, "2"], True]])
def test_what_is_no_row_is_left_out(stored):
    assert rows_of(stored) == []


def test_rows_beside_what_is_none_stay_in_order():
    assert rows_of([2, "x", [1]]) == [Row(sensor_ids=(2,)), Row(sensor_ids=(1,))]


@pytest.mark.parametrize(
    ("sensors", "expected"),
    [
        ([], []),
        ([(1, "kW")], [(1,)]),
        ([(1, "kW"), (2, "kW"), (3, "kW")], [(1, 2)]),
        ([(1, "kW"), (2, "%"), (3, "kW")], [(1,), (2,)]),
    ],
)
def test_the_first_two_sensors_are_suggested(sensors, expected):
    assert [row.sensor_ids for row in suggested_rows(sensors)] == expected
