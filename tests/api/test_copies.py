from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import moment64
from fmhost.model import Asset, AssetAuditLog, Sensor, Source, beliefs

FIELDS = ("attributes", "flex_context", "flex_model", "sensors_to_show", "sensors_to_show_as_kpis")


@pytest.fixture
def change(installation):
    """``change(entity, field=value)``: store something, without any check."""

    def set_fields(entity, **fields):
        with installation.database.transaction() as session:
            stored = session.get_one(type(entity), entity.id)
            for field, value in fields.items():
                setattr(stored, field, value)

    return set_fields


@pytest.fixture
def look(installation):
    """``look(id)``: an asset as it is stored, with names of sensors and children by id."""

    def read(asset_id):
        with installation.database.reading() as session:
            asset = session.get_one(Asset, asset_id)
            return {
                "name": asset.name,
                "account": asset.account_id,
                "parent": asset.parent_asset_id,
                "external": asset.external_id,
                "secrets": asset.secrets,
                "sensors": {sensor.name: sensor.id for sensor in asset.sensors},
                "children": {child.name: child.id for child in asset.child_assets},
                **{field: getattr(asset, field) for field in FIELDS},
            }

    return read


@pytest.fixture
def events(installation):
    """What was written down about an asset."""

    def read(asset_id):
        query = select(AssetAuditLog).where(AssetAuditLog.affected_asset_id == asset_id)
        with installation.database.reading() as session:
            return [(each.event, each.active_user_name) for each in session.scalars(query)]

    return read


def copy(caller, asset, **query):
    answer = caller.client.post(
        f"/api/v3_0/assets/{asset.id}/copy", headers=caller.headers, query_string=query
    )
    assert answer.status_code == 201, answer.text
    body = answer.get_json()
    assert body == {
        "message": f"Successfully copied asset {asset.id}.",
        "asset": body["asset"],
        "status": 201,
    }
    return body["asset"]


def refused(caller, asset, **query):
    answer = caller.client.post(
        f"/api/v3_0/assets/{asset.id}/copy", headers=caller.headers, query_string=query
    )
    return answer.status_code, answer.get_json()["message"]


def test_a_copy_has_sensors_and_children_but_no_data(
    as_user, installation, tenant, change, look, events
):
    change(tenant.battery, external_id="B7", secrets={"a": {"b": "x"}}, latitude=52.5)
    with installation.database.transaction() as session:
        source = Source(name="meter", type="user")
        session.add(source)
        session.flush()
        starts = np.array([moment64(datetime(2026, 3, 1, tzinfo=UTC))])
        value = Beliefs.of(starts, np.timedelta64(0, "us"), source.id, np.array([1.0]))
        save(session, session.get_one(Sensor, tenant.power.id), value)
    new_id = copy(as_user(tenant.account_admin), tenant.battery)
    found = look(new_id)
    assert found["name"] == "battery (Copy)"
    assert (found["account"], found["parent"]) == (tenant.account.id, None)
    assert (found["external"], found["secrets"]) == (None, {})
    assert list(found["sensors"]) == ["power", "level"]
    assert list(found["children"]) == ["inverter"]
    child = look(found["children"]["inverter"])
    assert (child["account"], list(child["sensors"])) == (tenant.account.id, ["status"])
    with installation.database.reading() as session:
        original, copied = (
            session.get_one(Sensor, each) for each in (tenant.power.id, found["sensors"]["power"])
        )
        for column in ("unit", "timezone", "event_resolution", "knowledge_horizon_par"):
            assert getattr(copied, column) == getattr(original, column)
        assert session.get_one(Asset, new_id).latitude == 52.5
        stored = select(func.count()).where(beliefs.c.sensor_id == copied.id)
        assert session.scalar(stored) == 0
    told = f"Copied asset 'battery': {tenant.battery.id} to 'battery (Copy)': {new_id}"
    assert events(new_id) == [(told, "boss")]
    assert events(tenant.battery.id) == [(told, "boss")]
    of_child = f"Copied asset 'inverter': {tenant.inverter.id} to 'inverter': "
    assert events(found["children"]["inverter"]) == [
        (f"{of_child}{found['children']['inverter']}", "boss")
    ]


def test_copies_are_numbered_where_their_name_is_taken(as_user, tenant, look, change):
    boss = as_user(tenant.account_admin)
    first = copy(boss, tenant.battery)
    second = copy(boss, tenant.battery)
    assert [look(each)["name"] for each in (first, second)] == [
        "battery (Copy)",
        "battery (Copy 2)",
    ]
    third = copy(boss, Asset(id=first))
    assert look(third)["name"] == "battery (Copy 3)"
    # Somewhere else the name is free.
    assert look(copy(boss, tenant.battery, parent=first))["name"] == "battery"
    inner = copy(boss, tenant.inverter)
    assert (look(inner)["name"], look(inner)["parent"]) == ("inverter (Copy)", tenant.battery.id)
    change(tenant.inverter, name="%" * 80)
    long = [look(copy(boss, tenant.inverter))["name"] for _ in range(2)]
    assert long == ["%" * 73 + " (Copy)", "%" * 71 + " (Copy 2)"]


