"""The examples of the pages about whole sites give the results that the pages show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[3] / "docs/scheduling"
PAGES = ("commodities.md", "devices.md")


def examples():
    for page in PAGES:
        text = (FOLDER / page).read_text("utf-8")
        blocks = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        assert len(blocks) % 2 == 0
        for number in range(0, len(blocks), 2):
            request, shown = (json.loads(block) for block in blocks[number : number + 2])
            yield pytest.param(request, shown, id=f"{page}-{number // 2 + 1}")


@pytest.mark.parametrize(("request_", "shown"), list(examples()))
def test_the_examples_give_what_the_page_shows(place, request_, shown):
    sensors = {str(number): place.book.add(place.building) for number in range(3, 8)}
    place.book.write(sensors["7"], [0.25] * 16)
    place.book.write(sensors["6"], np.repeat([0.1, 0.4, 0.3, 0.0], 4).tolist())
    made = place.scheduler(request_["flex-model"], request_["flex-context"], target=place.building)
    found = {
        str(result.sensor.id): result.values.reshape(-1, 4).mean(axis=1)
        for result in made.compute()
        if result.unit == "MW"
    }
    for number, power in shown["power"].items():
        np.testing.assert_allclose(found[number], power, atol=1e-6, err_msg=number)
    costs = {name: cost for name, cost in made.info["commitment_costs"].items() if cost}
    assert costs == {name: pytest.approx(cost, abs=1e-5) for name, cost in shown["costs"].items()}
