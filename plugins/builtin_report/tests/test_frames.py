"""The pandas reporter: what its steps may be, and what they make."""

from __future__ import annotations

from datetime import timedelta

import pytest
from marshmallow import ValidationError

from fmhost.plugin import ComputationFailed, InvalidInput
from fmhost_report.frames import PandasConfigSchema, PandasReporter
from fmhost_report.methods import METHODS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAN = float("nan")


def config(*steps, inputs=("load",), outputs=("result",), **more):
    return {
        "required_input": [{"name": name} for name in inputs],
        "required_output": [{"name": name} for name in outputs],
        "transformations": list(steps),
        **more,
    }


def refusal(given):
    with pytest.raises(ValidationError) as refused:
        PandasConfigSchema().load(given)
    return str(refused.value.messages)


def test_a_headroom_is_capacity_less_load(world):
    found = world.report(
        PandasReporter,
        {"capacity": world.add("MW", [1] * 4), "load": world.add("kW", [200, 1500, NAN, 1000])},
        {"headroom": world.add("kW")},
        {
            "required_input": [{"name": "capacity", "unit": "kW"}, {"name": "load"}],
            "required_output": [{"name": "headroom"}],
            "transformations": [
                {"df_input": "capacity", "method": "sub", "args": ["@load"]},
                {"method": "clip", "kwargs": {"lower": 0}, "df_output": "headroom"},
            ],
        },
    )
    assert found == {"headroom": [800, 0, pytest.approx(NAN, nan_ok=True), 0]}


def test_steps_continue_with_what_the_step_before_made(world):
    found = world.report(
        PandasReporter,
        {"load": world.add(values=[1, -2, 3, -4])},
        {"result": world.add()},
        config({"method": "abs"}, {"method": "mul", "args": [10], "df_output": "result"}),
    )
    assert found == {"result": [10, 20, 30, 40]}


def test_resampling_gives_the_resolution_of_the_result(world):
    (result,) = world.made(
        PandasReporter,
        {"load": world.add(values=[1, 2, 3, 4] * 6)},
        {"result": world.add(step=DAY)},
        config({"method": "resample", "args": ["1D"]}, {"method": "sum", "df_output": "result"}),
        hours=24,
    ).compute()
    assert (result.resolution, result.values.tolist()) == (DAY, [60])


def test_what_is_left_out_is_missing(world):
    found = world.report(
        PandasReporter,
        {"load": world.add(values=[1, NAN, NAN, 4])},
        {"result": world.add()},
        config({"method": "dropna", "df_output": "result"}),
    )
    assert found["result"] == [
        1,
        pytest.approx(NAN, nan_ok=True),
        pytest.approx(NAN, nan_ok=True),
        4,
    ]


def test_several_results_one_of_them_a_column(world):
    found = world.report(
        PandasReporter,
        {"a": world.add(values=[1, 2, 3, 4]), "b": world.add(values=[0, 5, 0, 5])},
        {"both": world.add(), "more": world.add("dimensionless")},
        {
            "required_input": [{"name": "a"}, {"name": "b"}],
            "required_output": [{"name": "both", "column": "b_value"}, {"name": "more"}],
            "transformations": [
                {"df_input": "b", "method": "rename", "df_output": "renamed",
                 "kwargs": {"columns": {"event_value": "b_value"}}},
                {"df_input": "a", "method": "join", "args": ["@renamed"], "df_output": "both"},
                {"df_input": "b", "method": "gt", "args": ["@a"], "df_output": "more"},
            ],
        },
    )  # fmt: skip
    assert found == {"both": [0, 5, 0, 5], "more": [0, 1, 0, 1]}


def test_attributes_of_sensors_are_values(world):
    found = world.report(
        PandasReporter,
        {"load": world.add(values=[1, 2, 3, 4], capacity=10)},
        {"result": world.add()},
        config(
            {"df_input": "load", "method": "get_attribute", "args": ["capacity"], "df_output": "c"},
            {"df_input": "load", "method": "rsub", "args": ["@c"], "df_output": "result"},
        ),
    )
    assert found == {"result": [9, 8, 7, 6]}


def test_groups_by_a_property_of_the_events(world):
    found = world.report(
        PandasReporter,
        {"load": world.add(values=[1, 2, 3, 4])},
        {"result": world.add()},
        config(
            {"df_input": "load", "property": "index", "df_output": "i"},
            {"df_input": "i", "property": "day", "df_output": "day"},
            {"df_input": "load", "method": "groupby", "args": ["@day"], "df_output": "groups"},
            {"df_input": "groups", "method": "cumsum", "df_output": "result"},
        ),
    )
    assert found == {"result": [1, 3, 6, 10]}


def test_steps_may_be_skipped_without_values(world):
    found = world.report(
        PandasReporter,
        {"load": world.add(values=[])},
        {"result": world.add()},
        config({"method": "fillna", "args": [7], "skip_if_empty": True, "df_output": "result"}),
    )
    assert found == {"result": []}


