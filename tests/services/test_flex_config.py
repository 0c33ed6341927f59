"""Flex-context and flex-model of an asset: what can be stored, and what is said about the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fmhost.errors import InvalidInput
from fmhost.model import Asset, AssetType, Sensor, User
from fmhost.services import assets


@pytest.fixture
def ids(installation: Any, tenant: Any) -> dict[str, int]:
    """Ids by the names that the cases below use."""
    with installation.database.transaction() as session:
        asset = session.get(Asset, tenant.battery.id)

        def sensor(name: str, unit: str) -> int:
            made = Sensor(
                name=name, unit=unit, generic_asset=asset, event_resolution=timedelta(hours=1)
            )
            session.add(made)
            session.flush()
            return made.id

        return {
            "POWER": tenant.power.id,
            "LEVEL": tenant.level.id,
            "STATUS": tenant.status.id,
            "PRICES": tenant.prices.id,
            "FOREIGN": tenant.other_power.id,
            "DOLLARS": sensor("dollars", "USD/MWh"),
            "CARBON": sensor("carbon", "kg/MWh"),
            "TEMPERATURE": sensor("temperature", "°C"),
            "CAPACITY": sensor("capacity", "EUR/kW"),
            "BATTERY": tenant.battery.id,
            "OTHER_BATTERY": tenant.other_battery.id,
        }


@pytest.fixture
def save(installation: Any, tenant: Any, ids: dict[str, int]) -> Any:
    """Stores fields of the battery in the name of a user, and returns them as they are stored."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [filled(part) for part in value]
        return ids.get(value, value) if isinstance(value, str) else value

    def store(who: User | None = tenant.member, **changes: Any) -> Any:
        with installation.database.transaction() as session:
            asset = session.get(Asset, tenant.battery.id)
            actor = session.get(User, who.id) if who is not None else None
            assets.update_asset(installation, session, asset, filled(changes), actor=actor)
            return {name: getattr(asset, name) for name in changes}

    return store


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"consumption-price": {"sensor": "PRICES"}},
        {"consumption-price": {"sensor": "CARBON"}},
        {"consumption_price": {"sensor": "PRICES"}},
        {
            "production-price": {
                "sensor": "PRICES",
                "source-types": ["market"],
                "default": "0 EUR/MWh",
            }
        },
        {"consumption-price-sensor": "PRICES", "production-price-sensor": "PRICES"},
        {"inflexible-device-sensors": ["POWER", "LEVEL"]},
        {"inflexible-consumption": [{"sensor": "POWER"}], "inflexible-production": []},
        {"site-power-capacity": "100 kW", "site-consumption-capacity": {"sensor": "POWER"}},
        {"site-production-capacity": 0.5},
        {"site-consumption-breach-price": "100 EUR/kW"},
        {"site-peak-consumption": "10 kW", "site-peak-consumption-price": {"sensor": "CAPACITY"}},
        {"soc-minima-breach-price": "100 EUR/kWh"},
        {"relax-constraints": True, "relax-soc-constraints": False},
        {"commitments": [{"name": "a", "baseline": "1 kW", "up-price": "1 EUR/MWh"}]},
        {"aggregate-power": {"sensor": "POWER"}, "commodity": "electricity"},
    ],
)
def test_sound_contexts_are_stored(save: Any, context: Any) -> None:
    assert save(flex_context=context)["flex_context"].keys() == context.keys()


