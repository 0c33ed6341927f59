"""The page about storage explains every field, and its examples give the results it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from fmhost_storage.commitment_fields import CommitmentSchema
from fmhost_storage.fields import NotYet
from fmhost_storage.flex_context import SiteSchema
from fmhost_storage.storage_schema import StorageSchema

PAGE = (Path(__file__).parents[3] / "docs/scheduling/storage.md").read_text("utf-8")
BLOCKS = [
    json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]


def rows(section: str) -> set[str]:
    """The fields that the first columns of the tables in a section name."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    first = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for cell in first for name in re.findall(r"`([\w-]+)`", cell)}


@pytest.mark.parametrize(
    ("section", "schemas", "elsewhere"),
    [
        ("The flex-context", [SiteSchema, CommitmentSchema], {"commitments", "commodities"}),
        ("The flex-model", [StorageSchema], set()),
    ],
)
def test_every_field_is_explained(section, schemas, elsewhere):
    supported = {
        field.data_key or name
        for schema in schemas
        for name, field in schema._declared_fields.items()
        if not isinstance(field, NotYet) or name == "commodity"
    }
    assert rows(section) == supported - elsewhere


@pytest.mark.parametrize("number", range(0, len(BLOCKS), 2))
def test_the_examples_give_what_the_page_shows(place, number):
    request, shown = BLOCKS[number : number + 2]
    made = place.scheduler(request["flex-model"], request["flex-context"])
    power = made.compute()[0].values.reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(power, shown["power"], atol=1e-9)
    costs = made.info["commitment_costs"]
    assert costs == {name: pytest.approx(cost, abs=1e-6) for name, cost in shown["costs"].items()}


def test_the_page_has_examples():
    assert len(BLOCKS) >= 10