def test_inputs_that_are_missing_are_named(world):
    with pytest.raises(InvalidInput, match="no input named 'b'") as refused:
        world.made(
            PandasReporter,
            {"a": world.add(), "c": world.add()},
            {"result": world.add()},
            config({"df_input": "a", "method": "abs"}, inputs=("a", "b"), outputs=("a",)),
        )
    assert refused.value.field == "parameters.input"


def test_frames_that_do_not_exist_are_told():
    both = {"inputs": ("a", "b"), "outputs": ("a",)}
    assert "Cannot find the input DataFrame." in refusal(config({"method": "abs"}, **both))
    step = {"df_input": "a", "method": "add", "args": ["@c"]}
    assert "Cannot find the DataFrame '@c'." in refusal(config(step, **both))
    assert "Cannot find final output DataFrame 'result'" in refusal(config({"method": "abs"}))


def test_a_result_is_no_resampler():
    step = {"method": "resample", "args": ["1h"], "df_output": "result"}
    assert "cannot be a resampler or a grouper" in refusal(config(step))


@pytest.mark.parametrize(
    "name",
    [
        *("eval", "query", "apply", "map", "pipe", "to_csv", "to_pickle", "to_sql", "transform"),
        *("__class__", "__getattribute__", "_mgr", "plot", "set_flags", "memory_usage", "merge"),
    ],
)
def test_methods_that_run_code_or_write_files_are_not_there(name):
    assert f"Method '{name}' not found on frame." in refusal(config({"method": name}))
    assert f"Property '{name}' not found on frame." in refusal(config({"property": name}))


@pytest.mark.parametrize(
    "step",
    [
        {"method": "clip", "args": [1, 2, 3, 4, 5]},
        {"method": "fillna", "kwargs": {"no_such_argument": 1}},
        {"method": "agg", "args": ["to_pickle"]},
        {"method": "agg", "args": [{"event_value": ["mean", "to_csv"]}]},
        {"method": "agg", "args": ["sum"], "kwargs": {"path_or_buf": "x"}},
        {"method": "astype", "args": ["object"]},
        {"method": "rolling", "args": [3], "kwargs": {"win_type": "boxcar"}},
        {"method": "sum", "kwargs": {"engine": "numba"}},
        {"method": "join", "args": ["@load"], "kwargs": {"how": "cross"}},
        {"method": "get_attribute", "args": []},
    ],
)
def test_arguments_that_do_not_fit_are_refused(world, step):
    name = step["method"]
    after = [{"method": "sum"}] if name == "rolling" else []
    given = config(step, *after, outputs=("load",))
    sensors = {"load": world.add()}, {"load": world.add()}
    with pytest.raises((InvalidInput, ValidationError), match=f"Bad arguments for method '{name}'"):
        world.made(PandasReporter, *sensors, given)


def test_the_host_can_have_arguments_of_methods_unchecked_but_not_run_code(world):
    skip = {"FLEXMEASURES_REPORTER_VALIDATION_SKIP_METHODS": ["agg", "clip"]}
    sensors = {"load": world.add(values=[1, 2, 3, 4])}, {"load": world.add()}
    unknown = config({"method": "clip", "args": [1, 2, 3, 4, 5]}, outputs=("other",))
    assert "Cannot find final output" in refusal(unknown)
    for step in (
        {"method": "clip", "args": [1, 2, 3, 4, 5]},
        {"method": "agg", "args": ["to_pickle"], "kwargs": {"path": "x"}},
    ):
        given = config(step, outputs=("load",))
        made = world.made(PandasReporter, *sensors, given, settings=skip)
        with pytest.raises(ComputationFailed, match=f"Step 1: .*'{step['method']}'"):
            made.compute()


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([{"method": "get", "args": ["nothing"]}], "no series of events, but a NoneType"),
        ([{"method": "sum"}], "no series of events"),
        ([{"method": "resample", "args": ["1us"]}, {"method": "ffill"}], "more than 2000000 rows"),
        ([{"method": "get", "args": ["event_value"]}, {"method": "join"}], "not found on series"),
        ([{"method": "rolling", "args": ["x"]}, {"method": "sum"}], "Step 1: method 'rolling'"),
    ],
)
def test_steps_that_fail_are_named(world, steps, message):
    given = config(*steps, outputs=("load",))
    sensors = {"load": world.add(values=[1, 2, 3, 4])}, {"load": world.add()}
    with pytest.raises(ComputationFailed, match=message):
        world.report(PandasReporter, *sensors, given)


@pytest.mark.parametrize("value", [{"a": object()}, [object()], "text"])
def test_arguments_are_plain_values(value):
    step = {"method": "abs", ("kwargs" if isinstance(value, dict) else "args"): value}
    refusal(config(step, outputs=("load",)))


def test_every_method_that_is_listed_exists():
    from fmhost_report.methods import class_of

    for kind in ("frame", "series"):
        for name in METHODS[kind]:
            # `first` and `last` are of groups only.
            assert hasattr(class_of(kind), name) or name in ("first", "last"), (kind, name)
