"""Which schedulers, forecasters and reporters there are, and where they are in use."""

from __future__ import annotations

from typing import Any

import pytest

from fmhost.model import Asset, Sensor
from fmhost.testing.distributions import Distribution, plugin

TANK = plugin(
    "tank",
    """
    manifest = Manifest(
        "tank",
        schedulers={
            "Tank": Driver("acme_tank.code:Tank", asset_types=["boiler", "battery"]),
            "Broken": Driver("acme_tank.missing:Broken"),
        },
        reporters={"Report": Driver("acme_tank.code:Report")},
    )
    """,
    {
        "code.py": """
            from fmhost.plugin import Scheduler

            class Tank(Scheduler):
                __author__ = "Acme"
                __version__ = "7"

                def compute(self):
                    return None

            class Report:
                def compute(self):
                    return None
        """,
    },
    version="2.5",
)

LOOSE = Distribution(
    name="acme-loose",
    version="0.7",
    files={
        "acme_loose.py": """
            from fmhost.plugin import Scheduler

            class Allowed(Scheduler):
                def compute(self):
                    return None
        """,
    },
)


@pytest.fixture
def listed(toy: Any, site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lists drivers of a kind by name."""
    site.install(TANK, LOOSE)
    monkeypatch.setenv("FMHOST_PLUGIN_CLASSES_ALLOWED", "acme_loose:Allowed")

    def drivers(kind: str) -> dict[str, Any]:
        return {driver["name"]: driver for driver in toy.json("show", kind)}

    return drivers


def test_what_a_plugin_brings(listed: Any, toy: Any) -> None:
    tank = listed("schedulers")["Tank"]
    assert tank == {
        "name": "Tank",
        "status": "ok",
        "plugin": "tank",
        "distribution": "acme-tank",
        "version": "2.5",
        "module": "acme_tank.code",
        "author": "Acme",
        "model": "Tank 7",
        "asset_types": ["boiler"],  # two plugins want the batteries, so neither has them
        "default": False,
        "uses": [],
        "problem": None,
    }
    table = toy.ok("show", "schedulers")
    assert "Tank" in table
    assert "acme-tank 2.5" in table
    assert "fmhost_storage.scheduler" in table
    forecaster = listed("forecasters")["RegressionForecaster"]
    assert (forecaster["plugin"], forecaster["default"]) == ("forecast", True)
    assert "(default)" in toy.ok("show", "forecasters")
    assert listed("reporters")["Report"]["model"] == "Report"


def test_what_cannot_be_imported_is_listed_with_the_cause(listed: Any, toy: Any) -> None:
    broken = listed("schedulers")["Broken"]
    assert (broken["status"], broken["plugin"]) == ("broken", "tank")
    assert "there is no module 'acme_tank.missing'" in broken["problem"]
    assert "there is no module 'acme_tank.missing'" in toy("show", "schedulers").stderr


def test_reporters_are_listed_like_others_and_nothing_says_so(
    toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [each["name"] for each in toy.json("show", "reporters")]
    assert names == ["PandasReporter", "AggregatorReporter", "ProfitOrLossReporter"]
    monkeypatch.setenv("FMHOST_PLUGINS_DISABLED", "report")
    assert toy.json("show", "reporters") == []
    assert "No plugin brings a reporter." in toy.ok("show", "reporters")


def test_where_a_driver_is_in_use(listed: Any, toy: Any) -> None:
    by_class = '{"module": "acme_tank.code", "class": "Tank"}'
    allowed = '{"module": "acme_loose", "class": "Allowed"}'
    toy.ok(*_edit("--sensor", "2"), "--str", "Tank")
    toy.ok(*_edit("--asset", "3"), "--dict", by_class)
    toy.ok(*_edit("--asset", "2"), "--dict", allowed)
    found = listed("schedulers")
    assert found["Tank"]["uses"] == [
        {"entity": "sensor", "id": 2, "name": "discharging", "asset": "toy-battery"},
        {"entity": "asset", "id": 3, "name": "toy-battery", "asset": "toy-battery"},
    ]
    own = found["acme_loose:Allowed"]
    assert (own["plugin"], own["distribution"], own["version"], own["status"]) == (
        *("allowed by the host", "acme-loose", "0.7"),
        "ok",
    )
    assert [use["id"] for use in own["uses"]] == [2]
    table = toy.ok("show", "schedulers")
    assert "sensor 2 (discharging of toy-battery)" in table
    assert "asset 3 (toy-battery)" in table


def test_names_of_plugins_that_are_gone(listed: Any, toy: Any, database: Any) -> None:
    toy.ok(*_edit("--sensor", "2"), "--str", "Tank")
    with database.transaction() as session:
        session.get_one(Sensor, 1).attributes = {"custom-scheduler": {"name": "Gone"}}
        session.get_one(Asset, 1).attributes = {
            "custom-scheduler": {"module": "acme_gone", "class": "Gone"},
            "custom-forecaster": ["odd"],
        }
        session.get_one(Asset, 2).attributes = {"custom-scheduler": None}
    toy.environment["FMHOST_PLUGINS_DISABLED"] = "tank"
    found = listed("schedulers")
    gone = {name: driver for name, driver in found.items() if driver["plugin"] is None}
    assert gone.keys() == {"Tank", "Gone", "acme_gone:Gone"}
    assert {driver["status"] for driver in gone.values()} == {"plugin unavailable"}
    assert "There is no scheduler named 'Tank'." in gone["Tank"]["problem"]
    assert [use["id"] for use in gone["Gone"]["uses"]] == [1]
    assert [use["entity"] for use in gone["acme_gone:Gone"]["uses"]] == ["asset"]
    assert listed("forecasters")["['odd']"]["status"] == "plugin unavailable"
    assert "plugin unavailable" in toy.ok("show", "schedulers")


def test_long_lists_of_uses_are_cut_in_the_table(listed: Any, toy: Any, database: Any) -> None:
    with database.transaction() as session:
        asset = session.get_one(Asset, 3)
        for number in range(12):
            asset.sensors.append(
                Sensor(name=f"s{number}", unit="kW", attributes={"custom-scheduler": "Tank"})
            )
    assert len(listed("schedulers")["Tank"]["uses"]) == 12
    assert "and 2 more" in toy.ok("show", "schedulers")


def _edit(*of: str) -> tuple[str, ...]:
    return ("edit", "attribute", *of, "--attribute", "custom-scheduler")
