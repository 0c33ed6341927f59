"""Which sensors and assets a change of the plugins would leave without their driver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fmhost.host.host import Composition, Host
from fmhost.model import Account, Asset, AssetType, Sensor
from fmhost.model.database import Database
from fmhost.services.plugin_plan import (
    Change,
    Orphan,
    Plan,
    TypeChange,
    after,
    compare,
    with_entities,
)
from fmhost.testing.databases import KINDS, Kind, fresh_database
from fmhost.testing.distributions import Site, plugin

TANK = plugin(
    "tank",
    "manifest = Manifest('tank', forecasters={'Level': Driver('acme_tank.code:Level')}, "
    "schedulers={'Tank': Driver('acme_tank.code:Tank', asset_types=['boiler'])})",
)
DEFAULTS = {"scheduler": None, "forecaster": "RegressionForecaster"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    with site.active():
        site.install(TANK)
        yield site


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    kind: Kind = request.param
    with fresh_database(kind) as database:
        yield database


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """A boiler with sensors that name the drivers in every way, and one that names another."""
    with database.transaction() as session:
        boiler_type = AssetType(name="boiler")
        account = Account(name="Acme")
        named = Asset(
            name="Boiler",
            generic_asset_type=boiler_type,
            account=account,
            attributes={"custom-forecaster": "Level"},
        )
        public = Asset(name="Lake", generic_asset_type=AssetType(name="lake"))

        def sensor(name: str, asset: Asset, **attributes: object) -> Sensor:
            return Sensor(
                name=name,
                unit="kW",
                generic_asset=asset,
                event_resolution=timedelta(minutes=15),
                attributes={key.replace("_", "-"): value for key, value in attributes.items()},
            )

        by_class = {"module": "acme_tank.code", "class": "Tank"}
        sensors = [
            sensor("by name", named, custom_scheduler="Tank"),
            sensor("with config", named, custom_scheduler={"name": "Tank", "config": {"a": 1}}),
            sensor("by class", public, custom_scheduler=by_class),
            sensor("another", public, custom_scheduler="StorageScheduler"),
            sensor("odd", public, custom_scheduler=[1]),
            sensor("none", public),
        ]
        session.add_all(sensors)
        session.flush()
        return {each.name: each.id for each in sensors} | {
            "Boiler": named.id,
            "account": account.id,
        }


def plan(database: Database, before: Host, change: Change) -> Plan:
    then = after(before, change)
    with database.reading() as session:
        return with_entities(compare(before, then), session, before, then, DEFAULTS)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("change", [Change(uninstall=["tank"]), Change(disable=["tank"])])
def test_every_reference_to_a_vanishing_driver_is_an_orphan(
    change: Change, database: Database, ids: dict[str, int]
) -> None:
    found = plan(database, Host(), change)
    acme = ids["account"]
    assert found.orphans == [
        Orphan("sensor", ids["by name"], "by name", "Boiler", acme, "scheduler", "Tank"),
        Orphan("sensor", ids["with config"], "with config", "Boiler", acme, "scheduler", "Tank"),
        Orphan("sensor", ids["by class"], "by class", "Lake", None, "scheduler", "Tank"),
        Orphan("asset", ids["Boiler"], "Boiler", "Boiler", acme, "forecaster", "Level"),
    ]
    assert found.types == [TypeChange("boiler", "scheduler", "Tank", None, 1)]
    assert found.harms


@pytest.mark.usefixtures("site", "ids")
def test_what_nobody_uses_can_go_without_harm(database: Database) -> None:
    found = plan(database, Host(), Change(disable=["ui"]))
    assert found.orphans == []
    assert found.types == []
    assert not found.harms


@pytest.mark.usefixtures("site", "ids")
def test_a_plugin_that_comes_back_serves_its_types_again(database: Database) -> None:
    found = plan(database, Host(Composition(disabled=["tank"])), Change(enable=["tank"]))
    assert found.orphans == []
    assert found.types == [TypeChange("boiler", "scheduler", None, "Tank", 1)]
    assert not found.harms
