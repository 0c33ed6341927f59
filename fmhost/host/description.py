"""A plugin as plain values, the same on the command line, in the API and on pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fmhost.host.lifecycle import PluginRecord, Problem
from fmhost.host.manifest import DRIVER_KINDS, Manifest
from fmhost.host.metadata import about


def describe(record: PluginRecord) -> dict[str, Any]:
    """Everything that the host knows about a plugin, fit for JSON.

    ``offers`` has the names by kind, whether or not they can be used; what cannot stands under
    ``contested``, ``withheld`` or ``broken`` with cause and fix.
    """
    return {
        "name": record.name,
        "status": str(record.status),
        "stage": str(record.stage),
        "healthy": record.healthy,
        "version": record.version,
        "distribution": record.distribution,
        "from": record.entry_point,
        "listed": record.listed,
        **asdict(about(record.distribution)),
        "plugin_api": record.manifest.plugin_api if record.manifest else None,
        "requires": list(record.manifest.requires) if record.manifest else [],
        "after": list(record.manifest.after) if record.manifest else [],
        "offers": offers(record.manifest) if record.manifest else {},
        "cause": record.cause,
        "fix": record.fix,
        "contested": _problems(record.contested),
        "withheld": _problems(record.withheld),
        "broken": _problems(record.broken),
        "failures": dict(record.failures),
        "manifest_ms": round(record.manifest_ms, 1),
        "import_ms": round(record.import_ms, 1),
    }


def offers(manifest: Manifest) -> dict[str, list[str]]:
    """The names of what the manifest offers, by kind in the plural."""
    return {
        **{f"{kind}s": sorted(manifest.drivers(kind)) for kind in DRIVER_KINDS},
        "commands": sorted(command.path for command in manifest.commands),
        "routes": sorted(route for pages in manifest.pages for route in pages.routes),
        "menu entries": sorted(entry.key for entry in manifest.menu),
        "permissions": sorted(manifest.permissions),
        "settings": sorted(manifest.setting_names),
        "table prefixes": [manifest.table_prefix] if manifest.table_prefix else [],
        "asset types": sorted(manifest.asset_types),
        "roles": sorted(manifest.roles),
    }


def _problems(problems: dict[str, Problem]) -> list[dict[str, str]]:
    return [{"claim": claim, **asdict(problem)} for claim, problem in problems.items()]
