"""The pages about an asset: its tree, its status, its audit log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fmhost.model import Asset
from fmhost.model.job import request_job
from fmhost.services import assets


@pytest.fixture
def database_kind() -> str:
    """The services behind the pages are tested on either database."""
    return "sqlite"


@pytest.fixture
def signed_in(browser: Any, tenant: Any) -> Any:
    browser.log_in(tenant.member)
    return browser


def test_the_context_shows_the_tree_of_an_asset(signed_in: Any, tenant: Any) -> None:
    page = signed_in.get(f"/assets/{tenant.battery.id}/context")
    assert (
        page.one("ul", "tree").text
        == "battery battery power kW level kWh inverter battery status %"
    )
    tabs = page.one("nav", "tabs")
    assert [each.text for each in tabs.all("a")][:5] == [
        "Graphs",
        "Context",
        "Properties",
        "Status",
        "Audit log",
    ]
    (here,) = [each.text for each in tabs.all("a") if "aria-current" in each.attributes]
    assert here == "Context"
    below = signed_in.get(f"/assets/{tenant.inverter.id}/context")
    assert "Part of battery" in below.one("main").text


def test_the_status_says_what_is_stale_and_how_jobs_stand(
    signed_in: Any, tenant: Any, store: Any, installation: Any
) -> None:
    store(tenant.power, datetime.fromisoformat("2026-03-01T00:00+01:00"), [1.0, 2.0])
    now = installation.now()
    with installation.database.transaction() as session:
        for age, state in enumerate(("queued", "failed")):
            job = request_job(
                session,
                kind="schedule",
                queue="scheduling",
                arguments={"number": age},
                sensor_id=tenant.power.id,
                asset_id=tenant.battery.id,
                now=now - timedelta(minutes=age),
            )
            job.state = state
            if state == "failed":
                job.error = {"type": "InfeasibleProblem", "message": "No schedule."}
                job.ended_at = now
    page = signed_in.get(f"/assets/{tenant.battery.id}/status")
    fresh, jobs = page.all("table")
    told = [[cell.text for cell in row.all("td")] for row in fresh.one("tbody").all("tr")]
    assert told[0][4] == "● stale"
    assert told[0][5]
    states = [row.text for row in jobs.one("tbody").all("tr")]
    assert "queued" in states[0]
    assert "InfeasibleProblem: No schedule." in states[1]


def test_the_audit_log_is_searched_sorted_and_paged(
    signed_in: Any, tenant: Any, installation: Any
) -> None:
    with installation.database.transaction() as session:
        asset = session.get_one(Asset, tenant.battery.id)
        for number in range(30):
            changes = {"description": f"number {number}"}
            assets.update_asset(installation, session, asset, changes, actor=tenant.member)
    path = f"/assets/{tenant.battery.id}/auditlog"
    first = signed_in.get(path)
    assert "30 events, page 1 of 2" in first.one("nav", "pager").text
    assert len(first.one("tbody").all("tr")) == 25
    (link,) = [each for each in first.all("a", "button") if each.text == "Earlier"]
    assert len(signed_in.get(link.attributes["href"]).one("tbody").all("tr")) == 5
    found = signed_in.get(f"{path}?q=member+28+29")
    assert "1 events of 30" in found.one("nav", "pager").text
    assert "Nothing that was done" in signed_in.get(f"{path}?q=xyz").one("main").text


@pytest.mark.parametrize("part", ["context", "status", "auditlog"])
def test_they_are_for_those_who_may_read_the_asset(signed_in: Any, tenant: Any, part: str) -> None:
    signed_in.get(f"/assets/{tenant.other_battery.id}/{part}", status=403)
    signed_in.get(f"/assets/{tenant.market.id}/{part}")
    signed_in.get(f"/assets/999/{part}", status=404)
