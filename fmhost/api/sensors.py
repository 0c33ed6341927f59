"""``/api/v3_0/sensors``."""

from __future__ import annotations

from typing import Any

from fmhost.api.errors import Rejected
from fmhost.api.loaders import load_account, load_asset, load_sensor, naming_authority
from fmhost.api.operations import Resource
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.schemas.entities import SensorSchema
from fmhost.schemas.queries import SensorsQuery
from fmhost.services import lookup

sensors = Resource("sensors", __name__, url_prefix="/api/v3_0/sensors")


@sensors.operation("GET", "", schema=SensorsQuery())
def list_sensors(given: dict[str, Any]) -> Any:
    """List the sensors of the own account, of another one, or below an asset."""
    account_id = given.get("account")
    asset = None
    if account_id is not None:
        load_account(account_id, Permission.READ)
    if "asset" in given:
        asset = load_asset(str(given["asset"]), Permission.READ)
        if account_id is not None and asset.account_id != account_id:
            text = f"Asset {asset.id} does not belong to account {account_id}."
            raise Rejected({"query": {"asset": [text]}})
    found = lookup.list_sensors(
        current_session(),
        requesting_user(),
        account_id=account_id,
        asset=asset,
        include_public=given["include_public_assets"],
        include_clients=given["include_consultancy_clients"],
        unit=given.get("unit"),
    )
    return SensorSchema(naming_authority(), many=True).dump(found)


@sensors.operation("GET", "/<id>")
def fetch_sensor(id: str) -> Any:
    """Fetch a sensor."""
    return SensorSchema(naming_authority()).dump(load_sensor(id, Permission.READ))
