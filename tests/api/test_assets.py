from __future__ import annotations

import json

import pytest

from fmhost.model import Asset


def names(answer):
    assert answer.status_code == 200, answer.text
    return [asset["name"] for asset in answer.get_json()]


def test_the_assets_of_the_own_account_are_a_bare_list(member, tenant):
    assert names(member.get("/assets")) == ["battery", "inverter"]
    first = member.get("/assets").get_json()[0]
    assert first["id"] == tenant.battery.id
    assert first["account_id"] == tenant.account.id
    assert first["generic_asset_type"]["name"] == "battery"
    assert "status" not in first


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"all_accessible": "true"}, ["battery", "inverter", "market"]),
        ({"all-accessible": "true"}, ["battery", "inverter", "market"]),
        ({"include_public": "1"}, ["battery", "inverter", "market"]),
        ({"foo": "bar"}, ["battery", "inverter"]),
    ],
)
def test_which_assets_are_listed(member, query, expected):
    assert names(member.get("/assets", **query)) == expected


@pytest.mark.parametrize("parameter", ["account", "account_id", "account-id"])
def test_assets_of_another_account(as_user, tenant, parameter):
    query = {parameter: tenant.account.id}
    assert names(as_user(tenant.consultant).get("/assets", **query)) == ["battery", "inverter"]
    assert as_user(tenant.other_member).get("/assets", **query).status_code == 403
    assert as_user(tenant.clerk).get("/assets", **query).status_code == 403


def test_assets_of_an_account_that_does_not_exist(member):
    answer = member.get("/assets", account=999)
    assert answer.status_code == 404
    assert answer.get_json() == {"message": "Account 999 not found", "status": 404}


@pytest.mark.parametrize("value", ["x", "1.5", "0", "99999999999", "1;DROP TABLE account"])
def test_accounts_that_are_no_ids(member, value):
    answer = member.get("/assets", account=value)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["query"]) == ["account"]


def test_an_asset_comes_with_sensors_children_and_owner(member, tenant):
    answer = member.get(f"/assets/{tenant.battery.id}")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["name"] == "battery"
    assert body["owner"]["name"] == "Acme"
    assert [sensor["name"] for sensor in body["sensors"]] == ["power", "level"]
    (child,) = body["child_assets"]
    assert child["name"] == "inverter"
    assert [sensor["name"] for sensor in child["sensors"]] == ["status"]
    assert json.loads(body["attributes"]) == {}
    assert body["status"] == 200
    assert "secrets" not in body


def test_a_public_asset_is_for_everybody_who_is_logged_in(as_user, nobody, tenant):
    path = f"/assets/{tenant.market.id}"
    for user in (tenant.member, tenant.other_member, tenant.clerk):
        assert as_user(user).get(path).get_json()["owner"] is None
    assert nobody.get(path).status_code == 401


def test_an_asset_of_another_account(as_user, tenant):
    path = f"/assets/{tenant.battery.id}"
    for user in (tenant.other_member, tenant.clerk):
        answer = as_user(user).get(path)
        assert answer.status_code == 403
        assert answer.get_json() == {
            "result": "Rejected",
            "status": "INVALID_SENDER",
            "message": "You cannot be authorized for this content or functionality.",
        }
    for user in (tenant.admin, tenant.admin_reader, tenant.consultant):
        assert as_user(user).get(path).status_code == 200


@pytest.mark.parametrize("id", ["999", "0", "-1", "99999999999999999999"])
def test_an_asset_that_does_not_exist(member, id):
    answer = member.get(f"/assets/{id}")
    assert answer.status_code == 404
    assert answer.get_json() == {"message": f"No asset found with ID {id}.", "status": 404}


@pytest.mark.parametrize("id", ["x", "1.0", "1'--", "٣"])
def test_what_is_no_id_of_an_asset(member, id):
    answer = member.get(f"/assets/{id}")
    assert answer.status_code == 422
    assert answer.get_json()["message"] == {"path": {"id": ["Not a valid integer."]}}


def test_lists_and_trees_take_few_statements(member, installation, tenant, statements):
    def count(path):
        with statements() as counted:
            assert member.get(path).status_code == 200
        return counted.number

    paths = ("/assets", f"/assets/{tenant.battery.id}", "/sensors")
    before = [count(path) for path in paths]
    with installation.database.transaction() as session:
        for number in range(5):
            session.add(
                Asset(
                    name=f"part {number}",
                    account_id=tenant.account.id,
                    parent_asset_id=tenant.battery.id,
                    generic_asset_type_id=tenant.battery.generic_asset_type_id,
                )
            )
    assert [count(path) for path in paths] == before
