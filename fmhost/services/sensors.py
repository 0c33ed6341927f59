"""Sensors: create, find, change, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.domain import units
from fmhost.domain.knowledge import knowledge_rule
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput, NotFound, UnitMismatch
from fmhost.model import Sensor, User, beliefs
from fmhost.schemas.entity_addresses import NamingAuthority
from fmhost.services import asset_content, audit, checks, references
from fmhost.services.assets import get_asset
from fmhost.services.installation import Installation

#: Fields of a sensor that can be changed.
_CHANGEABLE = (
    *("name", "unit", "timezone", "event_resolution", "attributes"),
    *("knowledge_horizon_fnc", "knowledge_horizon_par"),
)


def create_sensor(
    installation: Installation,
    session: Session,
    *,
    name: str,
    unit: str,
    event_resolution: timedelta,
    asset_id: int,
    timezone: str | None = None,
    attributes: Any = None,
    knowledge_horizon: tuple[str, Mapping[str, Any] | None] | None = None,
    actor: User | None = None,
) -> Sensor:
    """Create a sensor.

    :param unit: such as ``MW`` or ``EUR/MWh``; empty for a number without unit.
    :param event_resolution: length of its events; zero for moments.
    :param timezone: IANA name; default ``FLEXMEASURES_TIMEZONE``.
    :param attributes: a JSON object.
    :param knowledge_horizon: name and parameters of the function that tells when an event is
        known; default: as soon as it ended.
    :param actor: who does it; None for the operator of the installation.
    :raises NotFound: where there is no such asset.
    :raises InvalidInput: naming the field, for a value that does not fit, and for the name of
        another sensor of the asset.
    """
    name = checks.required_text(name, "name", longest=120)
    asset = get_asset(session, asset_id)
    _require_free_name(session, name, asset.id)
    _require_resolution(event_resolution)
    sensor = Sensor(
        name=name,
        unit=known_unit(unit),
        event_resolution=event_resolution,
        timezone=time_zone(
            timezone or installation.settings["FLEXMEASURES_TIMEZONE"], field="timezone"
        ).key,
        attributes=asset_content.checked_attributes(
            installation, session, attributes, {}, actor=actor
        ),
        generic_asset=asset,
    )
    if knowledge_horizon is not None:
        sensor.knowledge_horizon_fnc, sensor.knowledge_horizon_par = _knowledge_horizon(
            *knowledge_horizon
        )
    session.add(sensor)
    session.flush()
    event = f"Created sensor '{name}': {sensor.id}"
    audit.record_for_asset(installation, session, event, actor=actor, asset_id=asset.id)
    return sensor


def update_sensor(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    changes: Mapping[str, Any],
    *,
    actor: User | None = None,
) -> Sensor:
    """Change fields of a sensor; one audit record tells all of them.

    What is stored about the sensor stays as it is, whatever its unit and resolution are then.

    :param changes: any of ``name``, ``unit``, ``timezone``, ``event_resolution``, ``attributes``,
        which are replaced as a whole, ``knowledge_horizon_fnc``, with which comes
        ``knowledge_horizon_par``, unless its parameters are the usual ones.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    values = {field: changes[field] for field in _CHANGEABLE if field in changes}
    if "name" in values:
        values["name"] = checks.required_text(values["name"], "name", longest=120)
        _require_free_name(session, values["name"], sensor.generic_asset_id, but=sensor)
    if "unit" in values:
        values["unit"] = known_unit(values["unit"])
    if "timezone" in values:
        values["timezone"] = time_zone(values["timezone"], field="timezone").key
    if "event_resolution" in values:
        _require_resolution(values["event_resolution"])
    if "attributes" in values:
        values["attributes"] = asset_content.checked_attributes(
            installation, session, values["attributes"], sensor.attributes, actor=actor
        )
    if "knowledge_horizon_fnc" in values or "knowledge_horizon_par" in values:
        name, parameters = _knowledge_horizon(
            values.get("knowledge_horizon_fnc", sensor.knowledge_horizon_fnc),
            values.get("knowledge_horizon_par"),
            sensor,
        )
        values |= {"knowledge_horizon_fnc": name, "knowledge_horizon_par": parameters}
    before = {field: getattr(sensor, field) for field in values}
    after = {field: value for field, value in values.items() if value != before[field]}
    if after:
        audit.record_for_asset(
            installation,
            session,
            audit.sensor_changed(sensor.name, sensor.id, before, after),
            actor=actor,
            asset_id=sensor.generic_asset_id,
        )
    for field, value in after.items():
        setattr(sensor, field, value)
    session.flush()
    return sensor


