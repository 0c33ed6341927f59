"""The first page: where the assets are, of what kinds, and what they do now and next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from fmhost.plugin import (
    Asset,
    Sensor,
    entity_lists,
    latest_powers,
    outlook,
    overview,
    time_zone,
    web,
)
from fmhost_ui import maps
from fmhost_ui.blueprint import blueprint
from fmhost_ui.grouping import Group, by_account, by_type
from fmhost_ui.narrative import Story, balance, tell_all
from fmhost_ui.site import manages_accounts
from fmhost_ui.wording import clock, with_unit

#: So many plans are told; each takes a look into the belief store.
_MOST_STORIES = 24

#: So many sensors of an asset are looked at when somebody points at it.
_MOST_VALUES = 4

#: Groups with more assets than these are folded.
_MOST_SHOWN = 40

#: What the session has beside the login, see :func:`_clear_session`.
_OF_LOGIN = ("_", "fs_", "tf_", "csrf_token", "identity")


@blueprint.get("/")
@blueprint.get("/dashboard")
@web.login_required
def home() -> str | BaseResponse:
    """What there is, what is planned, and where it is."""
    if request.args.get("clear-session") == "1":
        return _clear_session()
    now = web.installation().now()
    assets = _readable_assets()
    groups = _groups(assets)
    chosen = request.args.get("group", "")
    shown = [group for group in groups if chosen in ("", group.key)]
    sensors = overview.planned_sensors(
        web.session(),
        web.user(),
        now,
        at_most=_MOST_STORIES,
        assets=[asset for group in shown for asset in group.assets] if chosen else None,
    )
    ahead = overview.schedules_ahead(web.session(), sensors, now)
    return render_template(
        "ui/home.html",
        groups=groups,
        shown=shown,
        chosen=chosen,
        assets=assets,
        stories=_by_asset(tell_all(ahead, now), sensors),
        has_more_plans=len(sensors) == _MOST_STORIES,
        by_accounts=_is_by_accounts(),
        may_group=manages_accounts(web.user()),
        most_shown=_MOST_SHOWN,
        may_create=web.allows(web.user().account, "create-children"),
    )


@blueprint.get("/dashboard/places")
@web.login_required
def places() -> dict[str, Any]:
    """What the map shows: assets with a location, by group."""
    groups = _groups(_readable_assets())
    return {
        "groups": [{"key": group.key, "title": group.title} for group in groups],
        "places": [
            [
                asset.id,
                asset.name,
                place,
                asset.generic_asset_type.name,
                asset.latitude,
                asset.longitude,
            ]
            for place, group in enumerate(groups)
            for asset in group.assets
            if asset.location is not None
        ],
        **maps.described(web.installation().settings),
    }


@blueprint.get("/dashboard/states")
@web.login_required
def states() -> dict[str, Any]:
    """What the assets of each group do at present, by the key of the group."""
    installation = web.installation()
    now = installation.now()
    is_playing = installation.settings.mode == "play"
    powers = latest_powers.latest_powers(web.session(), web.user(), now, ahead=is_playing)
    found = {}
    for group in _groups(_readable_assets()):
        known = [powers[asset.id] for asset in group.assets if asset.id in powers]
        if known:
            latest = max(known, key=lambda each: each.at)
            found[group.key] = {
                "state": balance([each.power for each in known]),
                "at": clock(latest.at, now),
                "of": len(known),
            }
    return {"states": found}


@blueprint.get("/dashboard/places/<id>")
@web.login_required
def place(id: str) -> dict[str, Any]:
    """What the map tells about one asset: its latest values and what is planned."""
    found = web.load_asset(id)
    now = web.installation().now()
    ahead = overview.schedules_ahead(web.session(), found.sensors, now, at_most=1)
    stories = list(tell_all(ahead, now).values())
    return {
        "name": found.name,
        "type": found.generic_asset_type.name,
        "owner": found.account.name if found.account else "Public",
        "url": url_for("ui.asset", id=found.id),
        "values": _latest(found),
        "story": stories[0].sentence if stories else "",
    }


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon of the site."""
    return blueprint.send_static_file("favicon.ico")


def _clear_session() -> BaseResponse:
    """Forget what the pages have remembered, but not who is logged in."""
    for key in [key for key in session if not key.startswith(_OF_LOGIN)]:
        del session[key]
    flash("Your session was cleared.", "success")
    return redirect(url_for("ui.home"))


def _is_by_accounts() -> bool:
    return request.args.get("group_by_accounts") == "1" and manages_accounts(web.user())


def _groups(assets: Sequence[Asset]) -> list[Group]:
    if _is_by_accounts():
        return by_account(assets, web.user())
    settings = web.installation().settings
    # Demonstrations tell how much there is in all, though not what belongs to others.
    others = (
        latest_powers.numbers_by_type(web.session(), but=assets)
        if settings.mode == "demo"
        else None
    )
    return by_type(assets, settings["FLEXMEASURES_ASSET_TYPE_GROUPS"], others)


def _readable_assets() -> Sequence[Asset]:
    """All assets that the user may read, without their sensors, which may be many."""
    scope = entity_lists.AssetScope(all_accessible=True)
    return entity_lists.list_assets(web.session(), web.user(), scope).entries


def _by_asset(stories: Mapping[int, Story], sensors: Sequence[Sensor]) -> dict[int, list[Story]]:
    found: dict[int, list[Story]] = {}
    for sensor in sensors:
        if sensor.id in stories:
            found.setdefault(sensor.generic_asset_id, []).append(stories[sensor.id])
    return found


def _latest(asset: Asset) -> list[dict[str, str]]:
    """The last recorded value of each of the first sensors; of the past, but when playing."""
    installation = web.installation()
    now = installation.now()
    found = []
    for sensor in asset.sensors[:_MOST_VALUES]:
        for strand in outlook.around(web.session(), sensor, now).strands:
            known = [
                (start, value)
                for start, value in zip(strand.starts, strand.values, strict=True)
                if start <= now or installation.settings.mode == "play"
            ]
            if strand.kind == "recorded" and known:
                start, value = known[-1]
                when = clock(start.astimezone(time_zone(sensor.timezone)), now)
                found.append(
                    {"name": sensor.name, "value": with_unit(value, sensor.unit), "at": when}
                )
    return found
