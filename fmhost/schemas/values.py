"""The values of a time series in a message."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from marshmallow import ValidationError, fields
from numpy.typing import NDArray

from fmhost.schemas.fields import JsonSchema

#: What JSON makes of a number or of null.
_NUMBERS_AND_NULL = {int, float, type(None)}


class Values(fields.Field[Any]):
    """A number, or a list of numbers and nulls: a float64 column with NaN for null."""

    json_schema: ClassVar[JsonSchema] = {
        "anyOf": [
            {"type": "number"},
            {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 1},
        ]
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> NDArray[np.float64]:
        values = value if isinstance(value, list) else [value]
        if value is None or not values:
            raise ValidationError("Give a number, or a list with at least one number or null.")
        if not set(map(type, values)) <= _NUMBERS_AND_NULL:
            raise ValidationError(_places(values))
        try:
            column = np.array(values, dtype=np.float64)  # None becomes NaN
        except OverflowError:
            column = np.array([_float(each) for each in values])
        infinite = np.flatnonzero(np.isinf(column))
        if infinite.size:
            raise ValidationError({int(place): ["Number too large."] for place in infinite[:10]})
        return column


def _places(values: list[Any]) -> dict[int, list[str]]:
    """What is wrong at which place of the list; the first ten."""
    wrong = [n for n, each in enumerate(values) if type(each) not in _NUMBERS_AND_NULL]
    return {place: ["Not a valid number."] for place in wrong[:10]}


def _float(number: float | None) -> float:
    """The number as float; infinite where it is too large for one."""
    try:
        return float("nan") if number is None else float(number)
    except OverflowError:
        return float("inf")
