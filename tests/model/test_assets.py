"""Rules of assets and sensors."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from fmhost.model import Account, Asset, Sensor
from fmhost.model.assets import MOVED_TO_FLEX_MODEL
from fmhost.model.database import Database
from fmhost.model.location import EARTH_RADIUS, great_circle_distance
from fmhost.model.sensors import find_closest

if TYPE_CHECKING:
    from tests.model.conftest import World

LOCATIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_attributes_of_a_sensor_come_before_those_of_its_asset() -> None:
    asset = Asset(
        attributes={"market_id": 3, "color": "red", "none": None},
        flex_model={"soc-max": "5 MWh", "power-capacity": "2 MW", "soc-unit": "MWh"},
    )
    sensor = Sensor(generic_asset=asset, attributes={"color": "blue", "capacity_in_mw": 1})
    assert sensor.get_attribute("color") == "blue"
    assert sensor.get_attribute("market_id") == 3
    assert sensor.get_attribute("max_soc_in_mwh") == "5 MWh"
    assert sensor.get_attribute("capacity_in_mw") == 1
    assert asset.get_attribute("capacity_in_mw") == "2 MW"
    assert asset.get_attribute("none", "default") is None
    assert sensor.get_attribute("missing") is None
    assert sensor.get_attribute("missing", 7) == 7


def test_only_moved_attributes_are_looked_up_in_the_flex_model() -> None:
    asset = Asset(flex_model={"soc-unit": "MWh", "soc-min": "1 MWh"})
    assert asset.get_attribute("soc-unit") is None
    assert asset.has_attribute("min_soc_in_mwh")
    assert not asset.has_attribute("soc-unit")
    assert not asset.has_attribute("max_soc_in_mwh")


@pytest.mark.parametrize(("name", "field"), MOVED_TO_FLEX_MODEL.items())
def test_attributes_of_their_own_come_before_the_flex_model(name: str, field: str) -> None:
    asset = Asset(flex_model={field: "new"})
    assert asset.get_attribute(name) == "new"
    asset.set_attribute(name, "old")
    assert asset.get_attribute(name) == "old"


def test_set_attributes_are_saved(database: Database, world: World) -> None:
    with database.transaction() as session:
        sensor = session.get_one(Sensor, world.sensor)
        sensor.set_attribute("consumption_is_positive", True)
        sensor.generic_asset.set_attribute("color", "red")
    with database.reading() as session:
        sensor = session.get_one(Sensor, world.sensor)
        assert sensor.attributes == {"consumption_is_positive": True}
        assert sensor.has_attribute("color")
        assert not sensor.has_attribute("colour")


@pytest.mark.parametrize(
    ("attributes", "never_positive", "never_negative"),
    [
        ({}, False, False),
        ({"is_producer": False}, True, False),
        ({"is_consumer": False}, False, True),
        ({"is_consumer": True, "is_producer": False}, True, False),
        ({"is_consumer": False, "is_producer": True}, False, True),
        ({"is_consumer": False, "is_producer": False}, False, False),
    ],
)
def test_signs_follow_from_what_the_device_can_do(
    attributes: dict[str, Any], never_positive: bool, never_negative: bool
) -> None:
    sensor = Sensor(generic_asset=Asset(), attributes=attributes)
    assert sensor.is_strictly_non_positive is never_positive
    assert sensor.is_strictly_non_negative is never_negative


def test_a_sensor_is_instantaneous_until_it_has_a_resolution() -> None:
    sensor = Sensor()
    assert sensor.is_instantaneous
    assert (sensor.timezone, sensor.knowledge_horizon_fnc) == ("UTC", "ex_post")
    assert sensor.knowledge_horizon_par == {"ex_post_horizon": 0}
    assert not Sensor(event_resolution=timedelta(minutes=5)).is_instantaneous


def tree(database: Database, world: World) -> dict[str, int]:
    """Site > battery > cell > atom, site > roof."""
    with database.transaction() as session:
        site = session.get_one(Asset, world.site)
        battery = session.get_one(Asset, world.battery)
        cell = Asset(name="cell", generic_asset_type=site.generic_asset_type, parent_asset=battery)
        atom = Asset(name="atom", generic_asset_type=site.generic_asset_type, parent_asset=cell)
        roof = Asset(name="roof", generic_asset_type=site.generic_asset_type, parent_asset=site)
        session.add_all([cell, atom, roof])
        session.flush()
        return {asset.name: asset.id for asset in (site, battery, cell, atom, roof)}


def test_offspring_and_ancestors(database: Database, world: World) -> None:
    ids = tree(database, world)
    with database.reading() as session:
        offspring = session.get_one(Asset, ids["site"]).offspring
        assert {asset.name for asset in offspring} == {"battery", "cell", "atom", "roof"}
        assert [asset.id for asset in offspring] == sorted(asset.id for asset in offspring)
        assert session.get_one(Asset, ids["atom"]).offspring == []
        ancestors = session.get_one(Asset, ids["atom"]).ancestors
        assert [asset.name for asset in ancestors] == ["cell", "battery", "site"]
        assert session.get_one(Asset, ids["site"]).ancestors == []


def test_offspring_of_assets_that_are_not_stored_yet() -> None:
    site = Asset(name="site")
    battery = Asset(name="battery", parent_asset=site)
    cell = Asset(name="cell", parent_asset=battery)
    assert site.offspring == [battery, cell]
    assert cell.ancestors == [battery, site]


def test_a_circle_of_parents_ends(database: Database, world: World) -> None:
    ids = tree(database, world)
    with database.transaction() as session:
        session.execute(
            update(Asset).where(Asset.id == ids["site"]).values(parent_asset_id=ids["atom"])
        )
    with database.reading() as session:
        battery = session.get_one(Asset, ids["battery"])
        assert {asset.name for asset in battery.offspring} == {"cell", "atom", "site", "roof"}
        assert [asset.name for asset in battery.ancestors] == ["site", "atom", "cell"]


def test_flex_context_is_inherited_field_by_field() -> None:
    site = Asset(flex_context={"consumption-price": "1 EUR/MWh", "site-power-capacity": "1 MW"})
    battery = Asset(parent_asset=site, flex_context={"consumption-price": "2 EUR/MWh"})
    assert battery.find_in_flex_context("consumption-price") == "2 EUR/MWh"
    assert battery.find_in_flex_context("site-power-capacity") == "1 MW"
    assert battery.find_in_flex_context("missing", "default") == "default"


def test_public_assets_have_no_account() -> None:
    assert Asset().is_public
    assert not Asset(account=Account()).is_public
    assert not Asset(account_id=3).is_public


def test_the_common_time_zone_is_that_of_all_sensors() -> None:
    assert Asset().common_timezone is None
    asset = Asset(sensors=[Sensor(timezone="Asia/Seoul"), Sensor(timezone="Asia/Seoul")])
    assert asset.common_timezone == "Asia/Seoul"
    asset.sensors.append(Sensor(timezone="UTC"))
    assert asset.common_timezone is None


def test_distances() -> None:
    amsterdam, seoul = (52.37, 4.9), (37.57, 126.98)
    assert great_circle_distance(amsterdam, seoul) == pytest.approx(8570, abs=20)
    assert Asset(latitude=52.37, longitude=4.9).distance_to(amsterdam) == 0
    assert Asset(latitude=52.37).distance_to(amsterdam) is None
    assert Asset(latitude=0, longitude=0).location == (0, 0)


@given(LOCATIONS, LOCATIONS, LOCATIONS)
def test_distance_is_a_metric(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]
) -> None:
    ab, bc, ac = (great_circle_distance(*pair) for pair in ((a, b), (b, c), (a, c)))
    assert 0 <= ab <= 3.1416 * EARTH_RADIUS
    assert ab == pytest.approx(great_circle_distance(b, a), abs=1e-6)
    assert ac <= ab + bc + 1e-3


def test_the_closest_sensors_come_first(database: Database, world: World) -> None:
    with database.transaction() as session:
        site = session.get_one(Asset, world.site)
        for name, latitude in (("far", 60.0), ("near", 51.0), ("nearer", 50.1), ("lost", None)):
            asset = Asset(
                name=name,
                generic_asset_type=site.generic_asset_type,
                latitude=latitude,
                longitude=4.0,
            )
            asset.sensors = [Sensor(name="temperature"), Sensor(name="wind speed")]
            session.add(asset)
    with database.reading() as session:
        found = find_closest(session, "building", "temperature", (50.0, 4.0), n=2)
        assert [sensor.generic_asset.name for sensor in found] == ["nearer", "near"]
        everything = find_closest(session, "building", "temperature", (50.0, 4.0), n=9)
        assert len(everything) == 3
        assert find_closest(session, "battery", "temperature", (50.0, 4.0)) == []
