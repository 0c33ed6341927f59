"""Accounts: a list, one with what belongs to it, and forms for new ones and for changes."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import (
    Account,
    AccountRole,
    account_lists,
    accounts,
    check_access,
    histories,
    listing,
    roles,
    user_lists,
    web,
)
from fmhost_ui.blueprint import blueprint
from fmhost_ui.forms import Form, entered
from fmhost_ui.lists import shown

_COLUMNS = {"name": "Name", "id": "Id", "assets": "Assets", "users": "Users"}
_FIELDS = ("name", "primary_color", "secondary_color", "logo_url")

EVENTS = {"event_datetime": "When", "event": "What", "active_user_name": "By whom"}


@blueprint.get("/accounts")
@web.login_required
def all_accounts() -> str:
    """The accounts that the user may read."""
    wanted = shown(_COLUMNS)
    found = account_lists.list_accounts(web.session(), web.user(), wanted.part)
    return render_template(
        "ui/accounts.html",
        accounts=accounts.with_counts(web.session(), found.entries),
        list=wanted.of(found),
        may_create=web.allows_new_accounts(),
    )


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@web.login_required
def new_account() -> str | Response | tuple[str, int]:
    """A form for a new account."""
    if not web.allows_new_accounts():
        check_access(web.user(), None, "create-children")
    consultancies = _consultancies()
    if request.method == "GET":
        return _new_page(Form({"name": "", "consultancy_account_id": ""}), consultancies)
    values = entered(("name", "consultancy_account_id"))
    given: dict[str, Any] = {name: value for name, value in values.items() if value}
    try:
        made = web.perform("accounts.create_account", {"name": "", **given})
    except web.Refused as refused:
        return _new_page(Form(values, refused.messages), consultancies), refused.status
    flash(f"{given['name']} is there. Give it users and assets next.", "success")
    return redirect(url_for("ui.account", id=made["id"]))


@blueprint.route("/accounts/<id>", methods=["GET", "POST"])
@web.login_required
def account(id: str) -> str | Response | tuple[str, int]:
    """An account: its users, its look, and for those who may, a form to change it."""
    found = web.load_account(id)
    if request.method == "GET":
        return _account_page(found, Form(_values(found)))
    web.load_account(id, "update")
    before = _values(found)
    values = before | entered([name for name in _FIELDS if name in request.form])
    given: dict[str, Any] = {
        name: value or None for name, value in values.items() if value != before[name]
    }
    if "name" in given:
        given["name"] = values["name"]
    if "offers_roles" in request.form:
        given |= _for_admins(found)
    try:
        web.perform("accounts.update_account", given, id=id)
    except web.Refused as refused:
        return _account_page(found, Form(values, refused.messages)), refused.status
    flash("Saved." if given else "Nothing has changed.", "success" if given else "info")
    return redirect(url_for("ui.account", id=id))


@blueprint.get("/accounts/auditlog/<id>")
@web.login_required
def account_auditlog(id: str) -> str:
    """What was done to an account and its users."""
    found = web.load_account_with_history(id)
    wanted = shown(EVENTS, descending=True)
    page = histories.of_account(web.session(), found, wanted.part)
    return render_template(
        "ui/auditlog.html",
        what=found.name,
        back=url_for("ui.account", id=found.id),
        events=page.entries,
        list=wanted.of(page),
    )


def _for_admins(account: Account) -> dict[str, Any]:
    """Roles and consultancy, as far as the form has changed them."""
    given: dict[str, Any] = {}
    wanted = {int(each) for each in request.form.getlist("account_roles") if each.isdecimal()}
    if wanted != {role.id for role in account.account_roles}:
        given["account_roles"] = sorted(wanted)
    consultancy = request.form.get("consultancy_account_id", "")
    if consultancy != str(account.consultancy_account_id or ""):
        given["consultancy_account_id"] = consultancy or None
    return given


def _values(account: Account) -> dict[str, str]:
    return {name: getattr(account, name) or "" for name in _FIELDS}


def _consultancies() -> list[tuple[str, str]]:
    """The accounts that an admin can choose as consultancy."""
    if not web.user().has_role("admin"):
        return []
    wanted = listing.Listing(sort_by="name")
    found = account_lists.list_accounts(web.session(), web.user(), wanted)
    return [("", "none"), *((str(each.id), each.name) for each in found.entries)]


def _new_page(form: Form, consultancies: list[tuple[str, str]]) -> str:
    return render_template("ui/account_new.html", form=form, consultancies=consultancies)


def _account_page(account: Account, form: Form) -> str:
    wanted = listing.Listing(sort_by="username")
    users = user_lists.list_users(
        web.session(), web.user(), wanted, account_id=account.id, include_inactive=True
    )
    (counted,) = accounts.with_counts(web.session(), [account])
    is_admin = web.user().has_role("admin")
    return render_template(
        "ui/account.html",
        account=account,
        counted=counted,
        consultancy=_readable(account.consultancy_account),
        users=users.entries,
        form=form,
        branding=account.branding(),
        all_roles=roles.all_of(web.session(), AccountRole) if is_admin else [],
        consultancies=[each for each in _consultancies() if each[0] != str(account.id)],
        may_change=web.allows(account, "update"),
        may_add=web.allows(account, "create-children"),
        may_read_log=web.allows_history(account),
    )


def _readable(account: Account | None) -> Account | None:
    return account if account is not None and web.allows(account, "read") else None
