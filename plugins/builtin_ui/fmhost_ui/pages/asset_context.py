"""Where an asset stands: what it belongs to, what belongs to it, and what it inherits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from fmhost.plugin import Asset, Sensor, web
from fmhost_ui.blueprint import blueprint


@dataclass(frozen=True, slots=True)
class Branch:
    """An asset with its sensors and what is below it."""

    asset: Asset
    sensors: Sequence[Sensor]
    below: Sequence[Branch]


@blueprint.get("/assets/<id>/context")
@web.login_required
def asset_context(id: str) -> str:
    """The tree around an asset."""
    asset = web.load_asset(id)
    return render_template(
        "ui/asset_context.html",
        asset=asset,
        tabs=dict(web.tabs(asset, "context")),
        above=[each for each in reversed(asset.ancestors) if web.allows(each, "read")],
        tree=_branch(asset),
    )


def _branch(asset: Asset) -> Branch:
    """The asset and those below it that the user may read; in four statements, however many."""
    readable = {each.id: each for each in web.readable_assets()}
    members = {asset.id: asset} | {each.id: each for each in asset.offspring if each.id in readable}
    parts: dict[int | None, list[Asset]] = {}
    for member in members.values():
        parts.setdefault(member.parent_asset_id, []).append(member)

    def grown(member: Asset, above: frozenset[int]) -> Branch:
        known = above | {member.id}
        below = [each for each in parts.get(member.id, ()) if each.id not in known]
        return Branch(member, member.sensors, [grown(each, known) for each in below])

    return grown(asset, frozenset())
