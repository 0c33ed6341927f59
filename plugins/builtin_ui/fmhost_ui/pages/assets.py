"""The list of assets: all that one may read, or those of one account."""

from __future__ import annotations

from flask import render_template

from fmhost.plugin import Account, entity_lists, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.lists import shown

_COLUMNS = {"name": "Name", "id": "Id", "owner": "Owner"}


@blueprint.get("/assets")
@web.login_required
def all_assets() -> str:
    """The assets that the user may read, public ones included."""
    return _page(entity_lists.AssetScope(all_accessible=True), None)


@blueprint.get("/assets/owned_by/<id>")
@web.login_required
def assets_of_account(id: str) -> str:
    """The assets of an account."""
    account = web.load_account(id)
    return _page(entity_lists.AssetScope(account_id=account.id), account)


def _page(scope: entity_lists.AssetScope, account: Account | None) -> str:
    wanted = shown(_COLUMNS)
    found = entity_lists.list_assets(web.session(), web.user(), scope, wanted.part)
    return render_template(
        "ui/assets.html",
        account=account,
        assets=found.entries,
        list=wanted.of(found),
        sensors=entity_lists.numbers_of_sensors(web.session(), found.entries),
        may_create=web.allows(account or web.user().account, "create-children"),
    )
