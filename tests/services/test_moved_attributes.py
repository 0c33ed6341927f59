"""Attributes of old become fields of the flex-model."""

from __future__ import annotations

from fmhost.model.assets import MOVED_TO_FLEX_MODEL
from fmhost.services.moved_attributes import move


def test_each_moves_and_numbers_get_their_unit() -> None:
    given = {
        "min_soc_in_mwh": 0.05,
        "max_soc_in_mwh": 1,
        "capacity_in_mw": 0.5,
        "consumption_capacity": "3 kW",
        "production_capacity": {"sensor": 3},
        "roundtrip_efficiency": 0.9,
        "charging-efficiency": "95%",
        "discharging-efficiency": 1,
        "storage_efficiency": 0.99,
        "soc-gain": [1, "2 kW", {"sensor": 3}],
        "soc-usage": 2,
    }
    assert given.keys() == MOVED_TO_FLEX_MODEL.keys()
    assert move({**given, "colour": "red"}, {}) == (
        {"colour": "red"},
        {
            "soc-min": "0.05 MWh",
            "soc-max": "1 MWh",
            "power-capacity": "0.5 MW",
            "consumption-capacity": "3 kW",
            "production-capacity": {"sensor": 3},
            "roundtrip-efficiency": 0.9,
            "charging-efficiency": "95%",
            "discharging-efficiency": 1,
            "storage-efficiency": 0.99,
            "soc-gain": ["1 MW", "2 kW", {"sensor": 3}],
            "soc-usage": "2 MW",
        },
    )


def test_what_the_flex_model_says_counts_more() -> None:
    assert move({"capacity_in_mw": 1}, {"power-capacity": "2 MW", "soc-min": 0}) == (
        {},
        {"power-capacity": "2 MW", "soc-min": 0},
    )
