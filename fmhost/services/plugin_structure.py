"""Asset types and user roles that plugins bring."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.host.host import Host
from fmhost.model import AssetType, Role


def add_structure(session: Session, host: Host) -> list[str]:
    """Add the asset types and roles of the active plugins that are missing; what exists stays.

    :return: what was added, one text each (``asset type load``).
    """
    types: dict[str, str] = {}
    roles: dict[str, str] = {}
    for record in host.active:
        if record.manifest is not None:
            types = {**record.manifest.asset_types, **types}
            roles = {**record.manifest.roles, **roles}
    return [
        *_add(session, AssetType, "asset type", types),
        *_add(session, Role, "user role", roles),
    ]


def _add(
    session: Session, entity: type[AssetType | Role], what: str, wanted: dict[str, str]
) -> list[str]:
    known = set(session.scalars(select(entity.name)))
    missing = {name: text for name, text in sorted(wanted.items()) if name not in known}
    session.add_all(entity(name=name, description=text) for name, text in missing.items())
    session.flush()
    return [f"{what} {name}" for name in missing]
