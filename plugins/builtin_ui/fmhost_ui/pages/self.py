"""Oneself: own data, a fresh token, and API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import NotFound, accounts, api_keys, time_zone, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered

#: What a key may be good for, in words.
SCOPES: Final = {
    "read": "read what I may read",
    "write-data": "post and delete data of sensors, and annotations",
    "trigger": "have schedules and forecasts computed",
}

_EMPTY: Final = {"name": "", "scopes": "", "expires_at": ""}


@blueprint.get("/logged-in-user")
@web.login_required
def logged_in_user() -> str:
    """The own data, and ways for programs to act in the own name."""
    return _page()


@blueprint.post("/logged-in-user/token")
@web.login_required
def fresh_token() -> str:
    """The page with a new token, which is shown this once."""
    return _page(token=web.fresh_token())


@blueprint.post("/logged-in-user/api-keys")
@web.login_required
def new_api_key() -> str | tuple[str, int]:
    """Make an API key; the page shows it this once."""
    values = _EMPTY | entered(("name", "expires_at"))
    given: dict[str, Any] = {"name": values["name"], "scopes": request.form.getlist("scopes")}
    values["scopes"] = " ".join(given["scopes"])
    if values["expires_at"]:
        given["expires_at"] = _midnight(values["expires_at"])
    try:
        made = web.perform("api_keys.create_api_key", given)
    except web.Refused as refused:
        return _page(form=Form(values, refused.messages)), refused.status
    return _page(key=made["key"], named=made["name"])


@blueprint.post("/logged-in-user/api-keys/<id>/revoke")
@web.login_required
def revoke_api_key(id: str) -> Response:
    """Make an API key worthless."""
    try:
        web.perform("api_keys.revoke_api_key", id=id)
    except web.Refused as refused:
        raise NotFound("There is no such key.") from refused
    flash("The key is revoked.", "success")
    return redirect(url_for("ui.logged_in_user"))


def _midnight(day: str) -> str:
    """The start of a day where the user lives, as the API takes it; what is no day, as it is."""
    try:
        local = datetime.fromisoformat(day)
    except ValueError:
        return day
    zone = web.user().timezone or web.installation().settings["FLEXMEASURES_TIMEZONE"]
    return local.replace(tzinfo=local.tzinfo or time_zone(zone)).isoformat()


def _page(**shown: Any) -> str:
    user = web.user()
    (counted,) = accounts.with_counts(web.session(), [user.account])
    return render_template(
        "ui/logged_in_user.html",
        user=user,
        counted=counted,
        keys=api_keys.list_keys(web.session(), user=user),
        scopes=SCOPES,
        now=web.installation().now(),
        token_age=web.installation().settings["SECURITY_TOKEN_MAX_AGE"] // 3600,
        **{"form": Form(_EMPTY), **shown},
    )
