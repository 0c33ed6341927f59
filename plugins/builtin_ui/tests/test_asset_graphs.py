"""The page of an asset: its graphs, its plans, its key figures, and which page comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fmhost.plugin import Asset

QUARTER = timedelta(minutes=15)


@pytest.fixture
def database_kind() -> str:
    """What is read of beliefs on either database is tested with the services."""
    return "sqlite"


@pytest.fixture
def signed_in(browser: Any, tenant: Any) -> Any:
    browser.log_in(tenant.member)
    return browser


def test_the_graphs_and_plans_of_an_asset(
    signed_in: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock(), [-5.0, -5.0, 2.5], by="scheduler")
    for path in (f"/assets/{tenant.battery.id}", f"/assets/{tenant.battery.id}/graphs"):
        page = signed_in.get(path)
        chart = page.one("section", "chart")
        assert chart.attributes["data-chart"] == f"/ui/chart_data/assets/{tenant.battery.id}"
        assert chart.attributes["data-file"] == f"asset-{tenant.battery.id}-battery"
        plan = page.one("section", "plan")
        assert plan.one("p", "story").text == (
            "Charging at 5 kW until 10:30, then discharging at 2.5 kW until 10:45."
        )
        slots = plan.all("button", "slot")
        assert [slot.attributes["aria-label"].replace("\u00a0", " ") for slot in slots] == [
            "10:00 to 10:15: charging at 5 kW",
            "10:15 to 10:30: charging at 5 kW",
            "10:30 to 10:45: discharging at 2.5 kW",
        ]
        assert [slot.attributes["tabindex"] for slot in slots] == ["0", "-1", "-1"]
        assert "data-plan" not in plan.attributes
        assert "Its scheduler does not say why" in plan.text
    assert signed_in.get(f"/assets/{tenant.inverter.id}").all("section", "plan") == []


def test_key_figures_have_a_place_where_there_are_any(
    signed_in: Any, tenant: Any, installation: Any
) -> None:
    path = f"/assets/{tenant.battery.id}"
    assert signed_in.get(path).all("ul", "figures") == []
    with installation.database.transaction() as session:
        battery = session.get_one(Asset, tenant.battery.id)
        battery.sensors_to_show_as_kpis = [
            {"title": "Energy", "sensor": tenant.power.id, "function": "sum"}
        ]
    figures = signed_in.get(path).one("ul", "figures")
    assert figures.attributes["data-figures"] == f"/api/v3_0{path}/kpis"


def test_the_session_says_which_page_about_assets_comes_first(signed_in: Any, tenant: Any) -> None:
    path = f"/assets/{tenant.battery.id}"
    for view, shown in (("Audit Log", "auditlog"), ("Status", "status"), ("Graphs", None)):
        token = signed_in.get("/logged-in-user").all("meta")
        proof = next(each for each in token if each.attributes.get("name") == "csrf-token")
        answer = signed_in.client.post(
            "/api/v3_0/assets/default_asset_view",
            json={"default_asset_view": view, "use_as_default": True},
            headers={"X-CSRFToken": proof.attributes["content"]},
        )
        assert answer.status_code == 200, answer.text
        first = signed_in.client.get(path)
        assert first.headers.get("Location") == (shown and f"{path}/{shown}")
    signed_in.get(f"{path}?tab=nothing", 404)
    # and by the button of a page
    assert signed_in.get(f"{path}/graphs").one("div", "head").all("form") != []
    form = signed_in.get(f"{path}/context").one("div", "head").one("form")
    page = signed_in.submit(form, form.one("button"))
    assert "comes first now" in page.all("p", "message")[0].text
    assert signed_in.client.get(path).headers["Location"] == f"{path}/context"
    form = page.one("div", "head").one("form")
    assert form.one("button").attributes["aria-pressed"] == "true"
    page = signed_in.submit(form, form.one("button"))
    assert signed_in.client.get(path).status_code == 200
    assert signed_in.get(f"{path}/graphs").one("div", "head").all("form") == []
    signed_in.submit(form, form.one("button"), view="nonsense")
    assert signed_in.answer.status_code == 422