@pytest.mark.parametrize(
    ("context", "field", "message"),
    [
        ([], "flex_context", "Flex_context should be a dict."),
        ({"consumption-prize": 3}, "consumption-prize", "Unknown field."),
        (
            {"consumption-price": "100 EUR/MWh"},
            "consumption-price",
            "Fixed prices are not currently supported for consumption-price in flex-context fields",
        ),
        (
            {"production-price": 3},
            "production-price",
            "Fixed prices are not currently supported for production-price in flex-context fields",
        ),
        (
            {"site-power-capacity": [{"value": "1 kW", "start": "2026-01-01T00:00Z"}]},
            "site-power-capacity",
            "A series of values cannot be stored in the field 'site-power-capacity'.",
        ),
        (
            {"consumption-price": {"sensor": "POWER"}},
            "consumption-price",
            "Energy price field 'consumption-price' must have an energy price unit.",
        ),
        (
            {"consumption-price-sensor": "POWER"},
            "consumption-price-sensor",
            "Energy price field 'consumption-price-sensor' must have an energy price unit.",
        ),
        (
            {"site-consumption-breach-price": "3 EUR/MWh"},
            "site-consumption-breach-price",
            "Capacity price field 'site-consumption-breach-price' must have a capacity price unit.",
        ),
        (
            {"site-power-capacity": "3 kWh"},
            "site-power-capacity",
            "Power field 'site-power-capacity' must have a power unit.",
        ),
        (
            {"site-power-capacity": {"sensor": "TEMPERATURE"}},
            "site-power-capacity",
            "Power field 'site-power-capacity' must have a power unit.",
        ),
        ({"site-power-capacity": "much"}, "site-power-capacity", "Cannot convert value 'much'"),
        ({"site-power-capacity": None}, "site-power-capacity", "Cannot convert value"),
        ({"site-power-capacity": True}, "site-power-capacity", "Cannot convert value"),
        (
            {"site-power-capacity": {"sensor": "POWER", "foo": 1}},
            "site-power-capacity.foo",
            "Unknown field.",
        ),
        (
            {"site-power-capacity": {"sensor": "x"}},
            "site-power-capacity.sensor",
            "Not a valid integer.",
        ),
        ({"site-power-capacity": {}}, "site-power-capacity", "Not a reference to a sensor."),
        (
            {"inflexible-device-sensors": ["TEMPERATURE"]},
            "inflexible-device-sensors",
            "must have a power or energy unit.",
        ),
        ({"inflexible-device-sensors": 3}, "inflexible-device-sensors", "Not a valid list."),
        ({"inflexible-consumption": {}}, "inflexible-consumption", "Not a valid list."),
        ({"relax-constraints": "yes"}, "relax-constraints", "Not a valid boolean."),
        ({"commodity": 3}, "commodity", "Not a valid string."),
        ({"aggregate-power": 3}, "aggregate-power", "Not a reference to a sensor."),
        (
            {"consumption-price": {"sensor": "PRICES"}, "consumption-price-sensor": "PRICES"},
            "consumption-price",
            "Must pass either consumption-price or consumption-price-sensor.",
        ),
        (
            {"production-price": {"sensor": "PRICES"}, "consumption-price-sensor": "PRICES"},
            "consumption-price-sensor",
            'Please switch to using `consumption-price: {"sensor": ',
        ),
        (
            {"consumption-price": {"sensor": "PRICES"}, "production-price": {"sensor": "DOLLARS"}},
            "production-price",
            "Invalid unit. A valid unit would be, for example, 'EUR/MWh'",
        ),
        (
            {
                "consumption-price": {"sensor": "PRICES"},
                "site-consumption-breach-price": "1 USD/kW",
            },
            "site-consumption-breach-price",
            "all prices in the flex-context must share the same currency unit",
        ),
        (
            {"inflexible-device-sensors": ["POWER"], "inflexible-consumption": []},
            "inflexible-device-sensors",
            "Must pass either inflexible-device-sensors (deprecated) or "
            "inflexible-consumption/inflexible-production.",
        ),
        (
            {
                "inflexible-consumption": [{"sensor": "POWER"}],
                "inflexible-production": [{"sensor": "POWER"}],
            },
            "inflexible-production",
            "may only be listed once across",
        ),
    ],
)
def test_contexts_that_are_refused(save: Any, context: Any, field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(flex_context=context)
    assert message in str(caught.value)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "model",
    [
        {"soc-min": "10 kWh", "soc-max": 0.09, "soc-at-start": {"sensor": "LEVEL"}},
        {"soc-unit": "kWh", "roundtrip-efficiency": "90%", "storage-efficiency": 0.99},
        {"soc-gain": ["1 kW", {"sensor": "POWER"}], "soc-usage": {"sensor": "POWER"}},
        {"state-of-charge": {"sensor": "LEVEL"}, "prefer-charging-sooner": False},
        {"coupling": "a", "coupling-coefficient": 1.5, "group": {"asset": "BATTERY"}},
        {"duration": "PT2H", "power": 3, "process-type": "BREAKABLE"},
    ],
)
def test_sound_models_are_stored(save: Any, model: Any) -> None:
    assert save(flex_model=model)["flex_model"].keys() == model.keys()


