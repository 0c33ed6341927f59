"""Which permissions of plugins a user role has, besides those that manifests grant to it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from fmhost.auth import plugin_permissions
from fmhost.errors import InvalidInput
from fmhost.host.host import Host
from fmhost.model import Role
from fmhost.services import audit, roles
from fmhost.services.installation import Installation


def add(
    installation: Installation, session: Session, name: str, permissions: Iterable[str]
) -> list[str]:
    """Give a user role permissions; returns those that it did not have.

    What no active plugin brings is stored, too: it counts once one does. Recorded for each user
    who has the role.

    :param name: of the role.
    :raises NotFound: where there is no such role.
    :raises InvalidInput: where no permission is named.
    """
    role, wanted = _meant(session, name, permissions)
    added = [permission for permission in wanted if permission not in role.permissions]
    role.permissions = [*role.permissions, *added]
    _record(installation, session, role, "Added", added)
    return added


def remove(
    installation: Installation, session: Session, name: str, permissions: Iterable[str]
) -> list[str]:
    """Take permissions from a user role; returns those that it had. What manifests grant stays.

    Recorded for each user who has the role.

    :param name: of the role.
    :raises NotFound: where there is no such role.
    :raises InvalidInput: where no permission is named.
    """
    role, wanted = _meant(session, name, permissions)
    removed = [permission for permission in wanted if permission in role.permissions]
    role.permissions = [each for each in role.permissions if each not in removed]
    _record(installation, session, role, "Removed", removed)
    return removed


def without_effect(host: Host, permissions: Iterable[str]) -> str | None:
    """A warning that names those which no active plugin brings, and the others that there are."""
    known = plugin_permissions.known(host)
    missing = [permission for permission in permissions if permission not in known]
    if not missing:
        return None
    return (
        f"No active plugin brings {_listed(missing)}, which is without effect until one does. "
        f"Known are: {_listed(sorted(known)) or 'none'}."
    )


def granted(host: Host, role: Role) -> list[str]:
    """The permissions that manifests of active plugins grant to a role, by name."""
    return sorted(
        {
            permission
            for record in host.active
            if record.manifest is not None
            for permission in record.manifest.grants.get(role.name, ())
            if record.owns("permission", permission)
        }
    )


def _meant(session: Session, name: str, permissions: Iterable[str]) -> tuple[Role, list[str]]:
    wanted = list(dict.fromkeys(permissions))
    if not wanted:
        raise InvalidInput(
            "No permission is named.", field="permissions", hint="Separate names by commas."
        )
    role = roles.named(session, Role, name)
    session.refresh(role, with_for_update=True)  # of two changes at once, none is lost
    return role, wanted


def _listed(permissions: Iterable[str]) -> str:
    return ", ".join(f"'{permission}'" for permission in permissions)


def _record(
    installation: Installation, session: Session, role: Role, verb: str, changed: list[str]
) -> None:
    if changed:
        event = f"{verb} permission(s) of role '{role.name}': {changed}"
        for user in role.users:
            audit.record(installation, session, event, user_id=user.id, account_id=user.account_id)
    session.flush()
