"""Forms for assets and sensors: who sees them, what they save, and what is said at which field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from fmhost.model import Asset, AssetAuditLog, Sensor


@pytest.fixture
def database_kind() -> str:
    """The services behind the forms are tested on either database."""
    return "sqlite"


@pytest.fixture
def stored(installation: Any) -> Any:
    """``stored(Asset, 3)``: what is in the database; None where nothing is."""

    def look_up(kind: type[Any], id: int) -> Any:
        with installation.database.reading() as session:
            return session.get(kind, id)

    return look_up


def wrong(page: Any, field: str) -> str:
    """What is said at a field, which is marked then."""
    said: dict[str, str] = {each.attributes["id"]: each.text for each in page.all("p", "wrong")}
    marked = [
        each
        for tag in ("input", "select", "textarea")
        for each in page.all(tag)
        if each.attributes.get("aria-invalid") == "true"
    ]
    assert (field in [each.attributes["name"] for each in marked]) is bool(said[f"{field}-wrong"])
    return said[f"{field}-wrong"]


def test_creating_and_changing_an_asset(browser: Any, tenant: Any, stored: Any) -> None:
    browser.log_in(tenant.account_admin)
    form = browser.get("/assets/new").one("form", "panel")
    page = browser.submit(form, name="", latitude="north", attributes="{", parent_asset_id="999")
    assert browser.answer.status_code == 422
    assert "Not a valid number" in wrong(page, "latitude")
    assert wrong(page, "attributes")
    form = page.one("form", "panel")
    page = browser.submit(
        form, name="roof", latitude="52.1", attributes="{}", parent_asset_id=str(tenant.battery.id)
    )
    assert "Properties of roof" in page.one("title").text
    made = int(browser.answer.request.path.split("/")[2])
    assert stored(Asset, made).account_id == tenant.account.id
    page = browser.submit(page.one("form", "panel"), name="inverter", latitude="91")
    assert (browser.answer.status_code, stored(Asset, made).name) == (422, "roof")
    page = browser.submit(page.one("form", "panel"), name="big roof", latitude="")
    assert "Saved." in page.one("p", "success").text
    found = stored(Asset, made)
    assert (found.name, found.latitude) == ("big roof", None)


def test_a_form_is_judged_without_being_saved(browser: Any, tenant: Any, stored: Any) -> None:
    browser.log_in(tenant.account_admin)
    path = f"/assets/{tenant.battery.id}/properties"
    form = browser.get(path).one("form", "panel")
    proof = form.all("input")[0].attributes["value"]
    data = {"csrf_token": proof, "rehearse": "yes", "latitude": "91", "name": "cellar"}
    assert list(browser.client.post(path, data=data).get_json()["messages"]) == ["latitude"]
    path = f"/assets/{tenant.battery.id}/sensors/new"
    data = {"csrf_token": proof, "rehearse": "yes", "name": "power", "unit": "bananas"}
    wrong = browser.client.post(path, data=data).get_json()["messages"]
    assert {"unit", "event_resolution"} <= wrong.keys()
    assert stored(Asset, tenant.battery.id).name == "battery"


def test_a_member_reads_and_changes_and_does_not_delete(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    page = browser.get(f"/assets/{tenant.battery.id}/properties")
    links = [each.text for each in page.all("a", "button")]
    assert ("New sensor" in links, "Delete …" in links) == (True, False)
    browser.get(f"/assets/delete_with_data/{tenant.battery.id}", status=403)
    browser.get(f"/sensors/{tenant.power.id}/properties", status=403)
    market = browser.get(f"/assets/{tenant.market.id}/properties")
    assert market.all("form", "fields") == []


@pytest.mark.parametrize(
    "path",
    [
        "/assets/{asset}/properties",
        "/assets/{asset}/sensors/new",
        "/assets/delete_with_data/{asset}",
        "/sensors/{sensor}/properties",
        "/sensors/{sensor}/delete",
        "/sensors/{sensor}/delete_data",
    ],
)
def test_what_others_have_is_for_them(browser: Any, tenant: Any, path: str) -> None:
    path = path.format(asset=tenant.battery.id, sensor=tenant.power.id)
    assert browser.client.get(path).status_code == 302
    browser.log_in(tenant.other_member)
    browser.get(path, status=403)
    proof = browser.get("/").one("input").attributes["value"]
    refused = browser.client.post(path, data={"csrf_token": proof})
    assert refused.status_code == 403
    assert browser.client.post(path).status_code == 400  # without the proof


def test_creating_and_changing_a_sensor(browser: Any, tenant: Any, stored: Any) -> None:
    browser.log_in(tenant.account_admin)
    path = f"/assets/{tenant.battery.id}/sensors/new"
    form = browser.get(path).one("form", "panel")
    page = browser.submit(form, name="flow", unit="bananas", event_resolution="soon")
    assert "cannot be handled" in wrong(page, "unit")
    assert wrong(page, "event_resolution")
    browser.submit(page.one("form", "panel"), unit="kW", event_resolution="PT5M")
    made = int(browser.answer.request.path.split("/")[2])
    assert stored(Sensor, made).unit == "kW"
    page = browser.get(f"/sensors/{made}/properties")
    browser.submit(page.one("form", "panel"), timezone="Mars/Olympus")
    assert browser.answer.status_code == 422
    browser.submit(page.one("form", "panel"), timezone="UTC", attributes='{"a": 1}')
    found = stored(Sensor, made)
    assert (found.timezone, found.attributes, found.name) == ("UTC", {"a": 1}, "flow")
    assert (found.knowledge_horizon_fnc, found.knowledge_horizon_par) == (
        "ex_post",
        {"ex_post_horizon": 0},
    )
    form = browser.get(f"/sensors/{made}/properties").one("form", "panel")
    page = browser.submit(form, knowledge_horizon_fnc="x_days_ago_at_y_oclock")
    assert "no parameter 'ex_post_horizon'" in wrong(page, "knowledge_horizon_par")
    browser.submit(page.one("form", "panel"), knowledge_horizon_par='{"x": 1, "y": 12}')
    found = stored(Sensor, made)
    assert (found.knowledge_horizon_fnc, found.knowledge_horizon_par) == (
        "x_days_ago_at_y_oclock",
        {"x": 1, "y": 12},
    )


def test_copies_and_deletions_say_what_they_do(
    browser: Any, tenant: Any, stored: Any, store: Any, installation: Any
) -> None:
    store(tenant.power, datetime.fromisoformat("2026-03-02T00:00+01:00"), [1.0, 2.0])
    browser.log_in(tenant.account_admin)
    page = browser.get(f"/assets/{tenant.battery.id}/properties")
    (copy,) = [each for each in page.all("form") if each.attributes["action"].endswith("/copy")]
    page = browser.submit(copy)
    assert "copy of battery" in page.one("p", "success").text
    page = browser.get(f"/assets/delete_with_data/{tenant.battery.id}")
    told = page.one("ul", "goes-along").text
    assert told == (
        "1 asset below it: inverter 3 sensors "
        "2 beliefs (recorded, forecast and scheduled values) 0 computed schedules"
    )
    assert stored(Asset, tenant.battery.id) is not None
    page = browser.submit(page.one("main").one("form"))
    assert "battery is deleted" in page.one("p", "success").text
    assert stored(Asset, tenant.battery.id) is None
    with installation.database.reading() as session:
        users = {each.active_user_id for each in session.query(AssetAuditLog)}
    assert users == {tenant.account_admin.id}


def test_data_and_sensors_are_deleted(browser: Any, tenant: Any, stored: Any, store: Any) -> None:
    store(tenant.power, datetime.fromisoformat("2026-03-02T00:00+01:00"), [1.0, 2.0])
    browser.log_in(tenant.account_admin)
    path = f"/sensors/{tenant.power.id}/delete_data"
    page = browser.get(path)
    page = browser.submit(page.one("form", "panel"), start="sometime")
    assert wrong(page, "start")
    browser.submit(page.one("form", "panel"), start="2026-03-02T00:15")
    assert "There are 1 beliefs" in browser.get(path).one("form", "panel").text
    page = browser.get(f"/sensors/{tenant.power.id}/delete")
    browser.submit(page.one("main").one("form"))
    assert stored(Sensor, tenant.power.id) is None
