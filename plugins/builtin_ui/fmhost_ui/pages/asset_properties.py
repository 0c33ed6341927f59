"""Create, change and copy assets."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import Account, Asset, account_lists, assets, check_access, listing, web
from fmhost_ui import maps
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered, is_rehearsal, pretty, rehearsed

#: Fields of the form, in their order, that are texts.
_PLAIN = ("name", "description", "external_id")
#: ... that are numbers or ids, of which an empty one is none.
_NUMBERS = ("generic_asset_type_id", "parent_asset_id", "latitude", "longitude")
#: ... that are JSON, and what each is where it is empty.
_JSON: dict[str, Any] = {"attributes": {}, "sensors_to_show_as_kpis": []}
_FIELDS = (*_PLAIN, *_NUMBERS, *_JSON)

_PUBLIC = "public"
#: More assets than these are not listed where one is named.
_MOST_PARENTS = 500


@blueprint.app_context_processor
def _permissions() -> dict[str, Any]:
    """``may_on(entity, permission)``: what a page may offer."""
    return {"may_on": web.allows}


@blueprint.route("/assets/new", methods=["GET", "POST"])
@web.login_required
def new_asset() -> str | Response | tuple[str, int]:
    """A form for a new asset; ``parent`` in the query says what it is to be a part of."""
    owners, parents = _owners(), _parents()
    if not owners and not parents:
        check_access(web.user(), web.user().account, "create-children")
    if request.method == "GET":
        values = dict.fromkeys(_FIELDS, "") | {name: pretty(each) for name, each in _JSON.items()}
        values |= {"parent_asset_id": request.args.get("parent", ""), "account_id": ""}
        if not values["parent_asset_id"]:
            values["account_id"] = str(owners[0].id) if owners else ""
        return _new_page(Form(values), owners, parents)
    values = entered((*_FIELDS, "account_id"))
    given = _given(values)
    if values["account_id"] != _PUBLIC:
        given["account_id"] = values["account_id"] or None
    if is_rehearsal():
        return rehearsed(web.rehearse("assets.create_asset", _without_none(given)))
    try:
        made = web.perform("assets.create_asset", _without_none(given))
    except web.Refused as refused:
        return _new_page(Form(values, refused.messages), owners, parents), refused.status
    flash(f"{given['name']} is there. Give it sensors next.", "success")
    return redirect(url_for("ui.asset_properties", id=made["id"]))


@blueprint.route("/assets/<id>/properties", methods=["GET", "POST"])
@web.login_required
def asset_properties(id: str) -> str | Response | tuple[str, int]:
    """The fields of an asset: to read, and for those who may, to change."""
    asset = web.load_asset(id)
    if request.method == "GET":
        return _properties_page(asset, Form(_values(asset)))
    web.load_asset(id, "update")
    before = _values(asset)
    values = before | entered([name for name in _FIELDS if name in request.form])
    given = {
        name: value
        for name, value in _given(values).items()
        if values[name] != before[name].strip()
    }
    if is_rehearsal():
        return rehearsed(web.rehearse("assets.update_asset", given, id=id))
    try:
        web.perform("assets.update_asset", given, id=id)
    except web.Refused as refused:
        return _properties_page(asset, Form(values, refused.messages)), refused.status
    flash("Saved." if given else "Nothing has changed.", "success" if given else "info")
    return redirect(url_for("ui.asset_properties", id=id))


@blueprint.post("/assets/<id>/copy")
@web.login_required
def copy_asset(id: str) -> Response | tuple[str, int]:
    """Copy an asset with all that is below it, and lead to the copy."""
    asset = web.load_asset(id)
    try:
        made = web.perform("copies.create_copy", id=id)
    except web.Refused as refused:
        form = Form(_values(asset), refused.messages)
        return _properties_page(asset, form), refused.status
    flash(f"This is the copy of {asset.name}, with its sensors and without its data.", "success")
    return redirect(url_for("ui.asset_properties", id=made["asset"]))


def _given(values: dict[str, str]) -> dict[str, Any]:
    """What the API is sent: of an empty field that there is no value, or an empty one of JSON."""
    texts = {name: values[name] or None for name in (*_PLAIN, *_NUMBERS)}
    json = {name: values[name] or pretty(empty) for name, empty in _JSON.items()}
    return {**texts, "name": values["name"], **json}


def _without_none(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _values(asset: Asset) -> dict[str, str]:
    texts = {name: getattr(asset, name) for name in (*_PLAIN, *_NUMBERS)}
    return {
        **{name: "" if value is None else str(value) for name, value in texts.items()},
        **{name: pretty(getattr(asset, name)) for name in _JSON},
    }


def _owners() -> list[Account]:
    """The accounts for which the user may create assets; the own one first."""
    user = web.user()
    found = account_lists.list_accounts(web.session(), user, listing.Listing(sort_by="name"))
    owners = [each for each in found.entries if web.allows(each, "create-children")]
    return sorted(owners, key=lambda each: each.id != user.account_id)


def _parents() -> list[Asset]:
    """The assets to which the user may add parts."""
    return [each for each in web.readable_assets() if web.allows(each, "create-children")]


def _new_page(form: Form, owners: list[Account], parents: list[Asset]) -> str:
    choices = [(str(each.id), each.name) for each in owners]
    if parents:
        choices.insert(0, ("", "that of the asset of which it is a part"))
    if web.user().has_role("admin"):
        choices.append((_PUBLIC, "nobody: it is public"))
    return render_template(
        "ui/asset_new.html",
        form=form,
        owners=choices,
        types=_types(),
        parents=parents[:_MOST_PARENTS],
        map=maps.described(web.installation().settings),
    )


def _properties_page(asset: Asset, form: Form) -> str:
    may_change = web.allows(asset, "update")
    parents = [
        each
        for each in (_parents() if may_change else [])
        if each.account_id == asset.account_id and each is not asset
    ]
    return render_template(
        "ui/asset_properties.html",
        asset=asset,
        form=form,
        tabs=dict(web.tabs(asset, "properties")),
        types=_types(),
        parents=parents[:_MOST_PARENTS],
        map=maps.described(web.installation().settings),
        may_change=may_change,
        may_delete=web.allows(asset, "delete"),
        may_add=web.allows(asset, "create-children"),
    )


def _types() -> list[tuple[str, str]]:
    return [(str(each.id), each.name) for each in assets.list_asset_types(web.session())]
