"""What the fields of flex-model and flex-context look like in JSON, for the API's document."""

from __future__ import annotations

from typing import Any

JsonSchema = dict[str, Any]

SENSOR_ID: JsonSchema = {"type": "integer", "description": "The id of a sensor."}
SENSOR_IDS: JsonSchema = {"type": "array", "items": SENSOR_ID}
OUTPUT_SENSOR: JsonSchema = {
    "type": "object",
    "description": "A sensor on which results are stored.",
    "properties": {"sensor": SENSOR_ID},
    "required": ["sensor"],
    "additionalProperties": False,
}

_MOMENT: JsonSchema = {"type": "string", "format": "date-time"}


def quantity(unit: str) -> JsonSchema:
    """A number with a unit, or a bare number; `unit` is one that fits, empty for ratios."""
    example = f"0.5 {unit}" if unit else "95%"
    return {"type": ["string", "number"], "examples": [example]}


def _listed(item: JsonSchema) -> JsonSchema:
    """One item, or several."""
    return {"anyOf": [item, {"type": "array", "items": item}]}


def reference(unit: str) -> JsonSchema:
    """The values of a sensor."""
    return {
        "title": "values of a sensor, with filters",
        "type": "object",
        "properties": {
            "sensor": SENSOR_ID,
            "sources": _listed({"type": "integer"}),
            "source-account": _listed({"type": "integer"}),
            "source-types": _listed({"type": "string"}),
            "exclude-source-types": _listed({"type": "string"}),
            "quantile": {
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 1,
                "description": "Which quantile of its forecasts counts; the median otherwise.",
            },
            "default": {**quantity(unit), "description": "Where the sensor knows nothing."},
        },
        "required": ["sensor"],
        "additionalProperties": False,
    }


def segments(unit: str) -> JsonSchema:
    """Values that hold at a moment, or for a while."""
    return {
        "title": "list of values with their times",
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "description": "With either datetime, or two of start, end and duration.",
            "properties": {
                "value": quantity(unit),
                "datetime": _MOMENT,
                "start": _MOMENT,
                "end": _MOMENT,
                "duration": {"type": "string", "format": "duration"},
            },
            "required": ["value"],
            "additionalProperties": False,
        },
    }


def changing(unit: str) -> JsonSchema:
    """A quantity that may change over time, in any of the three notations."""
    return {"anyOf": [quantity(unit), reference(unit), segments(unit)]}
