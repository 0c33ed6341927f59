"""``/api/v3_0/plugins``: what is installed, what it offers, and why something is not active."""

from __future__ import annotations

from typing import Any

from fmhost.api.operations import Resource
from fmhost.api.unit_of_work import current_installation
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import ADMIN, ADMIN_READER, NOT_AUTHORIZED
from fmhost.errors import NotAuthorized
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.manifest import DRIVER_KINDS

plugins = Resource("plugins", __name__, url_prefix="/api/v3_0/plugins")


@plugins.operation("GET", "")
def list_plugins() -> list[dict[str, Any]]:
    """List the plugins of this installation; for admins."""
    user = requesting_user()
    if not (user.has_role(ADMIN) or user.has_role(ADMIN_READER)):
        raise NotAuthorized(NOT_AUTHORIZED, hint="It requires the role admin.")
    return [_describe(record) for record in current_installation().host.plugins.values()]


def _describe(record: PluginRecord) -> dict[str, Any]:
    manifest = record.manifest
    offers: dict[str, list[str]] = {}
    if manifest is not None:
        for kind in DRIVER_KINDS:
            offers[f"{kind}s"] = sorted(manifest.drivers(kind))
        offers["commands"] = sorted(command.path for command in manifest.commands)
        offers["routes"] = sorted(route for pages in manifest.pages for route in pages.routes)
    return {
        "name": record.name,
        "status": str(record.status),
        "stage": str(record.stage),
        "version": record.version,
        "distribution": record.distribution,
        "offers": offers,
        "cause": record.cause,
        "fix": record.fix,
        "contested": record.contested,
        "withheld": record.withheld,
        "import_ms": round(record.import_ms, 1),
    }
