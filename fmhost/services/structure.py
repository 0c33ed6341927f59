"""Take the whole structure out of an installation, to begin anew."""

from __future__ import annotations

from sqlalchemy import delete as delete_from
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.model import (
    AccountRole,
    Annotation,
    Asset,
    AssetType,
    Job,
    Role,
    Sensor,
    Source,
    User,
    beliefs,
)
from fmhost.services import audit
from fmhost.services.installation import Installation

#: What goes, each after those that refer to it.
_PARTS = {
    "jobs": Job,
    "assets": Asset,
    "asset types": AssetType,
    "annotations": Annotation,
    "data sources": Source,
    "users": User,
    "user roles": Role,
    "account roles": AccountRole,
}


def delete_structure(installation: Installation, session: Session) -> dict[str, int]:
    """Delete all assets, asset types, data sources, roles and users, with all data of sensors.

    Accounts, plans and audit records stay.

    :return: how many there were, by what they are.
    """
    deleted = {
        "beliefs": session.scalar(select(func.count()).select_from(beliefs)) or 0,
        "sensors": session.scalar(select(func.count(Sensor.id))) or 0,
    }
    session.execute(delete_from(beliefs))
    for what, entity in _PARTS.items():
        deleted[what] = session.scalar(select(func.count()).select_from(entity)) or 0
        session.execute(delete_from(entity))
    audit.record(installation, session, "Deleted all assets, sources, roles and users")
    session.flush()
    return deleted
