"""Users: a list, one with roles and access, and a form for new ones."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import (
    Role,
    User,
    account_lists,
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
from fmhost_ui.pages.accounts import EVENTS

_COLUMNS = {
    "username": "Name",
    "email": "E-mail",
    "lastLogin": "Last login",
    "lastSeen": "Last seen",
}
_FIELDS = ("username", "email", "timezone")


@blueprint.get("/users")
@web.login_required
def all_users() -> str:
    """The users of the accounts that the user may read."""
    wanted = shown(_COLUMNS)
    with_inactive = request.args.get("inactive") == "1"
    found = user_lists.list_users(
        web.session(),
        web.user(),
        wanted.part,
        all_accessible=True,
        include_inactive=with_inactive,
    )
    return render_template(
        "ui/users.html",
        users=found.entries,
        list=wanted.of(found),
        with_inactive=with_inactive,
        now=web.installation().now(),
        may_create=bool(_employers()),
    )


@blueprint.route("/users/new", methods=["GET", "POST"])
@web.login_required
def new_user() -> str | Response | tuple[str, int]:
    """A form for a new user, who gets a mail that tells how to choose a password."""
    employers = _employers()
    if not employers:
        check_access(web.user(), web.user().account, "create-children")
    if request.method == "GET":
        account_id = request.args.get("account", str(web.user().account_id))
        values = {"username": "", "email": "", "account_id": account_id}
        return render_template("ui/user_new.html", form=Form(values), employers=employers)
    values = entered(("username", "email", "account_id"))
    try:
        made = web.perform("users.create_user", values)
    except web.Refused as refused:
        form = Form(values, refused.messages)
        page = render_template("ui/user_new.html", form=form, employers=employers)
        return page, refused.status
    if "id" not in made:  # the name or the address is somebody else's
        form = Form(values, {"": [made["detail"]]})
        return render_template("ui/user_new.html", form=form, employers=employers), 400
    flash(f"{values['username']} gets a mail that tells how to choose a password.", "success")
    return redirect(url_for("ui.user", id=made["id"]))


@blueprint.route("/users/<id>", methods=["GET", "POST"])
@web.login_required
def user(id: str) -> str | Response | tuple[str, int]:
    """A user; for those who may, with forms to change data, roles and access."""
    found = web.load_user(id)
    if request.method == "GET":
        return _user_page(found, Form(_values(found)))
    web.load_user(id, "update")
    before = _values(found)
    values = before | entered([name for name in _FIELDS if name in request.form])
    given: dict[str, Any] = {name: each for name, each in values.items() if each != before[name]}
    if "offers_roles" in request.form:
        given |= _changed_roles(found)
    try:
        made = web.perform("users.update_user", given, id=id)
    except web.Refused as refused:
        return _user_page(found, Form(values, refused.messages)), refused.status
    if "id" not in made:
        return _user_page(found, Form(values, {"": [made["detail"]]})), 400
    flash("Saved." if given else "Nothing has changed.", "success" if given else "info")
    return redirect(url_for("ui.user", id=id))


@blueprint.route("/users/toggle_active/<id>", methods=["GET", "POST"])
@web.login_required
def toggle_active(id: str) -> str | Response:
    """Make a user active or inactive, after a yes."""
    found = web.load_user(id, "update")
    if request.method == "GET":
        return _confirmation(
            found,
            f"Deactivate {found.username}?" if found.active else f"Activate {found.username}?",
            "All sessions and tokens end at once. The data stay."
            if found.active
            else "The user can log in again, with the password of before.",
            "Deactivate" if found.active else "Activate",
        )
    return _done(
        found,
        "users.update_user",
        {"active": not found.active},
        f"{found.username} is {'inactive' if found.active else 'active'} now.",
    )


@blueprint.route("/users/reset_password_for/<id>", methods=["GET", "POST"])
@web.login_required
def reset_password_for(id: str) -> str | Response:
    """Make the password of a user invalid and send instructions for a new one, after a yes."""
    found = web.load_user(id, "update")
    if request.method == "GET":
        return _confirmation(
            found,
            f"Reset the password of {found.username}?",
            "Password, sessions, tokens and API keys end at once. A mail tells how to choose a new "
            "password.",
            "Reset the password",
        )
    told = f"The password of {found.username} is no longer valid. A mail tells how to go on."
    return _done(found, "users.reset_password", None, told)


@blueprint.get("/users/auditlog/<id>")
@web.login_required
def user_auditlog(id: str) -> str:
    """What was done to a user."""
    found = web.load_user_with_history(id)
    wanted = shown(EVENTS, descending=True)
    page = histories.of_user(web.session(), found, wanted.part)
    return render_template(
        "ui/auditlog.html",
        what=found.username,
        back=url_for("ui.user", id=found.id),
        events=page.entries,
        list=wanted.of(page),
    )


def _confirmation(user: User, question: str, detail: str, yes: str) -> str:
    return render_template(
        "ui/confirm.html",
        question=question,
        detail=detail,
        yes=yes,
        back=url_for("ui.user", id=user.id),
    )


def _done(user: User, operation: str, given: dict[str, Any] | None, told: str) -> Response:
    """Do it and lead back to the user, or to the login where it was oneself."""
    try:
        web.perform(operation, given, id=str(user.id))
    except web.Refused as refused:
        flash(" ".join(text for texts in refused.messages.values() for text in texts), "error")
    else:
        flash(told, "success")
    return redirect(url_for("ui.user", id=user.id))


def _changed_roles(user: User) -> dict[str, list[int]]:
    """The roles of the form, where they are others than those that the user has.

    The form has only those that may be given or taken, see :func:`_assignable`.
    """
    offered = {role.id for role in _assignable(user)}
    wanted = {int(each) for each in request.form.getlist("roles") if each.isdecimal()}
    present = {role.id for role in user.roles}
    changed = (present - offered) | wanted
    return {} if changed == present else {"flexmeasures_roles": sorted(changed)}


def _assignable(user: User) -> list[Role]:
    every = roles.all_of(web.session(), Role)
    names = set(web.assignable_roles(user, [role.name for role in every]))
    return [role for role in every if role.name in names]


def _values(user: User) -> dict[str, str]:
    return {name: getattr(user, name) or "" for name in _FIELDS}


def _employers() -> list[tuple[str, str]]:
    """The accounts to which one may add users; the own one first."""
    asking = web.user()
    found = account_lists.list_accounts(web.session(), asking, listing.Listing(sort_by="name"))
    own = [each for each in found.entries if web.allows(each, "create-children")]
    own.sort(key=lambda each: each.id != asking.account_id)
    return [(str(each.id), each.name) for each in own]


def _user_page(user: User, form: Form) -> str:
    is_oneself = user.id == web.user().id
    may_change = web.allows(user, "update")
    return render_template(
        "ui/user.html",
        user=user,
        form=form,
        now=web.installation().now(),
        assignable=_assignable(user) if may_change else [],
        may_change=may_change,
        may_suspend=may_change and not is_oneself,
        may_read_account=web.allows(user.account, "read"),
        may_read_log=web.allows_history(user),
    )
