"""The attributes custom-scheduler and custom-forecaster: checked whenever they are saved."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.errors import InvalidInput
from fmhost.jobs.execute import execute
from fmhost.model import Asset, Job, Sensor, Source
from fmhost.services import assets, attributes, schedules, sensors
from fmhost.services.driver_attributes import parse
from fmhost.services.selection import choose
from fmhost.testing.distributions import Distribution, plugin

TANK = plugin(
    "tank",
    """
    manifest = Manifest(
        "tank",
        schedulers={
            "Tank": Driver("acme_tank.code:Tank"),
            "Bare": Driver("acme_tank.code:Bare"),
            "Odd": Driver("acme_tank.code:Odd"),
            "Broken": Driver("acme_tank.broken:Broken"),
        },
        forecasters={"Level": Driver("acme_tank.code:Level")},
    )
    """,
    {
        "code.py": """
            from marshmallow import Schema, fields, validate

            from fmhost.plugin import Forecaster, InvalidInput, Scheduler


            class Pump(Schema):
                power = fields.Float(required=True)


            class TankConfig(Schema):
                size = fields.Float(required=True, validate=validate.Range(min=0))
                colour = fields.String(load_default="grey")
                pumps = fields.List(fields.Nested(Pump))


            class OddConfig(Schema):
                def load(self, data, **options):
                    raise RuntimeError("boom")


            class Tank(Scheduler):
                config_schema = TankConfig

                def compute(self):
                    return [self.config["size"]] * 4


            class Bare(Scheduler):
                def compute(self):
                    return None


            class Odd(Scheduler):
                config_schema = OddConfig

                def compute(self):
                    return None


            class Level(Forecaster):
                config_schema = Pump

                def compute(self):
                    return []
        """,
        "broken.py": "import no_such_module_anywhere",
    },
    version="2.5",
)

#: Modules that no plugin offers; each leaves a trace where it is imported.
LOOSE = Distribution(
    name="acme-loose",
    version="0.7",
    files={
        "acme_loose/__init__.py": "",
        "acme_loose/allowed.py": """
            from fmhost.plugin import Scheduler

            class Allowed(Scheduler):
                def compute(self):
                    return None

            class NotAllowed(Scheduler):
                def compute(self):
                    return None

            no_class = 3
        """,
        "acme_loose/forbidden.py": "class Evil: ...",
    },
)

ALLOWED = ["acme_loose.allowed:Allowed", "acme_loose.allowed:no_class"]


@pytest.fixture
def installation(site: Any, open_installation: Any) -> Any:
    site.install(TANK, LOOSE)
    return open_installation(FMHOST_PLUGIN_CLASSES_ALLOWED=ALLOWED)


def refusal(installation: Any, tenant: Any, saved: dict[str, Any]) -> InvalidInput:
    """The one error of all paths on which attributes of a sensor and of an asset are saved."""
    errors = []
    for save in (_create_asset, _update_asset, _create_sensor, _update_sensor, _set_attribute):
        with pytest.raises(InvalidInput) as caught, installation.database.transaction() as session:
            save(installation, session, tenant, saved)
        errors.append(caught.value)
    assert len({(error.field, str(error)) for error in errors}) == 1
    return errors[0]


def _create_asset(installation: Any, session: Any, tenant: Any, saved: Any) -> Any:
    kind = session.get(Asset, tenant.battery.id).generic_asset_type_id
    return assets.create_asset(
        installation, session, name="new", asset_type_id=kind, attributes=saved
    )


def _update_asset(installation: Any, session: Any, tenant: Any, saved: Any) -> Any:
    asset = session.get(Asset, tenant.battery.id)
    return assets.update_asset(installation, session, asset, {"attributes": saved})


def _create_sensor(installation: Any, session: Any, tenant: Any, saved: Any) -> Any:
    return sensors.create_sensor(
        installation,
        session,
        name="new",
        unit="kW",
        event_resolution=timedelta(minutes=15),
        asset_id=tenant.battery.id,
        attributes=saved,
    )


def _update_sensor(installation: Any, session: Any, tenant: Any, saved: Any) -> Any:
    sensor = session.get(Sensor, tenant.power.id)
    return sensors.update_sensor(installation, session, sensor, {"attributes": saved})


def _set_attribute(installation: Any, session: Any, tenant: Any, saved: Any) -> Any:
    ((name, value),) = saved.items()
    sensor = session.get(Sensor, tenant.power.id)
    attributes.set_attribute(installation, session, sensor, name, value)


@pytest.mark.parametrize("value", ["Tanc", {"name": "Tanc"}])
def test_an_unknown_name_is_refused_with_those_that_exist(
    installation: Any, tenant: Any, value: Any
) -> None:
    error = refusal(installation, tenant, {"custom-scheduler": value})
    assert error.field == "attributes.custom-scheduler"
    assert "Attribute 'custom-scheduler': There is no scheduler named 'Tanc'." in str(error)
    assert "Bare, Broken, Odd" in str(error)
    assert "StorageScheduler" in str(error)
    error = refusal(installation, tenant, {"custom-forecaster": "Tank"})
    assert error.field == "attributes.custom-forecaster"
    assert "Level" in str(error)


@pytest.mark.parametrize(
    ("config", "field", "text"),
    [
        ({}, "config.size", "size: Missing data for required field."),
        ({"size": "big"}, "config.size", "size: Not a valid number."),
        ({"size": -1}, "config.size", "size: Must be greater than or equal to 0."),
        ({"size": 1, "shape": 2}, "config.shape", "shape: Unknown field."),
        ({"size": 1, "pumps": [{"power": 1}, {}]}, "config.pumps.1.power", "pumps.1.power: Miss"),
        ([1], "config", "The config must be an object."),
    ],
)
def test_the_config_is_checked_by_the_schema_of_the_scheduler(
    installation: Any, tenant: Any, config: Any, field: str, text: str
) -> None:
    error = refusal(installation, tenant, {"custom-scheduler": {"name": "Tank", "config": config}})
    assert error.field == f"attributes.custom-scheduler.{field}"
    assert text in str(error)


def test_a_name_alone_lacks_what_the_schema_requires(installation: Any, tenant: Any) -> None:
    error = refusal(installation, tenant, {"custom-scheduler": "Tank"})
    assert error.field == "attributes.custom-scheduler.config.size"
    error = refusal(installation, tenant, {"custom-forecaster": "Level"})
    assert error.field == "attributes.custom-forecaster.config.power"


def test_no_schema_means_no_config(installation: Any, tenant: Any) -> None:
    wanted = {"name": "Bare", "config": {"size": 1}}
    error = refusal(installation, tenant, {"custom-scheduler": wanted})
    assert error.field == "attributes.custom-scheduler.config"
    assert "The scheduler 'Bare' takes no config." in str(error)


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        (3, "", "must be a name or an object"),
        ("", "", "must be a name or an object"),
        ([], "", "must be a name or an object"),
        ({"name": 3}, "", "must be a name or an object"),
        ({"name": "Bare", "class": "Bare"}, "", "must be a name or an object"),
        ({"nam": "Tank"}, ".nam", "Unknown field."),
        ({}, "", "scheduler specs have no 'class'."),
        ({"class": "Tank"}, "", "scheduler specs have no 'module'."),
        ({"class": "Tank", "module": 3}, ".module", "Not a valid string."),
        ({"module": "acme_loose.forbidden", "class": "Evil"}, "", "is not a registered scheduler"),
        ({"module": "acme_loose.allowed", "class": "NotAllowed"}, "", "is not a registered"),
        ({"module": "/etc/evil.py", "class": "Evil"}, "", "is not a registered scheduler"),
        ({"module": "acme_loose.allowed", "class": "no_class"}, "", "is no class"),
        ("Broken", "", "no_such_module_anywhere"),
        ("Odd", "", "the config_schema of Odd fails: RuntimeError: boom."),
    ],
)
def test_what_cannot_be_used_is_not_saved(
    installation: Any, tenant: Any, value: Any, field: str, text: str
) -> None:
    error = refusal(installation, tenant, {"custom-scheduler": value})
    assert error.field == f"attributes.custom-scheduler{field}"
    assert text in str(error)


def test_naming_a_module_does_not_import_it(installation: Any, tenant: Any) -> None:
    value = {"module": "acme_loose.forbidden", "class": "Evil"}
    refusal(installation, tenant, {"custom-scheduler": value})
    with installation.database.reading() as session:
        sensor = session.get(Sensor, tenant.power.id)
        sensor.attributes = {"custom-scheduler": value}  # as if it had been stored before
        with pytest.raises(InvalidInput, match="not a registered scheduler"):
            choose(installation, "scheduler", sensor)
    assert not [name for name in sys.modules if name.startswith("acme_loose")]


def test_registered_and_allowed_classes_are_taken_by_their_path(
    installation: Any, tenant: Any
) -> None:
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        for module, name, distribution in (
            ("acme_tank.code", "Bare", ("acme-tank", "2.5")),
            ("acme_loose.allowed", "Allowed", ("acme-loose", "0.7")),
        ):
            value = {"module": module, "class": name}
            sensors.update_sensor(
                installation, session, sensor, {"attributes": {"custom-scheduler": value}}
            )
            choice = choose(installation, "scheduler", sensor)
            assert choice.driver.__name__ == name
            found = choice.provenance
            assert (found.distribution, found.version) == distribution


def test_the_scheduler_gets_the_config_as_its_schema_loads_it(
    installation: Any, tenant: Any
) -> None:
    value = {"name": "Tank", "config": {"size": "3.5"}}
    with installation.database.transaction() as session:
        asset = session.get(Asset, tenant.battery.id)
        assets.update_asset(
            installation, session, asset, {"attributes": {"custom-scheduler": value}}
        )
    with installation.database.reading() as session:
        for sensor_id in (tenant.power.id, tenant.status.id):  # its own, and that of its child
            choice = choose(installation, "scheduler", session.get(Sensor, sensor_id))
            assert choice.config == {"size": 3.5, "colour": "grey"}
            assert choice.reason == f"attribute custom-scheduler of asset {tenant.battery.id}"


def test_null_is_no_choice(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        attributes.set_attribute(installation, session, sensor, "custom-scheduler", None)
        assert choose(installation, "scheduler", sensor).reason == "asset type battery"


def test_what_is_stored_already_keeps_nobody_from_changing_the_rest(
    installation: Any, tenant: Any
) -> None:
    stored = {"custom-scheduler": "Gone"}
    with installation.database.transaction() as session:
        asset = session.get(Asset, tenant.battery.id)
        asset.attributes = stored
        session.flush()
        changes = {"attributes": {**stored, "colour": "red"}}
        assets.update_asset(installation, session, asset, changes)
        assert asset.attributes == {**stored, "colour": "red"}
        changes = {"attributes": {"custom-scheduler": "Gone too"}}
        with pytest.raises(InvalidInput, match="There is no scheduler named 'Gone too'"):
            assets.update_asset(installation, session, asset, changes)


def test_jobs_and_sources_carry_distribution_and_version(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        sensor = session.get(Sensor, tenant.power.id)
        value = {"name": "Tank", "config": {"size": 2}}
        attributes.set_attribute(installation, session, sensor, "custom-scheduler", value)
        job = schedules.trigger(
            installation,
            session,
            target=sensor,
            start=datetime(2026, 3, 2, 12, tzinfo=UTC),
            duration=timedelta(hours=1),
        )
        job_id = job.id
        assert job.provenance == {
            "plugin": "tank",
            "distribution": "acme-tank",
            "version": "2.5",
            "name": "Tank",
        }
    execute(installation, job_id, worker="test")
    with installation.database.reading() as session:
        done = session.get(Job, job_id)
        source = session.get(Source, done.result["source_id"])
        assert source.attributes == {"distribution": "acme-tank", "distribution_version": "2.5"}
        assert (source.type, source.model) == ("scheduler", "Tank")


def test_the_older_form_takes_a_config_too() -> None:
    found = parse("scheduler", {"module": "a.b", "class": "C", "config": {"d": 1}})
    assert (found.name, found.target, found.config) == (None, "a.b:C", {"d": 1})