@pytest.mark.parametrize(
    ("model", "field", "message"),
    [
        ({"soc-mim": 3}, "soc-mim", "Unknown field."),
        ({"soc-min": "3 kW"}, "soc-min", "Energy field 'soc-min' must have an energy unit."),
        ({"power-capacity": "3 foo"}, "power-capacity", ""),
        ({"roundtrip-efficiency": "3 kW"}, "roundtrip-efficiency", "must have a ratio unit."),
        (
            {"charging-efficiency": 1, "roundtrip-efficiency": 1},
            "charging-efficiency",
            "Fields `charging_efficiency` and `roundtrip_efficiency` are mutually exclusive.",
        ),
        ({"soc-gain": ["1 kWh"]}, "soc-gain.0", "Power field 'soc-gain.0' must have a power unit."),
        ({"soc-minima": [{"value": 1}]}, "soc-minima", "A series of values cannot be stored"),
        ({"state-of-charge": "3 kWh"}, "state-of-charge", "Not a reference to a sensor."),
        ({"coupling-coefficient": "x"}, "coupling-coefficient", "Not a valid number."),
        ({"duration": "two hours"}, "duration", "two hours"),
        ({"duration": 3}, "duration", "Not a valid string."),
        ({"group": {"asset": "OTHER_BATTERY"}}, "group.asset", "No asset found with ID"),
    ],
)
def test_models_that_are_refused(save: Any, model: Any, field: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(flex_model=model)
    assert message in str(caught.value)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"flex_context": {"production-price": {"sensor": "FOREIGN"}}}, "production-price.sensor"),
        ({"flex_context": {"production-price-sensor": "FOREIGN"}}, "production-price-sensor"),
        (
            {"flex_context": {"inflexible_device_sensors": ["POWER", "FOREIGN"]}},
            "inflexible_device_sensors.1",
        ),
        (
            {"flex_context": {"commitments": [{"name": "a", "sensors": ["FOREIGN"]}]}},
            "commitments.0.sensors.0",
        ),
        ({"flex_model": {"state-of-charge": {"sensor": "FOREIGN"}}}, "state-of-charge.sensor"),
        ({"sensors_to_show": ["POWER", ["FOREIGN"]]}, "sensors_to_show"),
        (
            {"sensors_to_show": [{"title": "x", "plots": [{"sensor": "FOREIGN"}]}]},
            "sensors_to_show",
        ),
        (
            {"sensors_to_show": [{"plots": [{"asset": "OTHER_BATTERY", "flex-model": "soc-min"}]}]},
            "sensors_to_show",
        ),
        (
            {"sensors_to_show_as_kpis": [{"title": "x", "sensor": "FOREIGN"}]},
            "sensors_to_show_as_kpis",
        ),
        ({"attributes": {"market_id": "FOREIGN"}}, "attributes.market_id"),
        ({"attributes": {"sensors_to_show": ["FOREIGN"]}}, "attributes.sensors_to_show.0"),
        ({"attributes": {"x": {"y": {"sensor": "FOREIGN"}}}}, "attributes.x.y.sensor"),
        (
            {"attributes": {"consumption-price-sensor": "FOREIGN"}},
            "attributes.consumption-price-sensor",
        ),
        (
            {"attributes": {"x": {"config": {"future-regressors": ["POWER", "FOREIGN"]}}}},
            "attributes.x.config.future-regressors.1",
        ),
    ],
)
def test_sensors_of_others_are_reported_like_those_that_do_not_exist(
    save: Any, ids: dict[str, int], changes: Any, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        save(**changes)
    assert caught.value.field == field
    foreign = str(caught.value)
    kind, number = (
        ("asset", ids["OTHER_BATTERY"]) if "asset" in foreign else ("sensor", ids["FOREIGN"])
    )
    assert foreign == f"No {kind} found with ID {number}."
    ids |= {"FOREIGN": 2**40, "OTHER_BATTERY": 999}
    with pytest.raises(InvalidInput) as caught:
        save(**changes)
    assert caught.value.field == field
    assert str(caught.value).startswith(f"No {kind} found with ID ")


def test_what_somebody_else_has_stored_keeps_nobody_from_changing_the_rest(
    save: Any, tenant: Any
) -> None:
    context = {"inflexible-device-sensors": ["FOREIGN"]}
    show = ["FOREIGN"]
    save(tenant.admin, flex_context=context, sensors_to_show=show)
    save(
        flex_context={**context, "site-power-capacity": "3 kW"},
        sensors_to_show=[*show, "POWER"],
    )
    with pytest.raises(InvalidInput, match="No sensor found"):
        save(flex_context={"inflexible-device-sensors": ["FOREIGN", "POWER"]})


def test_the_operator_may_name_everything_that_exists(save: Any) -> None:
    save(None, flex_context={"inflexible-device-sensors": ["FOREIGN"]})
    with pytest.raises(InvalidInput, match=r"No sensor found with ID 999\."):
        save(None, sensors_to_show=[999])


def test_more_references_than_anybody_means_are_refused(save: Any) -> None:
    with pytest.raises(InvalidInput, match="More than 1000 sensors and assets are named"):
        save(sensors_to_show=[[1] * 1001])


def test_key_figures_come_from_daily_sensors(save: Any, installation: Any, ids: Any) -> None:
    with pytest.raises(InvalidInput, match=r"one day \(P1D\)") as caught:
        save(sensors_to_show_as_kpis=[{"title": "x", "sensor": "POWER"}])
    assert caught.value.field == "sensors_to_show_as_kpis.0.sensor"
    with installation.database.transaction() as session:
        session.get(Sensor, ids["POWER"]).event_resolution = timedelta(days=1)
    save(sensors_to_show_as_kpis=[{"title": "x", "sensor": "POWER"}])


def test_schedulers_of_plugins_may_have_fields_of_their_own(
    save: Any, installation: Any, tenant: Any
) -> None:
    """Where a scheduler is named, or the type of the asset is a plugin's."""
    own = {"tank-colour": "red", "soc-min": "3 kWh"}
    save(attributes={"custom-scheduler": "StorageScheduler"}, flex_model=own)
    save(attributes={}, flex_model={})
    with pytest.raises(InvalidInput, match="Unknown field"):
        save(flex_model=own)
    with installation.database.transaction() as session:
        session.get(AssetType, tenant.battery.generic_asset_type_id).name = "tank"
    save(flex_model=own)
    with pytest.raises(InvalidInput, match="Energy field 'soc-min'"):
        save(flex_model={"soc-min": "3 kW"})
