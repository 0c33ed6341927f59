"""Sensors: create, find, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.domain import units
from fmhost.domain.zones import time_zone
from fmhost.errors import Conflict, InvalidInput, NotFound, UnitMismatch
from fmhost.model import Sensor, User, beliefs
from fmhost.schemas.entity_addresses import NamingAuthority
from fmhost.services import audit, checks, references
from fmhost.services.assets import get_asset
from fmhost.services.installation import Installation


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
    knowledge_horizon: tuple[str, Mapping[str, Any]] | None = None,
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
    :raises Conflict: where the asset has a sensor of that name.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    name = checks.required_text(name, "name", longest=120)
    asset = get_asset(session, asset_id)
    same_name = select(Sensor.id).where(Sensor.name == name, Sensor.generic_asset_id == asset.id)
    if session.scalar(same_name) is not None:
        raise Conflict(
            f"Asset {asset.id} has a sensor with the name '{name}' already.",
            field="name",
            hint="Choose another.",
        )
    if event_resolution < timedelta(0):
        raise InvalidInput("The event resolution must not be negative.", field="event-resolution")
    sensor = Sensor(
        name=name,
        unit=known_unit(unit),
        event_resolution=event_resolution,
        timezone=time_zone(
            timezone or installation.settings["FLEXMEASURES_TIMEZONE"], field="timezone"
        ).key,
        attributes=checks.json_object(attributes, "attributes"),
        generic_asset=asset,
    )
    if knowledge_horizon is not None:
        sensor.knowledge_horizon_fnc, sensor.knowledge_horizon_par = (
            knowledge_horizon[0],
            dict(knowledge_horizon[1]),
        )
    session.add(sensor)
    session.flush()
    audit.record_for_asset(
        installation,
        session,
        f"Created sensor '{name}': {sensor.id}",
        actor=actor,
        asset_id=asset.id,
    )
    return sensor


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
    return unit.strip()


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
    sensors = [get_sensor(session, sensor_id) for sensor_id in dict.fromkeys(sensor_ids)]
    references.prune(
        installation, session, sensor_ids={sensor.id for sensor in sensors}, actor=actor
    )
    for sensor in sensors:
        audit.record_for_asset(
            installation,
            session,
            f"Deleted sensor '{sensor.name}': {sensor.id}",
            actor=actor,
            asset_id=sensor.generic_asset_id,
        )
        session.delete(sensor)
    session.flush()
    return sensors
