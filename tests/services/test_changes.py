"""Assets and sensors are created, changed and deleted: what is written down, what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Account, Asset, AssetAuditLog, AuditLog, Sensor, User
from fmhost.services import assets, attributes, sensors


@pytest.fixture
def change(installation: Any, tenant: Any) -> Any:
    """Runs a use case in the name of the member, and returns the texts that it wrote down."""

    def run(use_case: Any, entity: type[Any], id: int, *arguments: Any) -> list[str]:
        with installation.database.transaction() as session:
            actor = session.get(User, tenant.member.id)
            use_case(installation, session, session.get(entity, id), *arguments, actor=actor)
        with installation.database.transaction() as session:
            records = session.scalars(select(AssetAuditLog).order_by(AssetAuditLog.id)).all()
            assert {each.active_user_name for each in records} <= {"member"}
            texts = [each.event for each in records]
            for each in records:
                session.delete(each)
        return texts

    return run


def test_each_changed_field_of_an_asset_is_written_down(change: Any, tenant: Any) -> None:
    texts = change(
        assets.update_asset,
        Asset,
        tenant.battery.id,
        {"name": "big battery", "latitude": 52.5, "longitude": None, "description": "new"},
    )
    assert texts == [
        "Updated: name, From: battery, To: big battery",
        "Updated: latitude, From: None, To: 52.5",
        "Updated: description, From: None, To: new",
    ]


def test_each_changed_attribute_is_written_down(change: Any, tenant: Any) -> None:
    def update(**values: Any) -> list[str]:
        texts: list[str] = change(
            assets.update_asset, Asset, tenant.battery.id, {"attributes": values}
        )
        return texts

    assert update(a=1, b=[2]) == [
        "Updated Attr: a, From: None, To: 1",
        "Updated Attr: b, From: None, To: [2]",
    ]
    assert update(a=1, b={"c": 3}) == ["Updated Attr: b, From: [2], To: {'c': 3}"]
    assert update(a=1) == ["Updated Attr: b, From: {'c': 3}, To: None"]
    assert update(a=1) == []


def test_json_fields_are_written_down_by_the_keys_that_differ(change: Any, tenant: Any) -> None:
    def update(**fields: Any) -> list[str]:
        texts: list[str] = change(assets.update_asset, Asset, tenant.battery.id, fields)
        return texts

    model = {"soc-min": "1 kWh", "soc-max": "9 kWh"}
    assert update(flex_model=model) == [f"Updated: flex_model, From: {{}}, To: {model}"]
    assert update(flex_model={"soc-min": "1 kWh", "power-capacity": "3 kW"}) == [
        "Updated: flex_model, From: {'soc-max': '9 kWh'}, To: {'power-capacity': '3 kW'}"
    ]
    power = tenant.power.id
    assert update(sensors_to_show=[power]) == [f"Updated: sensors_to_show, From: [], To: [{power}]"]


def test_a_changed_sensor_is_written_down_once(change: Any, tenant: Any) -> None:
    texts = change(
        sensors.update_sensor,
        Sensor,
        tenant.power.id,
        {
            "name": "output",
            "unit": "kW",
            "event_resolution": timedelta(hours=1),
            "attributes": {"a": 1},
        },
    )
    assert texts == [
        f"Updated sensor 'power': {tenant.power.id}. Updated fields: "
        "Field name: name, Old value: power, New value: output; "
        "Field name: event_resolution, Old value: 0:15:00, New value: 1:00:00; "
        "Field name: attributes, Old value: {}, New value: {'a': 1}"
    ]
    assert change(sensors.update_sensor, Sensor, tenant.power.id, {"name": "output"}) == []


def test_one_attribute_is_set_and_the_others_stay(
    change: Any, tenant: Any, installation: Any
) -> None:
    battery, power = tenant.battery.id, tenant.power.id
    assert change(attributes.set_attribute, Asset, battery, "a", 1) == [
        "Updated Attr: a, From: None, To: 1"
    ]
    assert change(attributes.set_attribute, Asset, battery, "b", None) == []
    assert change(attributes.set_attribute, Sensor, power, "a", [1]) == [
        f"Updated sensor 'power': {power}. Updated fields: "
        "Field name: attributes, Old value: {}, New value: {'a': [1]}"
    ]
    change(attributes.set_attribute, Account, tenant.account.id, "a", "x")
    with installation.database.reading() as session:
        assert session.get(Asset, battery).attributes == {"a": 1, "b": None}
        (record,) = session.scalars(select(AuditLog)).all()
        assert record.event == "Account Updated, Field: attributes, From: {}, To: {'a': 'x'}"
        assert record.affected_account_id == tenant.account.id


@pytest.mark.parametrize("value", [float("nan"), "\x00", ["\ud800"]])
@pytest.mark.parametrize("of", ["account", "battery", "power"])
def test_attributes_that_cannot_be_stored(
    installation: Any, tenant: Any, of: str, value: Any
) -> None:
    entity = getattr(tenant, of)
    with installation.database.transaction() as session:
        target = session.get(type(entity), entity.id)
        with pytest.raises(InvalidInput) as caught:
            attributes.set_attribute(installation, session, target, "a", value)
    assert caught.value.field == "attributes"


def test_an_attribute_needs_a_name(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        target = session.get(Asset, tenant.battery.id)
        with pytest.raises(InvalidInput, match="empty"):
            attributes.set_attribute(installation, session, target, " ", 1)


def test_an_asset_moves_only_where_it_fits(installation: Any, tenant: Any) -> None:
    def move(child: Any, parent_id: int | None) -> None:
        with installation.database.transaction() as session:
            asset = session.get(Asset, child.id)
            assets.update_asset(installation, session, asset, {"parent_asset_id": parent_id})

    with pytest.raises(InvalidInput, match="is a part of asset"):
        move(tenant.battery, tenant.inverter.id)
    with pytest.raises(InvalidInput, match="or the same"):
        move(tenant.battery, tenant.battery.id)
    with pytest.raises(InvalidInput, match=f"belongs to account {tenant.other_account.id}"):
        move(tenant.battery, tenant.other_battery.id)
    with pytest.raises(InvalidInput, match="belongs to the public"):
        move(tenant.battery, tenant.market.id)
    with pytest.raises(NotFound, match=r"Parent asset with id 999 not found\."):
        move(tenant.battery, 999)
    move(tenant.inverter, None)
    move(tenant.battery, tenant.inverter.id)


def test_names_are_free_at_their_place_only(installation: Any, tenant: Any) -> None:
    account, kind = tenant.account.id, tenant.battery.generic_asset_type_id

    def create(name: str, account_id: int | None = account, parent_id: int | None = None) -> Asset:
        with installation.database.transaction() as session:
            return assets.create_asset(
                installation,
                session,
                name=name,
                asset_type_id=kind,
                account_id=account_id,
                parent_id=parent_id,
            )

    def refused(**at: Any) -> str:
        with pytest.raises(InvalidInput) as caught:
            create(**at)
        assert caught.value.field == "name"
        return str(caught.value)

    assert refused(name="battery") == (
        "An asset with the name 'battery' already exists as a top-level asset in account "
        f"{account}."
    )
    assert refused(name="market", account_id=None) == (
        "An asset with the name 'market' already exists as a public top-level asset."
    )
    assert refused(name="inverter", parent_id=tenant.battery.id) == (
        f"An asset with the name 'inverter' already exists under parent asset {tenant.battery.id}."
    )
    create("inverter")
    create("battery", parent_id=tenant.battery.id)
    create("battery", account_id=None)


def test_external_ids_are_unique_within_an_account(installation: Any, tenant: Any) -> None:
    def set_to(asset: Asset, external_id: str | None) -> None:
        with installation.database.transaction() as session:
            stored = session.get(Asset, asset.id)
            assets.update_asset(installation, session, stored, {"external_id": external_id})

    set_to(tenant.battery, "A-1")
    set_to(tenant.battery, "A-1")
    set_to(tenant.other_battery, "A-1")
    with pytest.raises(InvalidInput, match="An asset with the external ID 'A-1' already exists"):
        set_to(tenant.inverter, "A-1")
    set_to(tenant.battery, None)
    set_to(tenant.inverter, "A-1")


def test_deleting_takes_as_many_statements_for_a_large_tree_as_for_a_small_one(
    installation: Any, tenant: Any, statements: Any
) -> None:
    kind = tenant.battery.generic_asset_type_id

    def grow_and_delete(parts: int) -> int:
        with installation.database.transaction() as session:
            root = Asset(name="root", generic_asset_type_id=kind, account_id=tenant.account.id)
            root.child_assets = [
                Asset(
                    name=f"part {number}",
                    generic_asset_type_id=kind,
                    account_id=tenant.account.id,
                    sensors=[
                        Sensor(name=name, unit="kW", event_resolution=timedelta(hours=1))
                        for name in ("a", "b")
                    ],
                )
                for number in range(parts)
            ]
            session.add(root)
            session.flush()
            root_id = root.id
        with statements() as counted, installation.database.transaction() as session:
            assets.delete_asset(installation, session, root_id)
        with installation.database.reading() as session:
            assert session.get(Asset, root_id) is None
            assert session.scalars(select(Sensor).where(Sensor.name == "a")).all() == []
        return int(counted.number)

    assert grow_and_delete(20) == grow_and_delete(2)
