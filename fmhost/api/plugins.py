"""``/api/v3_0/plugins``: what is installed, what it offers, and why something is not active."""

from __future__ import annotations

from typing import Any

from fmhost.api.operations import Resource
from fmhost.api.unit_of_work import current_installation
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import ADMIN, ADMIN_READER, NOT_AUTHORIZED
from fmhost.errors import NotAuthorized
from fmhost.host.description import describe
from fmhost.schemas.answers import PluginSchema

plugins = Resource("plugins", __name__, url_prefix="/api/v3_0/plugins")


@plugins.operation("GET", "", answer=PluginSchema(many=True))
def list_plugins() -> list[dict[str, Any]]:
    """List the plugins of this installation; for admins."""
    user = requesting_user()
    if not (user.has_role(ADMIN) or user.has_role(ADMIN_READER)):
        raise NotAuthorized(NOT_AUTHORIZED, hint="It requires the role admin.")
    return [describe(record) for record in current_installation().host.records]
