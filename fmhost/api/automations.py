"""``/api/v3_0/assets/<id>/automations``: schedules and forecasts that recur."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import load_asset
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.errors import InvalidInput, NotFound
from fmhost.model import Asset, Automation, Sensor
from fmhost.schemas.automations import (
    AutomationChangeSchema,
    AutomationCreationSchema,
    AutomationSchema,
)
from fmhost.services import automations as automation_service

automations = Resource("automations", __name__, url_prefix="/api/v3_0/assets/<id>/automations")

_REFUSALS = {400: ("UNKNOWN_PRICES",)}


@automations.operation("GET", "", answer=AutomationSchema(many=True))
def list_automations(id: str) -> Any:
    """List what recurs for an asset and its sensors."""
    asset = load_asset(id, Permission.READ)
    found = automation_service.of_asset(current_session(), asset)
    return AutomationSchema(many=True).dump(found)


@automations.operation(
    "POST",
    "",
    schema=AutomationCreationSchema(),
    answers={201: AutomationSchema},
    errors=_REFUSALS,
    scope="trigger",
)
def create_automation(id: str, given: dict[str, Any]) -> Answer:
    """Have a schedule, forecast or report recur, from now on.

    What it will ask for is checked now. Runs that are missed are caught up by one.
    """
    asset = load_asset(id, Permission.CREATE_CHILDREN)
    given["sensor"] = _sensor(asset, given["sensor"]) if "sensor" in given else None
    made = automation_service.create(
        current_installation(), current_session(), asset=asset, user=requesting_user(), **given
    )
    return AutomationSchema().dump(made), 201


@automations.operation(
    "PATCH",
    "/<automation_id>",
    schema=AutomationChangeSchema(),
    answer=AutomationSchema,
    errors=_REFUSALS,
    scope="trigger",
)
def change_automation(id: str, automation_id: str, given: dict[str, Any]) -> Any:
    """Change what recurs or when, or switch it on or off. It runs with one's own rights then."""
    automation = _load(id, automation_id)
    automation.user, automation.by_operator = requesting_user(), False
    automation_service.change(current_installation(), current_session(), automation, **given)
    return AutomationSchema().dump(automation)


@automations.operation(
    "DELETE", "/<automation_id>", writes=True, answers={204: None}, scope="trigger"
)
def delete_automation(id: str, automation_id: str) -> Answer:
    """Have something recur no more. The jobs that it asked for stay."""
    current_session().delete(_load(id, automation_id))
    return None, 204


def _load(id: str, text: str) -> Automation:
    """The automation, where it is one of the asset, and may be changed.

    :raises NotFound: where there is none.
    """
    asset = load_asset(id, Permission.CREATE_CHILDREN)
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    found = current_session().get(Automation, number)
    if found is None or found.asset_id != asset.id:
        raise NotFound(f"Asset {asset.id} has no automation with ID {text}.", field="id")
    return found


def _sensor(asset: Asset, sensor_id: int) -> Sensor:
    """:raises InvalidInput: where the asset has no such sensor, whether or not others have."""
    found = current_session().get(Sensor, sensor_id)
    if found is None or found.generic_asset_id != asset.id:
        raise InvalidInput(f"Sensor {sensor_id} is not one of asset {asset.id}.", field="sensor")
    return found
