"""What an application serves on behalf of a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fmhost.api.blueprints import GuardedFlask

if TYPE_CHECKING:
    from flask import Flask

#: What a framework answers by itself.
_BY_ITSELF = frozenset({"HEAD", "OPTIONS"})


def routes_of(app: Flask, plugin: str) -> set[str]:
    """The routes of a plugin, such as ``GET /rooms/<id>``; without those of static files."""
    guarded = cast(GuardedFlask, app)
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if not rule.build_only and not rule.endpoint.endswith(".static")
        for owner in [guarded.owner_of(rule.rule)]
        if owner is not None and owner.name == plugin
        for method in (rule.methods or set()) - _BY_ITSELF
    }
