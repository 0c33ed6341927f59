"""``/api/v3_0/sensors``."""

from __future__ import annotations

from typing import Any

from fmhost.api.errors import Rejected
from fmhost.api.loaders import (
    load_account,
    load_asset,
    load_referenced_asset,
    load_sensor,
    naming_authority,
)
from fmhost.api.operations import Resource
from fmhost.api.pages import listing_of, page_or_list
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.schemas.entities import SensorPageSchema, SensorSchema
from fmhost.schemas.entity_changes import SensorCreationSchema, SensorUpdateSchema
from fmhost.schemas.queries import SensorsQuery
from fmhost.services import entity_lists
from fmhost.services import sensors as sensor_service
from fmhost.services.entity_lists import SensorScope

sensors = Resource("sensors", __name__, url_prefix="/api/v3_0/sensors")


@sensors.operation(
    "GET", "", schema=SensorsQuery(), answer=(SensorSchema(many=True), SensorPageSchema)
)
def list_sensors(given: dict[str, Any]) -> Any:
    """List the sensors of the own account, of another one, or below an asset.

    With `page` it is a page of the list, with the numbers of all sensors and of those that have
    the search terms of `filter` in their own name or that of their account.
    """
    account_id = given.get("account")
    asset = None
    if account_id is not None:
        load_account(account_id, Permission.READ)
    if "asset" in given:
        asset = load_asset(str(given["asset"]), Permission.READ)
        if account_id is not None and asset.account_id != account_id:
            text = f"Asset {asset.id} does not belong to account {account_id}."
            raise Rejected({"query": {"asset": [text]}})
    scope = SensorScope(
        account_id=account_id,
        asset=asset,
        include_public=given["include_public_assets"],
        include_clients=given["include_consultancy_clients"],
        unit=given.get("unit"),
    )
    page = entity_lists.list_sensors(current_session(), requesting_user(), scope, listing_of(given))
    return page_or_list(page, SensorSchema(naming_authority(), many=True))


@sensors.operation(
    "POST", "", schema=SensorCreationSchema(), answers={201: SensorSchema}, names={"sensors": "/id"}
)
def create_sensor(given: dict[str, Any]) -> Any:
    """Create a sensor of an asset."""
    asset = load_referenced_asset(given.pop("generic_asset_id"), Permission.CREATE_CHILDREN)
    parameters = given.pop("knowledge_horizon_par", None)
    function = given.pop("knowledge_horizon_fnc", None if parameters is None else "ex_post")
    created = sensor_service.create_sensor(
        current_installation(),
        current_session(),
        asset_id=asset.id,
        actor=requesting_user(),
        knowledge_horizon=None if function is None else (function, parameters),
        **given,
    )
    return SensorSchema(naming_authority()).dump(created), 201


@sensors.operation("GET", "/<id>", answer=SensorSchema)
def fetch_sensor(id: str) -> Any:
    """Fetch a sensor."""
    return SensorSchema(naming_authority()).dump(load_sensor(id, Permission.READ))


@sensors.operation("PATCH", "/<id>", schema=SensorUpdateSchema(), answer=SensorSchema)
def update_sensor(id: str, given: dict[str, Any]) -> Any:
    """Change fields of a sensor; what is not named stays.

    Attributes are replaced as a whole. Data that are stored about the sensor stay as they are,
    whatever its unit, resolution and knowledge horizon are then: better change these before there
    are any.
    """
    sensor = load_sensor(id, Permission.UPDATE)
    sensor_service.update_sensor(
        current_installation(), current_session(), sensor, given, actor=requesting_user()
    )
    return SensorSchema(naming_authority()).dump(sensor)


@sensors.operation("DELETE", "/<id>", writes=True, answers={204: None})
def delete_sensor(id: str) -> Any:
    """Delete a sensor with all data about it."""
    sensor = load_sensor(id, Permission.DELETE)
    sensor_service.delete_sensors(
        current_installation(), current_session(), [sensor.id], actor=requesting_user()
    )
    return None, 204
