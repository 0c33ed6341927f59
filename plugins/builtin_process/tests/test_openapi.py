"""The flex-model and flex-context in the document of the API."""

from __future__ import annotations

from fmhost_process import flex_context, flex_model
from fmhost_process.scheduler import ProcessScheduler


def test_the_fields_that_are_read_are_described() -> None:
    assert set(flex_model.SCHEMA["properties"]) == set(flex_model.FIELDS)
    assert set(flex_context.SCHEMA["properties"]) == {
        flex_context.PRICE,
        flex_context.PRICE_SENSOR,
        *flex_context.WITHOUT_MEANING,
    }
    assert ProcessScheduler.flex_model_schema is flex_model.SCHEMA
    assert ProcessScheduler.flex_context_schema is flex_context.SCHEMA