def _knowledge_horizon(
    name: str, parameters: Any, sensor: Sensor | None = None
) -> tuple[str, dict[str, Any]]:
    """When events are known: the function, and its parameters.

    :param parameters: None for those of the sensor, where it has that function, else for the usual.
    :raises InvalidInput: where there is no such function, or its parameters do not fit.
    """
    if parameters is None:
        kept = sensor if sensor is not None and sensor.knowledge_horizon_fnc == name else None
        parameters = {} if kept is None else kept.knowledge_horizon_par
    if not isinstance(parameters, Mapping):
        raise InvalidInput(
            "The parameters must be a JSON object, such as {}.", field="knowledge_horizon_par"
        )
    knowledge_rule(name, parameters)
    return name, dict(parameters)


def _require_free_name(
    session: Session, name: str, asset_id: int, *, but: Sensor | None = None
) -> None:
    query = select(Sensor.id).where(Sensor.name == name, Sensor.generic_asset_id == asset_id)
    if but is not None:
        query = query.where(Sensor.id != but.id)
    if session.scalar(query.limit(1)) is not None:
        raise InvalidInput(
            f"Asset {asset_id} has a sensor with the name '{name}' already.",
            field="name",
            hint="Choose another.",
        )


def _require_resolution(event_resolution: timedelta) -> None:
    if event_resolution < timedelta(0):
        raise InvalidInput("The event resolution must not be negative.", field="event_resolution")


def known_unit(unit: str) -> str:
    """The unit, if it is one.

    :raises InvalidInput: where it cannot be read.
    """
    try:
        units.parse_unit(unit)
    except UnitMismatch as error:
        raise InvalidInput(
            f"Unit '{unit}' cannot be handled.",
            field="unit",
            hint="Write it like MW, kWh, EUR/MWh, °C or %.",
        ) from error
    return checks.short_text(unit.strip(), "unit", longest=80)


def get_sensor(session: Session, sensor_id: int, *, field: str = "sensor") -> Sensor:
    """:raises NotFound: where there is no sensor with that id."""
    sensor = session.get(Sensor, sensor_id)
    if sensor is None:
        raise NotFound(
            f"No sensor found with ID {sensor_id}.",
            field=field,
            hint="`fmhost show asset --id ID` lists the sensors of an asset.",
        )
    return sensor


def entity_address(installation: Installation, sensor: Sensor) -> str:
    """The sensor's name among all installations, for a client on the same machine."""
    authority = NamingAuthority.of(
        "localhost",
        installation.settings["FLEXMEASURES_HOSTS_AND_AUTH_START"],
        installation.now(),
    )
    return authority.address_of(sensor.id)


def count_beliefs(session: Session, sensor_ids: Sequence[int]) -> int:
    """The number of beliefs about these sensors."""
    query = select(func.count()).select_from(beliefs).where(beliefs.c.sensor_id.in_(sensor_ids))
    return session.scalar(query) or 0


def delete_sensors(
    installation: Installation,
    session: Session,
    sensor_ids: Sequence[int],
    *,
    actor: User | None = None,
) -> list[Sensor]:
    """Delete sensors with all beliefs about them, and what assets say about them.

    :raises NotFound: where one does not exist; then none is deleted.
    """
    found = {
        sensor.id: sensor
        for sensor in session.scalars(select(Sensor).where(Sensor.id.in_(sensor_ids)))
    }
    sensors = [
        found.get(sensor_id) or get_sensor(session, sensor_id)
        for sensor_id in dict.fromkeys(sensor_ids)
    ]
    references.prune(
        installation, session, sensor_ids={sensor.id for sensor in sensors}, actor=actor
    )
    events = [
        (sensor.generic_asset_id, f"Deleted sensor '{sensor.name}': {sensor.id}")
        for sensor in sensors
    ]
    audit.record_for_assets(installation, session, events, actor=actor)
    for sensor in sensors:
        session.delete(sensor)
    session.flush()
    return sensors
