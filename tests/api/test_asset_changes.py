"""Assets are created, changed and deleted over HTTP: by whom, with what, and what comes of it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from fmhost.model import Account, Asset, AssetAuditLog, Sensor, User

#: Who may do what; "client" is the account that the consultancy advises, and the member's own.
MAY_CREATE_ROOT = {"admin", "account_admin", "consultant"}
MAY_CREATE_PART = {"admin", "account_admin", "member", "consultant"}
MAY_UPDATE = {"admin", "account_admin", "member", "consultant"}
MAY_DELETE = {"admin", "account_admin", "consultant"}
WHO = (
    "admin",
    "admin_reader",
    "account_admin",
    "member",
    "other_member",
    "consultant",
    "clerk",
)


@pytest.fixture
def new(tenant):
    """The body of a request for an asset."""

    def body(**fields):
        return {
            "name": "new",
            "generic_asset_type_id": tenant.battery.generic_asset_type_id,
            "account_id": tenant.account.id,
            **fields,
        }

    return body


@pytest.fixture
def events(installation):
    """What was written down about assets, as (who, text, asset) each."""

    def read():
        with installation.database.reading() as session:
            records = session.scalars(select(AssetAuditLog).order_by(AssetAuditLog.id)).all()
            return [(each.active_user_name, each.event, each.affected_asset_id) for each in records]

    return read


def rejection(answer, *place):
    """The texts at a place of a 422."""
    assert answer.status_code == 422, answer.text
    body = answer.get_json()
    assert (body["result"], body["status"]) == ("Rejected", "UNPROCESSABLE_ENTITY")
    message = body["message"]["json"]
    for part in place:
        message = message[part]
    assert isinstance(message, list), message
    return " ".join(message)


@pytest.mark.parametrize("who", WHO)
def test_who_may_create_an_asset(as_user, tenant, new, who):
    caller = as_user(getattr(tenant, who))
    answer = caller.post("/assets", new())
    if who in MAY_CREATE_ROOT:
        assert answer.status_code == 201
    elif who in ("member", "admin_reader"):
        assert answer.status_code == 403
    else:
        assert rejection(answer, "account_id") == (
            "User is not allowed to create assets for this account."
        )
    part = new(name="part", parent_asset_id=tenant.battery.id)
    assert caller.post("/assets", part).status_code == (201 if who in MAY_CREATE_PART else 403)
    del part["account_id"]
    part["name"] = "another part"
    answer = caller.post("/assets", part)
    assert answer.status_code == (201 if who in MAY_CREATE_PART else 403)
    if answer.status_code == 201:
        assert answer.get_json()["account_id"] == tenant.account.id
    public = new(account_id=None)
    for body in (public, {name: public[name] for name in public if name != "account_id"}):
        body["name"] = f"public {len(body)}"
        assert caller.post("/assets", body).status_code == (201 if who == "admin" else 403)
    part = new(account_id=None, name="hall", parent_asset_id=tenant.market.id)
    assert caller.post("/assets", part).status_code == (201 if who == "admin" else 403)


@pytest.mark.parametrize("who", WHO)
def test_who_may_change_an_asset(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    path = f"/assets/{tenant.battery.id}"
    expected = 200 if who in MAY_UPDATE else 403
    assert caller.patch(path, {"name": "changed"}).status_code == expected
    expected = 200 if who == "admin" else 403
    assert caller.patch(f"/assets/{tenant.market.id}", {"name": "x"}).status_code == expected


@pytest.mark.parametrize("who", WHO)
def test_who_may_delete_an_asset(as_user, tenant, who):
    caller = as_user(getattr(tenant, who))
    expected = 204 if who in MAY_DELETE else 403
    answer = caller.delete(f"/assets/{tenant.battery.id}")
    assert answer.status_code == expected
    if expected == 204:
        assert answer.data == b""
        assert caller.get(f"/assets/{tenant.inverter.id}").status_code == 404
    expected = 204 if who == "admin" else 403
    assert caller.delete(f"/assets/{tenant.market.id}").status_code == expected


def test_nobody_changes_anything_without_a_login(nobody, tenant, new):
    path = f"/assets/{tenant.battery.id}"
    for answer in (
        nobody.post("/assets", new()),
        nobody.patch(path, {"name": "x"}),
        nobody.delete(path),
        nobody.get("/assets/public"),
        nobody.get("/assets/types"),
        nobody.get(f"{path}/sensors"),
    ):
        assert answer.status_code == 401


def test_a_new_asset_comes_back_whole(as_user, tenant, new, events):
    answer = as_user(tenant.account_admin).post(
        "/assets",
        new(
            latitude=40,
            longitude=170.3,
            description="in the cellar",
            external_id="A-1",
            attributes='{"a": 1}',
            flex_context={"site-power-capacity": "3 kW"},
            flex_model='{"soc-max": "9 kWh"}',
            sensors_to_show=[tenant.power.id, [tenant.power.id, tenant.prices.id]],
            sensors_to_show_as_kpis="[]",
        ),
    )
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["status"] == 201
    assert (body["latitude"], body["longitude"]) == (40, 170.3)
    assert (body["external_id"], body["description"]) == ("A-1", "in the cellar")
    assert body["owner"]["name"] == "Acme"
    assert (body["sensors"], body["child_assets"]) == ([], [])
    stored = {name: json.loads(body[name]) for name in ("attributes", "flex_context", "flex_model")}
    assert stored == {
        "attributes": {"a": 1},
        "flex_context": {"site-power-capacity": "3 kW"},
        "flex_model": {"soc-max": "9 kWh"},
    }
    assert events() == [("boss", f"Created asset 'new': {body['id']}", body["id"])]


@pytest.mark.parametrize(
    ("field", "value", "place", "text"),
    [
        ("name", None, (), "Field may not be null."),
        ("name", 3, (), "Not a valid string."),
        ("name", " ", (), "The name is empty."),
        ("name", "x" * 81, (), "Longer than maximum length 80."),
        ("name", "battery", (), "An asset with the name 'battery' already exists as a top-level"),
        ("generic_asset_type_id", 999, (), "GenericAssetType with id 999 doesn't exist."),
        ("generic_asset_type_id", 2**40, (), f"GenericAssetType with id {2**40} doesn't exist."),
        ("generic_asset_type_id", "x", (), "Not a valid integer."),
        ("generic_asset_type_id", 1.5, (), "Not a valid integer."),
        ("latitude", 95, (), "Latitude 95.0 exceeds the maximum latitude of 90 degrees."),
        ("latitude", -95.5, (), "Latitude -95.5 exceeds the minimum latitude of -90 degrees."),
        ("longitude", 181, (), "Longitude 181.0 exceeds the maximum longitude of 180 degrees."),
        ("longitude", 0.123456789, (), "has more than 7 decimals."),
        ("latitude", "north", (), "Not a valid number."),
        ("external_id", "x" * 81, (), "Longer than maximum length 80."),
        ("foo", 1, (), "Unknown field."),
        ("id", 1, (), "Unknown field."),
        ("secrets", {}, (), "Unknown field."),
        ("attributes", "{", (), "Invalid JSON string."),
        ("attributes", "NaN", (), "Invalid JSON string."),
        ("attributes", '["\\u0000"]', (), "A text contains an invalid character."),
        ("attributes", [], (), "Attributes should be a dict."),
        ("attributes", "3", (), "Attributes should be a dict."),
        ("attributes", {"custom-scheduler": "X"}, ("custom-scheduler",), "no scheduler named 'X'"),
        ("sensors_to_show", {}, (), "sensors_to_show should be a list."),
        ("sensors_to_show", "[", (), "Invalid JSON string."),
        ("sensors_to_show", [999], (), "No sensor found with ID 999."),
        ("sensors_to_show_as_kpis", [{}], ("0", "title"), "Missing data for required field."),
    ],
)
def test_what_a_new_asset_may_not_be(as_user, tenant, new, field, value, place, text):
    caller = as_user(tenant.account_admin)
    answer = caller.post("/assets", new(**{field: value}))
    assert text in rejection(answer, field, *place)


def test_changes_are_checked_like_new_values(member, tenant):
    path = f"/assets/{tenant.battery.id}"
    for field, value, text in (
        ("latitude", 95, "Latitude 95.0 exceeds the maximum latitude of 90 degrees."),
        ("generic_asset_type_id", 999, "GenericAssetType with id 999 doesn't exist."),
        ("id", 3, "Unknown field."),
        ("account_id", tenant.account.id, "Unknown field."),
        ("sensors_to_show", [tenant.other_power.id], "No sensor found with ID"),
    ):
        assert text in rejection(member.patch(path, {field: value}), field)


def test_errors_in_flex_configuration_stand_below_the_name_of_the_field(member, tenant):
    path = f"/assets/{tenant.battery.id}"
    price = {"consumption-price": {"sensor": tenant.power.id}}
    answer = member.patch(path, {"flex_context": price})
    assert "must have an energy price unit" in rejection(answer, "consumption-price")
    price = {"consumption-price": {"sensor": tenant.other_power.id}}
    answer = member.patch(path, {"flex_context": price})
    assert "No sensor found" in rejection(answer, "consumption-price", "sensor")


def test_what_is_missing_is_named(as_user, tenant):
    answer = as_user(tenant.account_admin).post("/assets", {})
    messages = answer.get_json()["message"]["json"]
    assert messages == {
        "name": ["Missing data for required field."],
        "generic_asset_type_id": ["Missing data for required field."],
    }


def test_unknown_accounts_and_parents(as_user, tenant, new):
    text = "Account with Id 999 doesn't exist."
    for who in (tenant.admin, tenant.admin_reader):
        answer = as_user(who).post("/assets", new(account_id=999))
        assert rejection(answer, "account_id") == text
    foreign = as_user(tenant.member).post("/assets", new(account_id=tenant.other_account.id))
    unknown = as_user(tenant.member).post("/assets", new(account_id=999))
    assert foreign.get_json() == unknown.get_json()
    answer = as_user(tenant.member).post("/assets", new(parent_asset_id=999))
    assert answer.status_code == 404
    assert answer.get_json()["message"] == "Parent asset with id 999 not found."
    answer = as_user(tenant.member).post("/assets", new(parent_asset_id=tenant.other_battery.id))
    assert answer.status_code == 403


def test_a_part_has_the_account_of_the_whole(as_user, tenant, new):
    body = new(account_id=tenant.other_account.id, parent_asset_id=tenant.battery.id)
    for who in (tenant.admin, tenant.member):
        assert "Give both the same owner." in rejection(
            as_user(who).post("/assets", body), "parent_asset_id"
        )


def test_moving_an_asset_takes_permission_at_its_new_place(as_user, tenant, new):
    member, boss = as_user(tenant.member), as_user(tenant.account_admin)
    path = f"/assets/{tenant.inverter.id}"
    assert member.patch(path, {"parent_asset_id": None}).status_code == 403
    assert member.patch(path, {"parent_asset_id": tenant.other_battery.id}).status_code == 403
    assert member.patch(path, {"parent_asset_id": 999}).status_code == 404
    assert member.patch(path, {"parent_asset_id": tenant.battery.id}).status_code == 200
    answer = boss.patch(path, {"parent_asset_id": None})
    assert answer.get_json()["parent_asset_id"] is None
    answer = member.patch(path, {"parent_asset_id": tenant.inverter.id})
    assert "or the same" in rejection(answer, "parent_asset_id")
    assert member.patch(path, {"parent_asset_id": tenant.battery.id}).status_code == 200


def test_a_change_is_answered_with_the_whole_asset(member, tenant, events):
    answer = member.patch(
        f"/assets/{tenant.battery.id}", {"latitude": 11.1, "attributes": {"a": [1]}}
    )
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["latitude"] == 11.1
    assert [child["name"] for child in body["child_assets"]] == ["inverter"]
    assert events() == [
        ("member", "Updated: latitude, From: None, To: 11.1", tenant.battery.id),
        ("member", "Updated Attr: a, From: None, To: [1]", tenant.battery.id),
    ]


def test_attributes_of_old_move_into_the_flex_model(as_user, tenant, new):
    boss = as_user(tenant.account_admin)
    created = boss.post(
        "/assets", new(attributes={"min_soc_in_mwh": 0.05, "capacity_in_mw": 0.5, "colour": "red"})
    ).get_json()
    assert json.loads(created["attributes"]) == {"colour": "red"}
    assert json.loads(created["flex_model"]) == {
        "soc-min": "0.05 MWh",
        "power-capacity": "0.5 MW",
    }
    path = f"/assets/{created['id']}"
    changed = boss.patch(path, {"attributes": {"max_soc_in_mwh": 1, "capacity_in_mw": 2}})
    assert json.loads(changed.get_json()["attributes"]) == {}
    assert json.loads(changed.get_json()["flex_model"]) == {
        "soc-min": "0.05 MWh",
        "soc-max": "1 MWh",
        "power-capacity": "2 MW",
    }
    changed = boss.patch(
        path,
        {"attributes": {"max_soc_in_mwh": 1, "capacity_in_mw": 2}, "flex_model": {"soc-max": 3}},
    )
    assert json.loads(changed.get_json()["flex_model"]) == {
        "soc-max": 3,
        "power-capacity": "2 MW",
    }
    answer = boss.patch(path, {"attributes": {"capacity_in_mw": "a lot"}})
    assert "a lot" in rejection(answer, "power-capacity")


def test_a_deleted_asset_goes_with_all_that_is_said_about_it(as_user, tenant, installation, events):
    with installation.database.transaction() as session:
        market = session.get(Asset, tenant.market.id)
        market.sensors_to_show = [tenant.prices.id, tenant.power.id]
        market.flex_context = {"inflexible-device-sensors": [tenant.status.id]}
        market.flex_model = {"group": {"asset": tenant.inverter.id}, "soc-min": "1 kWh"}
    assert as_user(tenant.account_admin).delete(f"/assets/{tenant.battery.id}").status_code == 204
    with installation.database.reading() as session:
        market = session.get(Asset, tenant.market.id)
        assert market.sensors_to_show == [tenant.prices.id]
        assert market.flex_context == {}
        assert market.flex_model == {"soc-min": "1 kWh"}
        assert session.get(Sensor, tenant.status.id) is None
    battery, inverter, power, status = (
        tenant.battery.id,
        tenant.inverter.id,
        tenant.power.id,
        tenant.status.id,
    )
    prices, about = tenant.prices.id, tenant.market.id
    assert events() == [
        (
            "boss",
            f"Updated: flex_context, From: {{'inflexible-device-sensors': [{status}]}}, To: {{}}",
            about,
        ),
        (
            "boss",
            f"Updated: flex_model, From: {{'group': {{'asset': {inverter}}}}}, To: {{}}",
            about,
        ),
        ("boss", f"Updated: sensors_to_show, From: [{prices}, {power}], To: [{prices}]", about),
        ("boss", f"Deleted asset 'battery': {battery}", None),
        ("boss", f"Deleted asset 'inverter': {inverter}", None),
    ]


def test_what_is_refused_leaves_no_trace(member, tenant, events, installation):
    body = {"name": "changed", "attributes": {"a": 1}, "sensors_to_show": [999]}
    assert member.patch(f"/assets/{tenant.battery.id}", body).status_code == 422
    assert events() == []
    with installation.database.reading() as session:
        assert session.get(Asset, tenant.battery.id).name == "battery"


def test_the_asset_of_an_account_whose_adviser_changes(as_user, tenant, installation):
    """A consultant is one of the account as it is now."""
    path = f"/assets/{tenant.battery.id}"
    consultant = as_user(tenant.consultant)
    assert consultant.patch(path, {"name": "x"}).status_code == 200
    with installation.database.transaction() as session:
        session.get(Account, tenant.account.id).consultancy_account_id = None
    assert consultant.patch(path, {"name": "y"}).status_code == 403


def test_an_inactive_user_changes_nothing(as_user, tenant, installation):
    caller = as_user(tenant.account_admin)
    with installation.database.transaction() as session:
        session.get(User, tenant.account_admin.id).active = False
    assert caller.patch(f"/assets/{tenant.battery.id}", {"name": "x"}).status_code == 401
