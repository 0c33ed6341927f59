"""Sensors are created, changed and deleted over HTTP."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from fmhost.model import Asset, AssetAuditLog, Sensor, beliefs

MAY_CREATE = {"admin", "account_admin", "member", "consultant"}
MAY_UPDATE = {"admin", "account_admin", "consultant"}
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
    """The body of a request for a sensor."""

    def body(**fields):
        return {
            "name": "new",
            "unit": "kWh",
            "event_resolution": "PT1H",
            "generic_asset_id": tenant.battery.id,
            **fields,
        }

    return body


@pytest.fixture
def events(installation):
    """The texts that were written down about assets."""

    def read():
        with installation.database.reading() as session:
            return session.scalars(select(AssetAuditLog.event).order_by(AssetAuditLog.id)).all()

    return read


def rejection(answer, *place):
    """The texts at a place of a 422."""
    assert answer.status_code == 422, answer.text
    message = answer.get_json()["message"]["json"]
    for part in place:
        message = message[part]
    return " ".join(message)


@pytest.mark.parametrize("who", WHO)
def test_who_may_create_change_and_delete_a_sensor(as_user, tenant, new, who):
    caller = as_user(getattr(tenant, who))
    assert caller.post("/sensors", new()).status_code == (201 if who in MAY_CREATE else 403)
    public = new(generic_asset_id=tenant.market.id)
    assert caller.post("/sensors", public).status_code == (201 if who == "admin" else 403)
    path = f"/sensors/{tenant.power.id}"
    expected = 200 if who in MAY_UPDATE else 403
    assert caller.patch(path, {"name": "changed"}).status_code == expected
    expected = 204 if who in MAY_UPDATE else 403
    assert caller.delete(path).status_code == expected
    public = f"/sensors/{tenant.prices.id}"
    assert caller.patch(public, {"name": "x"}).status_code == (200 if who == "admin" else 403)
    assert caller.delete(public).status_code == (204 if who == "admin" else 403)


def test_nobody_changes_anything_without_a_login(nobody, tenant, new):
    path = f"/sensors/{tenant.power.id}"
    for answer in (nobody.post("/sensors", new()), nobody.patch(path, {}), nobody.delete(path)):
        assert answer.status_code == 401


def test_a_new_sensor_comes_back(member, tenant, new, events, installation):
    answer = member.post("/sensors", new(attributes='{"a": 1}'))
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["status"] == 201
    assert (body["unit"], body["event_resolution"]) == ("kWh", "PT1H")
    assert body["timezone"] == installation.settings["FLEXMEASURES_TIMEZONE"]
    assert body["generic_asset_id"] == tenant.battery.id
    assert body["entity_address"].endswith(f":fm1.{body['id']}")
    assert json.loads(body["attributes"]) == {"a": 1}
    assert events() == [f"Created sensor 'new': {body['id']}"]


@pytest.mark.parametrize(
    ("written", "stored"), [(15, "PT15M"), ("PT0S", "PT0H"), (0, "PT0H"), ("P1D", "PT24H")]
)
def test_resolutions_are_durations_or_minutes(member, new, written, stored):
    answer = member.post("/sensors", new(event_resolution=written))
    assert answer.get_json()["event_resolution"] == stored


@pytest.mark.parametrize(
    ("field", "value", "place", "text"),
    [
        ("name", "power", (), "has a sensor with the name 'power' already."),
        ("name", "", (), "The name is empty."),
        ("name", "x" * 121, (), "Longer than maximum length 120."),
        ("unit", "foo", (), "Unit 'foo' cannot be handled."),
        ("unit", 3, (), "Not a valid string."),
        ("timezone", "Mars/Base", (), "Invalid timezone 'Mars/Base'. Example: Asia/Seoul."),
        ("event_resolution", "soon", (), "soon"),
        ("event_resolution", -15, (), "The event resolution must not be negative."),
        ("event_resolution", "-PT15M", (), "The event resolution must not be negative."),
        ("event_resolution", 10**20, (), "Not a valid duration."),
        ("event_resolution", True, (), "Not a valid string."),
        ("event_resolution", None, (), "Field may not be null."),
        ("attributes", "[", (), "Invalid JSON string."),
        ("attributes", "[]", (), "Attributes should be a dict."),
        ("attributes", {"custom-scheduler": "X"}, ("custom-scheduler",), "no scheduler named 'X'"),
        ("attributes", {"market_id": 999}, ("market_id",), "No sensor found with ID 999."),
        ("entity_address", "ea1.x", (), "Unknown field."),
        ("id", 3, (), "Unknown field."),
    ],
)
def test_what_a_sensor_may_not_be(as_user, tenant, new, field, value, place, text):
    caller = as_user(tenant.account_admin)
    assert text in rejection(caller.post("/sensors", new(**{field: value})), field, *place)
    path = f"/sensors/{tenant.level.id}"
    assert text in rejection(caller.patch(path, {field: value}), field, *place)


def test_a_sensor_stays_with_its_asset(as_user, tenant):
    answer = as_user(tenant.admin).patch(
        f"/sensors/{tenant.power.id}", {"generic_asset_id": tenant.inverter.id}
    )
    assert rejection(answer, "generic_asset_id") == "Unknown field."


def test_unknown_assets_and_sensors(member, tenant, new):
    text = rejection(member.post("/sensors", new(generic_asset_id=999)), "generic_asset_id")
    assert text == "No asset found with ID 999."
    assert member.post("/sensors", new(generic_asset_id=2**40)).status_code == 422
    for answer in (member.patch("/sensors/999", {}), member.delete("/sensors/999")):
        assert answer.status_code == 422
        message = answer.get_json()["message"]
        assert message == {"path": {"id": ["No sensor found with ID 999."]}}


def test_what_is_missing_is_named(member):
    message = member.post("/sensors", {}).get_json()["message"]["json"]
    assert message.keys() == {"name", "unit", "event_resolution", "generic_asset_id"}


def test_a_change_is_answered_with_the_sensor(as_user, tenant, events):
    answer = as_user(tenant.account_admin).patch(
        f"/sensors/{tenant.power.id}",
        {"name": "output", "unit": "MW", "timezone": "UTC", "event_resolution": "PT5M"},
    )
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["name"], body["unit"], body["event_resolution"]) == ("output", "MW", "PT5M")
    assert events() == [
        f"Updated sensor 'power': {tenant.power.id}. Updated fields: "
        "Field name: name, Old value: power, New value: output; "
        "Field name: unit, Old value: kW, New value: MW; "
        "Field name: timezone, Old value: Europe/Amsterdam, New value: UTC; "
        "Field name: event_resolution, Old value: 0:15:00, New value: 0:05:00"
    ]


def test_a_deleted_sensor_goes_with_its_data_and_what_is_said_about_it(
    as_user, tenant, installation, events
):
    boss = as_user(tenant.account_admin)
    posted = {
        "values": [1, 2],
        "start": "2026-03-01T00:00:00+01:00",
        "duration": "PT30M",
        "unit": "kW",
    }
    assert boss.post(f"/sensors/{tenant.power.id}/data", posted).status_code == 200
    with installation.database.transaction() as session:
        session.get(Asset, tenant.inverter.id).sensors_to_show = [tenant.power.id]
    assert boss.delete(f"/sensors/{tenant.power.id}").status_code == 204
    with installation.database.reading() as session:
        assert session.get(Sensor, tenant.power.id) is None
        assert session.scalar(select(func.count()).select_from(beliefs)) == 0
        assert session.get(Asset, tenant.inverter.id).sensors_to_show == []
    assert events() == [
        f"Updated: sensors_to_show, From: [{tenant.power.id}], To: []",
        f"Deleted sensor 'power': {tenant.power.id}",
    ]


def test_when_events_are_known_is_said_and_changed(as_user, new, tenant, installation, events):
    client = as_user(tenant.account_admin)
    day_ahead = {"x": 1, "y": 12, "z": "Europe/Paris"}
    made = client.post(
        "/sensors",
        new(
            knowledge_horizon_fnc="x_days_ago_at_y_oclock",
            knowledge_horizon_par=json.dumps(day_ahead),
        ),
    ).get_json()
    path = f"/sensors/{made['id']}"

    def known():
        with installation.database.reading() as session:
            sensor = session.get_one(Sensor, made["id"])
            return sensor.knowledge_horizon_fnc, sensor.knowledge_horizon_par

    assert known() == ("x_days_ago_at_y_oclock", day_ahead)
    assert client.patch(path, {"knowledge_horizon_par": {"x": 2}}).status_code == 200
    assert known() == ("x_days_ago_at_y_oclock", {"x": 2})
    assert client.patch(path, {"knowledge_horizon_fnc": "ex_ante"}).status_code == 200
    assert known() == ("ex_ante", {})
    assert "knowledge_horizon_fnc" in events()[-1]
    for wrong in ({"ex_post_horizon": "PT1H"}, {"ex_ante_horizon": True}, []):
        answer = client.patch(path, {"knowledge_horizon_par": wrong})
        assert rejection(answer, "knowledge_horizon_par")
    assert rejection(
        client.patch(path, {"knowledge_horizon_fnc": "never"}), "knowledge_horizon_fnc"
    )
    assert known() == ("ex_ante", {})
