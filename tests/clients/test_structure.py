"""The released Python client, unchanged, against ``fmhost run``: login, people, assets, sensors."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path

import pytest
from flexmeasures_client import FlexMeasuresClient


def parsed(value):
    return json.loads(value) if isinstance(value, str) else value


def test_login_versions_and_a_token_that_is_not_good_any_more(live, connect):
    member = connect(live.tenant.member)
    versions = member.get_versions()
    assert versions["server_version"] == "0.33.0"
    assert versions["server_supports_api_versions"] == ["v3_0"]
    member.ensure_minimum_server_version("0.33.0")
    member.get_access_token()
    token = member.client.access_token
    assert member.get_headers(include_auth=True)["Authorization"] == token
    member.client.access_token = "not a token"
    assert member.get_sensor(live.tenant.power.id, parse_json_fields=True)["name"] == "power"
    assert member.client.access_token not in (None, "not a token")
    sensors, status = member.request("sensors", method="GET")
    assert status == 200
    assert live.tenant.power.id in {each["id"] for each in sensors}
    url = member.build_url("assets/public")
    response, *_ = member.request_once("GET", url, headers=member.get_headers(include_auth=True))
    assert response.status == 200


def test_a_wrong_password_and_what_may_not_be_read_are_errors(live, connect):
    stranger = connect(live.tenant.member, password="wrong")
    with pytest.raises(ValueError, match="password"):
        stranger.get_access_token()
    with pytest.raises(ValueError, match="403"):
        connect(live.tenant.member).get_asset(live.tenant.other_battery.id, parse_json_fields=True)


def test_who_one_is(live, connect, boss):
    assert boss.get_user()["id"] == live.tenant.account_admin.id
    assert boss.get_account()["name"] == "Acme"
    member = connect(live.tenant.member)
    assert member.get_user()["id"] == live.tenant.member.id
    assert member.get_account()["id"] == live.tenant.account.id


def test_assets_from_the_first_to_the_last_day(boss, live, site, sensor, parsing):
    roof = site(
        "roof",
        attributes={"colour": "red"},
        flex_context={"site-power-capacity": "30 kW"},
        flex_model={"power-capacity": "5 kW"},
    )
    part = site("part", parent_asset_id=roof["id"])
    power, daily = sensor(roof, "power"), sensor(roof, "daily energy", "kWh", "P1D")
    got = boss.get_asset(roof["id"], parse_json_fields=True)
    assert (got["name"], got["attributes"]) == ("roof", {"colour": "red"})
    assert got["flex_context"] == {"site-power-capacity": "30 kW"}
    assert got["flex_model"] == {"power-capacity": "5 kW"}

    updates = {
        "name": "barn",
        "attributes": {"colour": "blue"},
        "flex_context": {"aggregate-power": {"sensor": power}},
        "flex_model": {"soc-min": "1 kWh"},
        "sensors_to_show": [{"title": "Power", "sensors": [power]}],
        "sensors_to_show_as_kpis": [{"title": "Energy", "sensor": daily, "function": "sum"}],
    }
    changed = boss.update_asset(roof["id"], dict(updates), **parsing)  # the oldest alters them
    assert changed["name"] == "barn"
    for field, value in updates.items():
        assert (value if field == "name" else parsed(changed[field])) == value

    below = boss.get_assets(
        root=roof["id"], depth=1, fields=["id", "name"], sort_dir="desc", parse_json_fields=True
    )
    assert [(each["id"], each["name"]) for each in below] == [
        (part["id"], "part"),
        (roof["id"], "barn"),
    ]
    ids = {each["id"] for each in boss.get_assets(parse_json_fields=True)}
    assert {roof["id"], live.tenant.battery.id} <= ids
    assert live.tenant.market.id not in ids
    every = boss.get_assets(
        all_accessible=True, include_public=True, sort_by="name", parse_json_fields=True
    )
    assert live.tenant.market.id in {each["id"] for each in every}
    own = boss.get_assets(account_id=live.tenant.account.id, parse_json_fields=True)
    assert ids == {each["id"] for each in own}

    boss.delete_asset(part["id"], confirm_first=False)
    boss.delete_asset(roof["id"], confirm_first=False)
    with pytest.raises(ConnectionError, match="404"):
        boss.get_asset(roof["id"], parse_json_fields=True)


def test_sensors_from_the_first_to_the_last_day(boss, site, sensor, parsing):
    shed = site("shed")
    power = sensor(shed, "power", attributes={"meter": 7})
    heat = sensor(shed, "heat", "°C", "PT5M")
    got = boss.get_sensor(power, parse_json_fields=True)
    assert (got["unit"], got["event_resolution"]) == ("kW", "PT15M")
    assert (got["timezone"], got["attributes"]) == ("Europe/Amsterdam", {"meter": 7})
    updates = {"name": "warmth", "attributes": {"floor": 2}}
    changed = boss.update_sensor(heat, dict(updates), **parsing)
    assert (changed["name"], parsed(changed["attributes"])) == ("warmth", {"floor": 2})
    there = boss.get_sensors(asset_id=shed["id"], parse_json_fields=True)
    assert {each["name"] for each in there} == {"power", "warmth"}
    assert {power, heat} < {each["id"] for each in boss.get_sensors(parse_json_fields=True)}
    boss.delete_sensor(heat, confirm_first=False)
    assert [each["id"] for each in boss.get_sensors(shed["id"], parse_json_fields=True)] == [power]


@pytest.mark.skipif(
    not hasattr(FlexMeasuresClient, "trigger_report"), reason="this client has no reports"
)
@pytest.mark.parametrize("method", ["trigger_report", "trigger_and_await_report"])
def test_what_newer_servers_alone_can_do_is_said(boss, live, method):
    report = {"reporter": "PandasReporter", "parameters": {}}
    with pytest.raises(Exception, match=r"requires FlexMeasures server of 1\.1\.0"):
        getattr(boss, method)(live.tenant.battery.id, **report)


def test_every_method_of_the_client_is_tried():
    files = Path(__file__).parent.glob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    tried = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    tried |= {node.value for node in nodes if isinstance(node, ast.Constant)}
    public = {
        name
        for name, _ in inspect.getmembers(FlexMeasuresClient, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert {"get_assets", "trigger_and_get_schedule"} <= public
    assert public <= tried