def test_references_to_parts_are_about_their_copies(as_user, tenant, change, look):
    power, level, status, prices = (
        each.id for each in (tenant.power, tenant.level, tenant.status, tenant.prices)
    )
    change(
        tenant.battery,
        attributes={
            "market_id": prices,
            "sensors_to_show": [power, [level, prices]],
            "capacity": power,
            "nested": [{"sensor": status, "limit": power}],
        },
        flex_context={
            "consumption-price": {"sensor": prices},
            "inflexible-device-sensors": [power, status],
            "aggregate-power": {"sensor": power, "sources": [power]},
        },
        flex_model={"state-of-charge": {"sensor": level}, "soc-max": "5 kWh"},
        sensors_to_show=[
            power,
            [level, prices],
            {"title": "All", "y-axis": [power, 9], "plots": [{"sensors": [status, prices]}]},
            {"title": "Limit", "plots": [{"asset": tenant.battery.id, "flex-model": "soc-max"}]},
            {"title": "Child", "plots": [{"asset": tenant.inverter.id, "flex-model": "x"}]},
        ],
        sensors_to_show_as_kpis=[{"title": "x", "sensor": status}],
    )
    change(tenant.status, attributes={"regressors": {"sensor": power}, "unit_of": prices})
    change(tenant.inverter, sensors_to_show=[power, status])
    new_id = copy(as_user(tenant.account_admin), tenant.battery)
    found = look(new_id)
    child = look(found["children"]["inverter"])
    new_power, new_level = found["sensors"]["power"], found["sensors"]["level"]
    new_status = child["sensors"]["status"]
    assert found["attributes"] == {
        "market_id": prices,
        "sensors_to_show": [new_power, [new_level, prices]],
        "capacity": power,
        "nested": [{"sensor": new_status, "limit": power}],
    }
    assert found["flex_context"] == {
        "consumption-price": {"sensor": prices},
        "inflexible-device-sensors": [new_power, new_status],
        "aggregate-power": {"sensor": new_power, "sources": [power]},
    }
    assert found["flex_model"] == {"state-of-charge": {"sensor": new_level}, "soc-max": "5 kWh"}
    assert found["sensors_to_show"] == [
        new_power,
        [new_level, prices],
        {"title": "All", "y-axis": [power, 9], "plots": [{"sensors": [new_status, prices]}]},
        {"title": "Limit", "plots": [{"asset": new_id, "flex-model": "soc-max"}]},
        {"title": "Child", "plots": [{"asset": found["children"]["inverter"], "flex-model": "x"}]},
    ]
    assert found["sensors_to_show_as_kpis"] == [{"title": "x", "sensor": new_status}]
    assert child["sensors_to_show"] == [new_power, new_status]
    assert look(tenant.battery.id)["sensors_to_show"][0] == power


def test_the_attributes_of_sensors_are_copied(as_user, installation, tenant, change, look):
    change(tenant.power, attributes={"consumption_is_positive": True, "like": {"sensor": 1}})
    new_id = copy(as_user(tenant.account_admin), tenant.battery)
    with installation.database.reading() as session:
        new = session.get_one(Sensor, look(new_id)["sensors"]["power"])
        assert new.attributes == {"consumption_is_positive": True, "like": {"sensor": new.id}}


def test_references_that_the_user_may_not_read_are_not_copied(as_user, tenant, change, look):
    foreign = tenant.other_power.id
    change(
        tenant.battery,
        attributes={"market_id": foreign, "kept": 1},
        flex_context={
            "consumption-price": {"sensor": foreign},
            "production-price": {"sensor": tenant.prices.id},
        },
        sensors_to_show=[foreign, [tenant.power.id, foreign], 999_999_999_999],
    )
    found = look(copy(as_user(tenant.account_admin), tenant.battery))
    assert found["attributes"] == {"kept": 1}
    assert found["flex_context"] == {"production-price": {"sensor": tenant.prices.id}}
    assert found["sensors_to_show"] == [[found["sensors"]["power"]]]
    kept = look(copy(as_user(tenant.admin), tenant.battery))
    assert kept["attributes"] == {"market_id": foreign, "kept": 1}


