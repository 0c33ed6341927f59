"""Permissions that plugins bring: who has them.

Admins have all of them. Others have those which the plugin's manifest grants to one of their user
roles, under ``grants``, and those which the operator has added to one of these roles. A plugin can
grant its own permissions only.
"""

from __future__ import annotations

from fmhost.auth.policy import ADMIN
from fmhost.host.host import Host
from fmhost.model import User


def known(host: Host) -> set[str]:
    """The names of the permissions that active plugins bring."""
    return {
        permission
        for record in host.active
        if record.manifest is not None
        for permission in record.manifest.permissions
        if record.owns("permission", permission)
    }


def holds(user: User | None, permission: str, host: Host) -> bool:
    """Whether `user` has a permission that some active plugin brings.

    What no active plugin brings is for admins, like everything.
    """
    if user is None or not user.active:
        return False
    if user.has_role(ADMIN):
        return True
    if any(permission in role.permissions for role in user.roles) and permission in known(host):
        return True
    roles = {role.name for role in user.roles}
    return any(
        permission in granted
        for record in host.active
        if record.manifest is not None and record.owns("permission", permission)
        for role, granted in record.manifest.grants.items()
        if role in roles
    )
