"""JSON from outside: stored by every database, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from fmhost.domain.json_values import DEEPEST, read_json, require_storable
from fmhost.errors import InvalidInput


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "[Infinity]", "{'a': 1}", "[" * 100_000, "1" * 5000]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Invalid JSON string\.$") as caught:
        read_json(text, "attributes")
    assert caught.value.field == "attributes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[null, 2, 1e999]", "A number is not finite, or too large."),
        ('[-1e999, "x"]', "A number is not finite, or too large."),
        ('{"a": 1e999}', "A number is not finite, or too large."),
        ('{"a": "\\u0000"}', "A text contains an invalid character."),
        ('{"\\ud800": 1}', "A text contains an invalid character."),
        ("[" * DEEPEST + "1" + "]" * DEEPEST, f"Nested deeper than {DEEPEST} levels."),
    ],
)
def test_what_cannot_be_stored_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_json(text, "attributes")
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"a": [1.5, {"b": None}]}])
def test_the_rest_is_fine(value: Any) -> None:
    require_storable(value, "attributes")
