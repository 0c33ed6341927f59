"""The editors of flex-models and flex-contexts: their fields, what is said, what is saved."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fmhost.model import Asset, AssetAuditLog
from fmhost_ui.flex_fields import fields_of


@pytest.fixture
def database_kind() -> str:
    """The services behind the editors are tested on either database."""
    return "sqlite"


@pytest.fixture
def forms(browser: Any, tenant: Any) -> Any:
    """``forms()``: the editors on the page of the battery, by part."""
    browser.log_in(tenant.member)

    def look() -> dict[str, Any]:
        page = browser.get(f"/assets/{tenant.battery.id}/context")
        return {each.attributes["id"]: each for each in page.all("form", "flex")}

    return look


def fields_in(form: Any) -> dict[str, Any]:
    return {each["name"]: each for each in json.loads(form.attributes["data-fields"])}


def test_the_fields_are_those_of_the_scheduler(forms: Any) -> None:
    model, context = (fields_in(forms()[part]) for part in ("flex_model", "flex_context"))
    assert model["soc-max"]["notations"] == ["fixed"]
    assert model["soc-max"]["description"]
    assert model["power-capacity"]["notations"] == ["fixed", "sensor"]
    assert model["soc-unit"] == model["soc-unit"] | {
        "notations": ["choice"],
        "choices": ["kWh", "MWh"],
    }
    assert context["consumption-price"]["notations"] == ["fixed", "sensor"]
    assert context["inflexible-consumption"]["notations"] == ["sensors"]
    assert context["relax-constraints"]["notations"] == ["flag"]
    assert "asset" not in model


def test_a_schema_of_any_scheduler_gives_fields() -> None:
    schema = {
        "required": ["size"],
        "properties": {
            "size": {"type": "number"},
            "when": {"anyOf": [{"type": "array", "items": {"properties": {"value": {}}}}]},
            "old": {"type": "string", "deprecated": True},
            "odd": {"type": "object"},
        },
    }
    found = {each.name: each for each in fields_of(schema)}
    assert (found["size"].notations, found["size"].is_asked_for) == (["number"], True)
    assert (found["when"].notations, found["odd"].notations) == (["series"], ["json"])
    assert "old" not in found


def test_what_is_typed_is_judged_without_being_saved(
    browser: Any, forms: Any, tenant: Any, installation: Any
) -> None:
    form = forms()["flex_model"]
    proof = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}

    def judged(text: str) -> Any:
        data = proof | {"flex_model": text, "rehearse": "yes"}
        return browser.client.post(form.attributes["action"], data=data).get_json()

    wrong = judged('{"soc-max": "3 kW", "soc-min": "1 kWh", "power-capacity": {"sensor": 99}}')
    assert wrong["messages"].keys() == {"soc-max", "power-capacity.sensor"}
    assert judged("[1")["messages"].keys() == {"flex_model"}
    assert judged("[]")["messages"].keys() == {"flex_model"}
    lacking = judged('{"soc-min": "1 kWh"}')
    assert lacking["messages"] == {}
    assert lacking["warnings"]
    with installation.database.reading() as session:
        assert session.get_one(Asset, tenant.battery.id).flex_model == {}
        assert session.query(AssetAuditLog).count() == 0


def test_saving_tells_what_is_wrong_or_writes_it_down(
    browser: Any, forms: Any, tenant: Any, installation: Any
) -> None:
    form = forms()["flex_context"]
    page = browser.submit(form, flex_context='{"consumption-price": "30 EUR/MWh"}')
    assert browser.answer.status_code == 422
    again = {each.attributes["id"]: each for each in page.all("form", "flex")}["flex_context"]
    assert "Fixed prices are not currently supported" in again.one("div", "error").text
    assert json.loads(again.one("textarea").text) == {"consumption-price": "30 EUR/MWh"}
    price = {"consumption-price": {"sensor": tenant.prices.id}}
    page = browser.submit(form, flex_context=json.dumps(price))
    assert "Saved." in page.one("p", "success").text
    with installation.database.reading() as session:
        assert session.get_one(Asset, tenant.battery.id).flex_context == price
        (event,) = session.query(AssetAuditLog)
        assert event.active_user_id == tenant.member.id


def test_what_is_inherited_is_shown_with_its_origin(
    browser: Any, tenant: Any, installation: Any
) -> None:
    price = {"sensor": tenant.prices.id}
    with installation.database.transaction() as session:
        battery = session.get_one(Asset, tenant.battery.id)
        battery.flex_context = {"consumption_price": price, "site-power-capacity": "5 kW"}
        inverter = session.get_one(Asset, tenant.inverter.id)
        inverter.flex_context = {"site-power-capacity": "3 kW"}
    browser.log_in(tenant.member)
    page = browser.get(f"/assets/{tenant.inverter.id}/context")
    rows = [row.text for row in page.one("table", "inherited").one("tbody").all("tr")]
    sensor = json.dumps(price)
    assert rows == [
        f"consumption-price {sensor} battery counts",
        "site-power-capacity 5 kW battery replaced below",
    ]


def test_who_may_only_read_sees_the_values(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    page = browser.get(f"/assets/{tenant.market.id}/context")
    assert page.all("form", "flex") == []
    assert [each.text for each in page.all("pre")] == ["{}", "{}"]
    proof = page.all("input")[0].attributes["value"]
    path = f"/assets/{tenant.market.id}/context"
    data = {"csrf_token": proof, "part": "flex_model", "flex_model": "{}"}
    assert browser.client.post(path, data=data).status_code == 403
