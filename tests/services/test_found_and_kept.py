"""What is found for a request, and stays usable after it."""

from __future__ import annotations

from typing import Any

from fmhost.model.sources import get_or_create_source
from fmhost.services.lookup import find_sensor_and_source


def test_a_sensor_comes_with_the_source_of_who_enters_data(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        found = find_sensor_and_source(session, tenant.power.id, tenant.member)
        assert found is not None
        assert found[1] is None
        # Neither what others enter nor what was computed in the user's name.
        get_or_create_source(session, tenant.clerk)
        get_or_create_source(session, tenant.member, model="script")
        assert find_sensor_and_source(session, tenant.power.id, tenant.member) == (found[0], None)
        entered = get_or_create_source(session, tenant.member)
        assert find_sensor_and_source(session, tenant.power.id, tenant.member) == (
            found[0],
            entered,
        )
        assert find_sensor_and_source(session, 999, tenant.member) is None


def test_plugins_can_look_at_the_asset_after_the_commit(installation: Any, tenant: Any) -> None:
    with installation.database.reading() as session:
        found = find_sensor_and_source(session, tenant.power.id, tenant.member)
    assert found is not None
    asset = found[0].generic_asset
    assert (asset.name, asset.account.name) == ("battery", "Acme")
    assert (asset.flex_context, asset.flex_model, asset.sensors_to_show) == ({}, {}, [])
