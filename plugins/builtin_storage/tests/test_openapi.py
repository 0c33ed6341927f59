"""The flex-model and flex-context in the document of the API."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from fmhost_storage.flex_context import SiteSchema
from fmhost_storage.storage_schema import StorageSchema


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def schemas(client):
    return client.get("/api/v3_0/openapi.json").get_json()["components"]["schemas"]


@pytest.fixture
def fits(schemas):
    def check(part, value):
        schema = {
            "$ref": f"#/components/schemas/StorageScheduler.{part}",
            "components": {"schemas": schemas},
        }
        return Draft202012Validator(schema).is_valid(value)

    return check


@pytest.mark.parametrize(
    ("part", "schema"), [("flex-model", StorageSchema), ("flex-context", SiteSchema)]
)
def test_every_field_is_described(schemas, part, schema):
    described = schemas[f"StorageScheduler.{part}"]
    names = {field.data_key or name for name, field in schema().fields.items()}
    assert set(described["properties"]) == names
    assert all(each["description"] for each in described["properties"].values())
    assert described["additionalProperties"] is False


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("flex-model", {"soc-at-start": "10 kWh", "soc-max": 0.04, "soc-unit": "MWh"}),
        ("flex-model", {"soc-targets": [{"value": "20 kWh", "datetime": "2026-03-02T12:00Z"}]}),
        ("flex-model", {"soc-usage": ["100 W", {"sensor": 3}], "power-capacity": {"sensor": 4}}),
        ("flex-model", {"state-of-charge": {"sensor": 3}, "commodity": "electricity"}),
        ("flex-model", {"group": {"asset": 1}, "coupling": "chp", "coupling-coefficient": 0.4}),
        ("flex-model", {"operation-modes": [{"consumption-range": [1, "2 kW"]}]}),
        ("flex-model", {"cycle-cost": "10 EUR/MWh", "ramp-limit": "5 kW/min"}),
        ("flex-context", {"commodities": [{"commodity": "gas", "consumption-price": 30}]}),
        ("flex-context", {"consumption-price": {"sensor": 3, "source-types": ["market"]}}),
        ("flex-context", {"commitments": [{"name": "a", "baseline": 1, "up-price": "1 EUR/kWh"}]}),
        ("flex-context", {"inflexible-device-sensors": [3, 4], "relax-constraints": True}),
    ],
)
def test_what_is_right(fits, part, value):
    assert fits(part, value)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("flex-model", {"soc-at-begin": 1}),
        ("flex-model", {"soc-unit": "J"}),
        ("flex-model", {"soc-targets": [{"datetime": "2026-03-02T12:00Z"}]}),
        ("flex-model", {"commodity": ""}),
        ("flex-model", {"group": {"asset": 1, "sensor": 2}}),
        ("flex-model", {"coupling-coefficient": 0}),
        ("flex-context", {"consumption-price": {"sensors": 3}}),
        ("flex-context", {"commitments": [{"baseline": 1}]}),
    ],
)
def test_what_is_wrong(fits, part, value):
    assert not fits(part, value)
