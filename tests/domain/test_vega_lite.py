"""Charts are valid in the grammar, whatever they show; and show what they are asked to."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.domain.vega_lite import (
    ChartKind,
    ChartRow,
    ChartStyle,
    FixedValue,
    chart,
    with_data,
)

POWER = ChartRow("Power", {1: "kW", 2: "kW"}, [FixedValue("limit (battery)", 5.0, "kW")])
PRICE = ChartRow("Price", {3: "EUR/MWh"}, y_axis="data")
BOTH = ChartRow("Both", {1: "kW", 3: "EUR/MWh"}, y_axis=[0, 10])

AXES = st.one_of(
    st.sampled_from(["zero", "data"]),
    st.tuples(st.floats(-9, 0), st.floats(0, 9)).map(list),
    st.tuples(st.floats(-9, -1), st.floats(0, 9)).map(
        lambda edges: {"min": edges[0], "max": edges[1]}
    ),
)
UNITS = st.sampled_from(["kW", "EUR/MWh", "", "%", "it's \\ \n odd"])
ROWS = st.builds(
    ChartRow,
    title=st.text(max_size=10),
    sensors=st.dictionaries(st.integers(1, 9), UNITS, max_size=3),
    fixed=st.lists(st.builds(FixedValue, st.text(max_size=5), st.floats(-9, 9), UNITS), max_size=2),
    y_axis=AXES,
)


@pytest.mark.parametrize(
    ("kind", "rows", "combined"),
    list(product(ChartKind, ([], [POWER], [PRICE, BOTH], [POWER, PRICE]), (True, False))),
)
def test_every_kind_of_chart_is_valid(kind, rows, combined, require_valid_chart):
    style = ChartStyle("values", kind=kind, combine_legend=combined, window=(0, 86_400_000))
    require_valid_chart(with_data(chart("Battery", rows, style), "values", [], []))


@given(rows=st.lists(ROWS, max_size=3), kind=st.sampled_from(ChartKind))
def test_charts_of_anything_are_valid(rows, kind, require_valid_chart):
    # A row has something to show.
    shown = [row for row in rows if row.sensors or row.fixed]
    require_valid_chart(chart("x", shown, ChartStyle("values", kind=kind, width=400, height=99)))


def test_what_is_no_chart_is_noticed(require_valid_chart):
    with pytest.raises(AssertionError, match="Not valid"):
        require_valid_chart({**chart("x", [POWER], ChartStyle("values")), "status": 200})


def marks(specification):
    """All marks below a specification, by type."""
    if "mark" in specification:
        return [specification]
    return [mark for part in specification.get("layer", []) for mark in marks(part)]


def test_each_row_is_a_chart_on_the_same_time():
    found = chart("Battery", [POWER, PRICE], ChartStyle("values", window=(5, 9)))
    assert [row["title"] for row in found["vconcat"]] == ["Power", "Price"]
    assert found["resolve"]["scale"] == {"color": "shared", "strokeDash": "shared", "x": "shared"}
    assert found["data"] == {"name": "values"}
    for row in found["vconcat"]:
        assert {"width": "container", "height": 200}.items() <= row.items()
        for mark in marks(row):
            if "x" in mark["encoding"]:
                assert mark["encoding"]["x"]["scale"] == {"domain": [5, 9]}


def test_one_row_needs_no_frame():
    found = chart("Battery", [PRICE], ChartStyle("values", height=300, width=400))
    assert "vconcat" not in found
    assert (found["title"], found["height"], found["width"]) == ("Price", 300, 400)
    assert "scale" not in marks(found)[0]["encoding"]["x"]


def test_lasting_events_are_steps_and_moments_are_points():
    found = chart("Battery", [PRICE], ChartStyle("values"))
    by_type = {mark["mark"]["type"]: mark for mark in marks(found)}
    assert by_type.keys() == {"rect", "line", "point", "rule"}
    step = next(mark for mark in marks(found) if mark["mark"].get("interpolate") == "step-after")
    assert {"filter": "datum.sensor.event_resolution > 0"} in step["transform"]
    assert {"filter": "datum.sensor.event_resolution == 0"} in by_type["point"]["transform"]
    fields = {each["title"]: each["field"] for each in by_type["point"]["encoding"]["tooltip"]}
    assert list(fields) == ["Sensor", "Value", "Time and date", "Source", "Recorded"]


def test_bars_are_as_wide_as_their_events():
    found = chart("Power", [PRICE], ChartStyle("values", kind=ChartKind.BARS, color="source.name"))
    bar = next(mark for mark in marks(found) if "y2" in mark["encoding"])
    assert bar["encoding"]["x2"] == {"field": "event_end"}
    assert bar["encoding"]["color"]["field"] == "source.name"


def test_each_unit_has_an_axis_of_its_own():
    found = chart("Both", [BOTH], ChartStyle("values"))
    assert found["resolve"] == {"scale": {"y": "independent"}}
    _bands, left, right = found["layer"]
    for group, sensor_id, title in ((left, 1, "Power (kW)"), (right, 3, "Energy price (EUR/MWh)")):
        for mark in marks(group):
            assert mark["transform"][0] == {"filter": {"field": "sensor.id", "oneOf": [sensor_id]}}
            assert mark["encoding"]["y"]["title"] == title
    assert {"axis" in mark["encoding"]["y"] for mark in marks(right)} == {True}
    assert {"axis" in mark["encoding"]["y"] for mark in marks(left)} == {False}


@pytest.mark.parametrize(
    ("y_axis", "scale"),
    [
        ("zero", {"zero": True}),
        ("data", {"zero": False}),
        ([1, 5], {"domain": {"unionWith": [1, 5]}, "zero": False}),
        ({"min": 1, "max": 5}, {"domain": [1, 5], "nice": False, "zero": False}),
    ],
)
def test_the_y_axis_of_a_row(y_axis, scale):
    found = chart("P", [ChartRow("P", {1: "kW"}, y_axis=y_axis)], ChartStyle("values"))
    scales = [mark["encoding"]["y"]["scale"] for mark in marks(found) if "y" in mark["encoding"]]
    assert scales
    assert all(each == scale for each in scales)


def test_fixed_values_are_lines_across_the_row():
    found = chart("P", [POWER], ChartStyle("values"))
    line = marks(found)[-1]
    assert line["mark"]["type"] == "rule"
    assert line["data"]["values"] == [{"value": 5.0, "label": "limit (battery): 5 kW"}]


def test_heatmaps_show_one_sensor_each_and_histograms_one_unit():
    def titles(kind, row):
        found = chart("x", [row], ChartStyle("values", kind=kind))
        return [part["title"] for part in found.get("vconcat", [found])]

    assert titles(ChartKind.DAILY_HEATMAP, POWER) == ["Power", "Power"]
    assert titles(ChartKind.WEEKLY_HEATMAP, BOTH) == ["Both", "Both"]
    assert titles(ChartKind.HISTOGRAM, POWER) == ["Power"]
    assert titles(ChartKind.HISTOGRAM, BOTH) == ["Both", "Both"]


def test_data_come_under_the_names_that_the_chart_uses():
    style = ChartStyle("mine")
    found = with_data(chart("P", [PRICE], style), "mine", [{"a": 1}], [{"b": 2}])
    assert found["datasets"] == {"mine": [{"a": 1}], "mine_annotations": [{"b": 2}]}
    assert marks(found)[0]["data"] == {"name": "mine_annotations"}


def test_the_legend_is_below_all_rows_or_beside_each():
    below = chart("x", [POWER, PRICE], ChartStyle("values", combine_legend=True))
    beside = chart("x", [POWER, PRICE], ChartStyle("values", combine_legend=False))
    assert below["config"]["legend"]["orient"] == "bottom"
    assert beside["config"]["legend"]["orient"] == "right"
    assert beside["resolve"]["scale"]["color"] == "independent"


def test_the_grammar_is_that_of_the_page():
    assert chart("x", [], ChartStyle("values", version=6))["$schema"].endswith("/v6.json")