def test_what_stays_with_one_account_is_not_named_in_another(as_user, tenant, change, look, events):
    status, prices, foreign = tenant.status.id, tenant.prices.id, tenant.other_power.id
    change(tenant.battery, sensors_to_show=[status])
    change(tenant.inverter, sensors_to_show=[tenant.power.id, status, prices, foreign])
    admin = as_user(tenant.admin)
    new_id = copy(admin, tenant.inverter, account=tenant.other_account.id)
    found = look(new_id)
    assert (found["name"], found["account"], found["parent"]) == (
        "inverter",
        tenant.other_account.id,
        None,
    )
    # The battery, of which the power is, was not copied.
    assert found["sensors_to_show"] == [found["sensors"]["status"], prices, foreign]
    # Neither account reads about the other's assets.
    assert events(tenant.inverter.id) == []
    assert events(new_id) == [(f"Created asset 'inverter': {new_id}", "admin")]


def test_a_public_template_is_copied_to_the_own_account(as_user, tenant, look, events):
    new_id = copy(as_user(tenant.account_admin), tenant.market, account=tenant.account.id)
    found = look(new_id)
    assert (found["name"], found["account"]) == ("market", tenant.account.id)
    assert list(found["sensors"]) == ["prices"]
    told = f"Copied asset 'market': {tenant.market.id} to 'market': {new_id}"
    assert events(new_id) == [(told, "boss")]
    assert events(tenant.market.id) == []
    # Every member may add a part to an asset.
    part = copy(as_user(tenant.member), tenant.market, parent=tenant.battery.id)
    assert (look(part)["account"], look(part)["parent"]) == (tenant.account.id, tenant.battery.id)


def test_who_may_copy_from_where_to_where(as_user, nobody, tenant):
    battery, market, other = tenant.battery, tenant.market, tenant.other_battery
    assert refused(nobody, battery)[0] == 401
    assert refused(as_user(tenant.other_member), battery)[0] == 403
    assert refused(as_user(tenant.clerk), battery)[0] == 403
    member, boss = as_user(tenant.member), as_user(tenant.account_admin)
    # To the top of an account by who administers it; below an asset by every member.
    assert refused(member, battery)[0] == 403
    assert refused(member, market, account=tenant.account.id)[0] == 403
    assert refused(boss, market)[0] == 403
    assert refused(boss, battery, account=tenant.other_account.id)[0] == 403
    assert refused(boss, battery, parent=other.id)[0] == 403
    assert refused(boss, battery, parent=market.id)[0] == 403
    assert refused(as_user(tenant.admin_reader), battery)[0] == 403
    assert copy(member, tenant.inverter)
    assert copy(as_user(tenant.consultant), battery)
    assert copy(as_user(tenant.admin), market)


def test_places_that_there_are_not(as_user, tenant):
    boss = as_user(tenant.account_admin)
    assert refused(boss, tenant.battery, account=999) == (404, "Account 999 not found")
    assert refused(boss, tenant.battery, parent=999) == (404, "Parent asset with id 999 not found.")
    assert refused(boss, Asset(id=999)) == (404, "No asset found with ID 999.")
    status, message = refused(boss, tenant.battery, parent="x")
    assert (status, list(message["query"])) == (422, ["parent"])
    status, message = refused(
        as_user(tenant.admin),
        tenant.battery,
        account=tenant.other_account.id,
        parent=tenant.battery.id,
    )
    assert (status, list(message["query"])) == (422, ["parent"])


def test_a_copy_below_itself_does_not_go_on_for_ever(as_user, tenant, look):
    new_id = copy(as_user(tenant.account_admin), tenant.battery, parent=tenant.inverter.id)
    found = look(new_id)
    assert (found["parent"], list(found["children"])) == (tenant.inverter.id, ["inverter"])
    assert look(found["children"]["inverter"])["children"] == {}


def test_a_failing_copy_leaves_nothing(as_user, installation, tenant, change):
    # What the database refuses at the end: a name for a part that another one has by then.
    def count():
        with installation.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Asset))

    before = count()
    change(tenant.inverter, flex_model={"x": 1})
    boss = as_user(tenant.account_admin)
    with installation.database.transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE asset_audit_log")
    boss.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    boss.client.application.testing = False
    answer = boss.client.post(f"/api/v3_0/assets/{tenant.battery.id}/copy", headers=boss.headers)
    assert answer.status_code >= 500
    assert count() == before


def test_the_number_of_statements_does_not_grow(as_user, installation, tenant, statements):
    boss = as_user(tenant.account_admin)

    def count():
        with statements() as counted:
            copy(boss, tenant.battery)
        return counted.number

    count()  # the first request looks at more
    before = count()
    with installation.database.transaction() as session:
        for number in range(5):
            part = Asset(
                name=f"part {number}",
                account_id=tenant.account.id,
                parent_asset_id=tenant.battery.id,
                generic_asset_type_id=tenant.battery.generic_asset_type_id,
            )
            session.add(part)
            session.flush()
            for name in ("power", "energy"):
                session.add(
                    Sensor(
                        name=name,
                        unit="kW",
                        event_resolution=timedelta(hours=1),
                        generic_asset_id=part.id,
                    )
                )
    assert count() == before
