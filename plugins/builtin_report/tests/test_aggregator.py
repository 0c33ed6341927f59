"""The aggregator: weighted sums and other figures, event by event."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from fmhost.plugin import InvalidInput, UnitMismatch
from fmhost_report.aggregator import (
    AggregatorConfigSchema,
    AggregatorParametersSchema,
    AggregatorReporter,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [11, 22, 3, NAN]),
        ({"weights": {"b": -1}}, [-9, -18, 3, NAN]),
        ({"weights": {"a": 2, "b": 0.5}}, [7, 14, 6, NAN]),
        ({"method": "mean"}, [5.5, 11, 3, NAN]),
        ({"method": "min"}, [1, 2, 3, NAN]),
        ({"method": "max"}, [10, 20, 3, NAN]),
    ],
)
def test_inputs_are_aggregated_event_by_event(world, config, expected):
    inputs = {"a": world.add("kW", [1, 2, 3]), "b": world.add("MW", [0.01, 0.02])}
    found = world.report(AggregatorReporter, inputs, {"result": world.add("kW")}, config)
    assert found == {"result": pytest.approx(expected, nan_ok=True)}


def test_several_sources_need_a_filter(world):
    inputs = {"a": world.add("kW", [1, 2], sources=(3, 5))}
    with pytest.raises(InvalidInput, match=r"Several sources say .*: 3, 5") as refused:
        world.report(AggregatorReporter, inputs, {"result": world.add("kW")})
    assert refused.value.field == "parameters.input.0.sources"


def test_units_must_convert(world):
    inputs = {"a": world.add("kW", [1]), "b": world.add("°C", [1])}
    with pytest.raises(UnitMismatch) as refused:
        world.report(AggregatorReporter, inputs, {"result": world.add("kW")})
    assert refused.value.field == "parameters.input.1.sensor"


def test_weights_belong_to_inputs(world):
    with pytest.raises(InvalidInput, match="no input named 'c'"):
        world.made(
            AggregatorReporter, {"a": world.add()}, {"x": world.add()}, {"weights": {"c": 1}}
        )


def test_there_is_one_output():
    two = {"input": [{"sensor": 1}], "output": [{"sensor": 2}, {"sensor": 3}]}
    with pytest.raises(ValidationError, match="one output"):
        AggregatorParametersSchema().load(two)
    assert AggregatorConfigSchema().load({}) == {"method": "sum", "weights": {}}
