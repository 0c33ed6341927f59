"""Set one attribute of an account, an asset or a sensor."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain.json_values import require_storable
from fmhost.errors import InvalidInput
from fmhost.model import Account, Asset, Sensor, User
from fmhost.services import assets, audit, sensors
from fmhost.services.installation import Installation


def set_attribute(
    installation: Installation,
    session: Session,
    target: Account | Asset | Sensor,
    name: str,
    value: Any,
    *,
    actor: User | None = None,
) -> None:
    """Set an attribute, and record the change; the other attributes stay.

    :param value: a JSON value.
    :param actor: who does it; None for the operator of the installation.
    :raises InvalidInput: for a value that the attribute cannot have; names the attribute.
    """
    if not name.strip():
        raise InvalidInput("The name of the attribute is empty.", field="attribute")
    changed = {**target.attributes, name: value}
    if isinstance(target, Sensor):
        sensors.update_sensor(installation, session, target, {"attributes": changed}, actor=actor)
    elif isinstance(target, Asset):
        assets.update_asset(installation, session, target, {"attributes": changed}, actor=actor)
    elif changed != target.attributes:
        require_storable(changed, "attributes")
        audit.record(
            installation,
            session,
            audit.account_field_changed("attributes", target.attributes, changed),
            actor=actor,
            account_id=target.id,
        )
        target.attributes = changed
        session.flush()
