"""Where an asset stands: what belongs to it, what it inherits, and how flexible it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import Asset, Sensor, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.flex_editor import editors_of, power_sensors
from fmhost_ui.forms import Form, is_rehearsal

_PARTS: Final = ("flex_model", "flex_context")
#: More sensors than these are not listed where one is chosen; ids of others can be typed.
_MOST_SENSORS: Final = 1000


@dataclass(frozen=True, slots=True)
class Branch:
    """An asset with its sensors and what is below it."""

    asset: Asset
    sensors: Sequence[Sensor]
    below: Sequence[Branch]


@blueprint.route("/assets/<id>/context", methods=["GET", "POST"])
@web.login_required
def asset_context(id: str) -> str | Response | tuple[str, int]:
    """The tree around an asset, and the editors of its flex-model and its flex-context."""
    asset = web.load_asset(id)
    if request.method == "GET":
        return _page(asset)
    web.load_asset(id, "update")
    part = request.form.get("part", "")
    part = part if part in _PARTS else _PARTS[0]
    text = request.form.get(part, "")
    try:
        given = json.loads(text or "{}")
        wrong = "" if isinstance(given, Mapping) else "This is no JSON object, such as {}."
    except ValueError as error:
        given, wrong = {}, f"This is no JSON: {error}"
    if is_rehearsal():
        return jsonify(
            {"messages": {part: [wrong]}, "warnings": {}} if wrong else _tried(asset, part, given)
        )
    try:
        if wrong:
            raise web.Refused({part: [wrong]})
        web.perform("assets.update_asset", {part: given}, id=id)
    except web.Refused as refused:
        return _page(asset, Form({part: text}, refused.messages), part), refused.status
    flash("Saved.", "success")
    return redirect(url_for("ui.asset_context", id=id, _anchor=part))


def _tried(asset: Asset, part: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What would be refused if this was saved; and if it is not, what schedules would lack then."""
    messages = web.rehearse("assets.update_asset", {part: given}, id=str(asset.id))
    warnings: Mapping[str, Any] = {}
    targets = [each for each in power_sensors(asset) if web.allows(each, "create-children")]
    if not messages and targets:
        start = web.installation().now().isoformat()
        with web.rehearsal():
            web.perform("assets.update_asset", {part: given}, id=str(asset.id))
            warnings = web.rehearse(
                "schedules.trigger_schedule", {"start": start}, id=str(targets[0].id)
            )
    return {"messages": messages, "warnings": warnings}


def _page(asset: Asset, form: Form | None = None, part: str = "") -> str:
    readable = web.readable_assets()
    return render_template(
        "ui/asset_context.html",
        asset=asset,
        tabs=dict(web.tabs(asset, "context")),
        above=[each for each in reversed(asset.ancestors) if web.allows(each, "read")],
        tree=_branch(asset, readable),
        editors=editors_of(asset, form, part),
        may_change=web.allows(asset, "update"),
        sensors=_sensors(asset, readable),
    )


def _sensors(asset: Asset, readable: Sequence[Asset]) -> list[Sensor]:
    """The sensors that can be chosen: those of the asset first."""
    found = [each for known in readable for each in known.sensors]
    return sorted(found, key=lambda each: each.generic_asset_id != asset.id)[:_MOST_SENSORS]


def _branch(asset: Asset, readable: Sequence[Asset]) -> Branch:
    """The asset and those below it that the user may read."""
    known = {each.id for each in readable}
    members = {asset.id: asset} | {each.id: each for each in asset.offspring if each.id in known}
    parts: dict[int | None, list[Asset]] = {}
    for member in members.values():
        parts.setdefault(member.parent_asset_id, []).append(member)

    def grown(member: Asset, above: frozenset[int]) -> Branch:
        seen = above | {member.id}
        below = [each for each in parts.get(member.id, ()) if each.id not in seen]
        return Branch(member, member.sensors, [grown(each, seen) for each in below])

    return grown(asset, frozenset())
