"""What the page for authors of schedulers and solvers shows works, and gives what it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from fmhost.plugin import InvalidInput, UnknownPrices
from fmhost_storage.solve import solve
from fmhost_storage.solvers.highs import HighsSolver

PAGE = Path(__file__).parents[3] / "docs/scheduling/authors.md"


def blocks(language):
    text = PAGE.read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def code():
    names = {"__name__": "authors_page"}
    for block in blocks("python"):
        exec(compile(block, str(PAGE), "exec"), names)
    return names


def made(place, scheduler, flex_model, flex_context=None):
    own = place.scheduler({"soc-at-start": 0.5})
    return scheduler(
        place.power,
        own.start,
        own.end,
        own.resolution,
        belief_time=own.start,
        flex_model=flex_model,
        flex_context=flex_context or {"consumption-price": {"sensor": place.prices.id}},
        reader=place.book,
    )


def test_a_load_runs_in_its_cheapest_steps(place, code):
    scheduler = made(place, code["CheapestSteps"], {"steps": 6, "power": "200 kW"})
    (result,) = scheduler.compute()
    assert result.values.tolist() == [0] * 4 + [0.2] * 6 + [0] * 6
    assert scheduler.explanation == {"steps": list(range(4, 10)), "dearest": 30.0}
    with pytest.raises(InvalidInput, match="number of steps"):
        made(place, code["CheapestSteps"], {}).deserialize_config()
    place.book.records.clear()
    with pytest.raises(UnknownPrices):
        made(place, code["CheapestSteps"], {"steps": 6}).compute()


def test_a_commitment_of_ones_own_counts(place, code):
    (shown,) = map(json.loads, blocks("json"))
    scheduler = made(place, code["QuietScheduler"], {"soc-at-start": "500 kWh"})
    (result,) = scheduler.compute()
    hours = result.values.reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(hours, shown["power"], atol=1e-6)
    costs = scheduler.info["commitment_costs"]
    assert costs.pop("noise") == pytest.approx(0, abs=1e-9)
    assert costs == {name: pytest.approx(cost) for name, cost in shown["costs"].items()}


def test_a_solver_of_ones_own_finds_the_optimum(place, code):
    problem = place.scheduler({"soc-at-start": 0.5, "roundtrip-efficiency": "81%"}).problem()
    ours, theirs = solve(problem, HighsSolver()), solve(problem, code["InteriorPoint"]())
    assert theirs.total_cost == pytest.approx(ours.total_cost, abs=1e-6)
