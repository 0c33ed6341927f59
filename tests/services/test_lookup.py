"""Lists of assets and sensors: what is asked for, and never more than may be read."""

from __future__ import annotations

import pytest

from fmhost.model import User
from fmhost.services import lookup
from fmhost.services.entity_lists import AssetScope, SensorScope, list_assets, list_sensors


@pytest.fixture
def assets(installation, tenant):
    def names(who: User, **options):
        with installation.database.reading() as session:
            scope = AssetScope(**options)
            found = list_assets(session, session.get(User, who.id), scope).entries
            return [(asset.account_id, asset.name) for asset in found]

    return names


@pytest.fixture
def sensors(installation, tenant):
    def ids(who: User, *, asset=None, **options):
        with installation.database.reading() as session:
            chosen = lookup.find_asset(session, asset.id) if asset else None
            scope = SensorScope(asset=chosen, **options)
            found = list_sensors(session, session.get(User, who.id), scope).entries
            return [sensor.id for sensor in found]

    return ids


def test_assets_of_the_own_account(assets, tenant):
    own = tenant.account.id
    assert assets(tenant.member) == [(own, "battery"), (own, "inverter")]


def test_assets_with_public_ones(assets, tenant):
    assert (None, "market") in assets(tenant.member, include_public=True)


def test_all_accessible_assets(assets, tenant):
    assert len(assets(tenant.admin, all_accessible=True)) == 4
    assert len(assets(tenant.consultant, all_accessible=True)) == 3
    assert assets(tenant.clerk, all_accessible=True) == [(None, "market")]


def test_assets_of_an_account_that_may_not_be_read_are_not_found(assets, tenant):
    assert assets(tenant.member, account_id=tenant.other_account.id) == []


def test_sensors_of_the_own_account(sensors, tenant):
    assert sensors(tenant.member) == [tenant.power.id, tenant.level.id, tenant.status.id]


def test_sensors_below_an_asset(sensors, tenant):
    assert sensors(tenant.member, asset=tenant.inverter) == [tenant.status.id]
    assert sensors(tenant.member, asset=tenant.battery) == sensors(tenant.member)
    assert sensors(tenant.member, asset=tenant.other_battery) == []


def test_sensors_of_public_assets_and_of_clients(sensors, tenant):
    assert tenant.prices.id in sensors(tenant.member, include_public=True)
    assert sensors(tenant.consultant) == []
    assert sensors(tenant.consultant, include_clients=True) == sensors(tenant.member)
    assert sensors(tenant.clerk, include_clients=True) == []


def test_sensors_with_a_unit(sensors, tenant):
    assert sensors(tenant.member, unit="kWh") == [tenant.level.id]


def test_the_family_of_an_asset_leaves_out_what_may_not_be_read(installation, tenant):
    with installation.database.transaction() as session:
        lookup.find_asset(session, tenant.other_battery.id).parent_asset_id = tenant.inverter.id
    with installation.database.reading() as session:
        for who, names in ((tenant.member, ["inverter"]), (tenant.admin, ["inverter", "battery"])):
            user, asset = session.get(User, who.id), lookup.find_asset(session, tenant.battery.id)
            assert [each.name for each in lookup.family_of(session, user, asset)] == names
