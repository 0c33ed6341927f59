"""What assets say about sensors that are deleted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fmhost.model import Asset, AssetAuditLog
from fmhost.services import references


@pytest.fixture
def prune(installation: Any, tenant: Any) -> Any:
    """Gives an asset these fields, prunes, and returns the fields."""

    def prune_it(sensor_ids: set[int], asset_ids: set[int] | None = None, **fields: Any) -> Any:
        with installation.database.transaction() as session:
            asset = session.get_one(Asset, tenant.inverter.id)
            for name, value in fields.items():
                setattr(asset, name, value)
            session.flush()
            references.prune(
                installation, session, sensor_ids=sensor_ids, asset_ids=asset_ids or set()
            )
        with installation.database.reading() as session:
            asset = session.get_one(Asset, tenant.inverter.id)
            return {name: getattr(asset, name) for name in fields}

    return prune_it


def test_references_to_the_sensor_go_and_numbers_stay(prune: Any) -> None:
    kept = prune(
        {7},
        flex_context={
            "consumption-price": {"sensor": 7},
            "production-price": {"sensor": 8},
            "consumption-price-sensor": 7,
            "inflexible-device-sensors": [7, 8],
            "site-peak-consumption": 7,
            "relax-constraints": True,
            "commitments": [
                {"name": "a", "baseline": {"sensor": 7}, "up-price": "1 EUR/MWh"},
                {"name": "b", "baseline": "7 kW", "sensors": [7]},
            ],
        },
        flex_model={"soc-max": 7, "state-of-charge": {"sensor": 7}},
    )
    assert kept == {
        "flex_context": {
            "production-price": {"sensor": 8},
            "inflexible-device-sensors": [8],
            "site-peak-consumption": 7,
            "relax-constraints": True,
            "commitments": [
                {"name": "a", "up-price": "1 EUR/MWh"},
                {"name": "b", "baseline": "7 kW"},
            ],
        },
        "flex_model": {"soc-max": 7},
    }


def test_graphs_lose_the_sensor_and_empty_graphs_go(prune: Any) -> None:
    kept = prune(
        {7},
        sensors_to_show=[7, [7, 8], {"title": "x", "sensors": [7]}, {"title": "y", "sensor": 8}],
        sensors_to_show_as_kpis=[{"title": "k", "sensor": 7, "function": "sum"}],
    )
    assert kept["sensors_to_show"][0] == [8]
    assert {"title": "y", "sensor": 8} in kept["sensors_to_show"]
    assert 7 not in str(kept["sensors_to_show"]).replace("'", "").split()
    assert kept["sensors_to_show_as_kpis"] == []


def test_references_to_a_deleted_asset_go(prune: Any) -> None:
    kept = prune(set(), {99}, flex_model={"group": {"asset": 99}, "soc-min": "1 kWh"})
    assert kept == {"flex_model": {"soc-min": "1 kWh"}}


def test_each_changed_field_is_recorded_and_others_are_not(
    prune: Any, installation: Any, tenant: Any
) -> None:
    prune({7}, flex_context={"consumption-price": {"sensor": 7}}, flex_model={"soc-min": 7})
    with installation.database.reading() as session:
        records = session.scalars(select(AssetAuditLog)).all()
    (record,) = records
    assert record.event.startswith("Updated: flex_context, From: ")
    assert record.affected_asset_id == tenant.inverter.id
    assert record.event_datetime == installation.now()
