"""Attributes of old that live in the flex-model now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmhost.model.assets import MOVED_TO_FLEX_MODEL

#: The unit of bare numbers in these attributes; the others are ratios, which have none.
_UNITS = {
    "min_soc_in_mwh": "MWh",
    "max_soc_in_mwh": "MWh",
    "capacity_in_mw": "MW",
    "consumption_capacity": "MW",
    "production_capacity": "MW",
    "soc-gain": "MW",
    "soc-usage": "MW",
}


def move(
    attributes: Mapping[str, Any], flex_model: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The attributes that stay, and the flex-model with those that move there.

    :param flex_model: what it says for itself; that counts more.
    """
    moved = {
        MOVED_TO_FLEX_MODEL[name]: _with_unit(value, _UNITS.get(name))
        for name, value in attributes.items()
        if name in MOVED_TO_FLEX_MODEL
    }
    kept = {name: value for name, value in attributes.items() if name not in MOVED_TO_FLEX_MODEL}
    return kept, {**moved, **flex_model}


def _with_unit(value: Any, unit: str | None) -> Any:
    if unit is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return f"{value} {unit}"
    return [_with_unit(each, unit) for each in value] if isinstance(value, list) else value
