"""What the tests of several floors share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from altair.vegalite.schema import core


@pytest.fixture(scope="session")
def require_valid_chart() -> Callable[[Any], None]:
    """``require_valid_chart(specification)``: fails where it is not valid in Vega-Lite's schema."""
    schema = _with_plain_references(core.load_schema())
    validator = jsonschema_rs.validator_for(schema)

    def require_valid(specification: Any) -> None:
        error = next(validator.iter_errors(specification), None)
        if error is not None:
            text = json.dumps(specification)[:2000]
            raise AssertionError(f"Not valid at {error.instance_path}: {error.message}\n{text}")

    return require_valid


def _with_plain_references(schema: Any) -> Any:
    """The schema with references that are URIs: names of types there have brackets."""
    if isinstance(schema, dict):
        plain = {key: _with_plain_references(value) for key, value in schema.items()}
        if isinstance(plain.get("$ref"), str):
            plain["$ref"] = quote(plain["$ref"], safe="#/")
        return plain
    return [_with_plain_references(each) for each in schema] if isinstance(schema, list) else schema
