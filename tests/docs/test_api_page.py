"""The page about the API is the one that the operations and their schemas make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fmhost.testing import api_page

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def page() -> str:
    return api_page.page()


def test_the_page_is_current(page: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == page, "Run `make docs`."


def test_operations_have_their_parameters_bodies_and_answers(page: str) -> None:
    sections = {each.partition("\n")[0]: each for each in re.split(r"^#+ ", page, flags=re.M)}
    fetching = sections["GET /api/v3_0/sensors/{id}/schedules/{uuid}"]
    assert "| `uuid` | path | uuid | required |" in fetching
    assert "| `duration` | query | duration | default `PT6H`; such as `PT15M` |" in fetching
    assert "| 200 | [Schedule](#schedule) | OK |" in fetching
    assert "`UNKNOWN_SCHEDULE`" in fetching
    assert "[Errors](#errors): 401, 403, 404, 422, 429, 500, 503." in fetching
    assert "Needs no login." not in fetching
    assert "Needs no login." in sections["GET /api/v3_0/health/ready"]
    trigger = sections["POST /api/v3_0/sensors/{id}/schedules/trigger"]
    assert "Body (application/json): [SensorTriggerRequest](#sensortriggerrequest)." in trigger
    assert "| `start` | date-time | required; such as" in sections["SensorTriggerRequest"]
    assert "| 422 | [Invalid](#invalid) |" in sections["Errors"]
    assert "| `soc-unit` | `kWh` or `MWh` |" in sections["StorageScheduler.flex-model"]


def test_links_lead_to_headings(page: str) -> None:
    headings = re.findall(r"^#+ (.*)$", page, flags=re.M)
    anchors = {re.sub(r"[^a-z0-9 _-]", "", text.lower()).replace(" ", "-") for text in headings}
    links = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert len(links) > 20
    assert links <= anchors
