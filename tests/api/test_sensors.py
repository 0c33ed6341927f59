from __future__ import annotations

import pytest


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [sensor["id"] for sensor in answer.get_json()]


def test_a_sensor(member, tenant):
    answer = member.get(f"/sensors/{tenant.power.id}")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "id": tenant.power.id,
        "name": "power",
        "unit": "kW",
        "timezone": "Europe/Amsterdam",
        "event_resolution": "PT15M",
        "entity_address": f"ea1.2026-04.localhost:fm1.{tenant.power.id}",
        "generic_asset_id": tenant.battery.id,
        "attributes": "{}",
        "status": 200,
    }


def test_a_moment_has_no_resolution(member, tenant):
    assert member.get(f"/sensors/{tenant.level.id}").get_json()["event_resolution"] == "PT0H"


@pytest.mark.parametrize("id", ["999", "0", "99999999999999999999"])
def test_a_sensor_that_does_not_exist(member, id):
    answer = member.get(f"/sensors/{id}")
    assert answer.status_code == 422
    assert answer.get_json() == {
        "result": "Rejected",
        "status": "UNPROCESSABLE_ENTITY",
        "message": {"path": {"id": [f"No sensor found with ID {id}."]}},
    }


def test_what_is_no_id_of_a_sensor(member):
    answer = member.get("/sensors/abc")
    assert answer.get_json()["message"] == {"path": {"id": ["Not a valid integer."]}}


def test_a_sensor_of_another_account(as_user, tenant):
    answer = as_user(tenant.other_member).get(f"/sensors/{tenant.power.id}")
    assert answer.status_code == 403
    assert "power" not in answer.text


def test_the_sensors_of_the_own_account(member, tenant):
    assert ids(member.get("/sensors")) == [tenant.power.id, tenant.level.id, tenant.status.id]


@pytest.mark.parametrize("parameter", ["asset", "asset_id"])
def test_the_sensors_below_an_asset(member, tenant, parameter):
    assert ids(member.get("/sensors", **{parameter: tenant.inverter.id})) == [tenant.status.id]


def test_sensors_of_assets_of_others(member, tenant):
    assert member.get("/sensors", asset=tenant.other_battery.id).status_code == 403
    assert member.get("/sensors", asset=999).status_code == 404
    assert member.get("/sensors", account=tenant.other_account.id).status_code == 403


def test_an_asset_that_is_not_of_the_account(as_user, tenant):
    admin = as_user(tenant.admin)
    query = {"account": tenant.other_account.id, "asset": tenant.battery.id}
    answer = admin.get("/sensors", **query)
    assert answer.status_code == 422
    assert "asset" in answer.get_json()["message"]["query"]
    query["account"] = tenant.account.id
    assert len(ids(admin.get("/sensors", **query))) == 3


def test_sensors_of_clients_and_of_public_assets(as_user, tenant):
    consultant = as_user(tenant.consultant)
    found = ids(
        consultant.get("/sensors", include_consultancy_clients="true", include_public_assets="true")
    )
    assert found == [
        tenant.power.id,
        tenant.level.id,
        tenant.status.id,
        tenant.prices.id,
    ]


def test_sensors_need_a_login(nobody, tenant):
    for path in (
        "/sensors",
        f"/sensors/{tenant.power.id}",
        "/assets",
        f"/assets/{tenant.battery.id}",
    ):
        answer = nobody.get(path)
        assert answer.status_code == 401
        assert answer.get_json() == {
            "status": "UNAUTHORIZED",
            "message": "You could not be properly authenticated for this content or functionality.",
        }
