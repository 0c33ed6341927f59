"""What pages and resources of plugins need of the request: who asks, for what, what the menu has.

An id from a URL becomes an entity here, through the policy, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, ParamSpec, TypeVar

from flask import current_app, render_template, request
from flask_security import auth_required
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from fmhost.api import errors, loaders
from fmhost.api.errors import show_errors_with as show_errors_with
from fmhost.api.openapi_drivers import describe_driver
from fmhost.api.openapi_schemas import JsonObject
from fmhost.api.performing import Refused as Refused
from fmhost.api.performing import perform as perform
from fmhost.api.performing import rehearsal as rehearsal
from fmhost.api.performing import rehearse as rehearse
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth import visibility
from fmhost.auth.decorators import Decorator, guard
from fmhost.auth.login import logged_in_user, requesting_user, token_for, user_of_session
from fmhost.auth.plugin_permissions import holds
from fmhost.auth.policy import History, Permission, Platform, allowed, may_assign_role
from fmhost.errors import FmhostError, NotAuthorized, NotFound
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.manifest import MenuEntry
from fmhost.host.page_parts import Panel, Tab
from fmhost.model import Account, Asset, Sensor, User
from fmhost.services import overview, selection
from fmhost.services.installation import Installation

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Part = TypeVar("Part", Panel, Tab)
Answer = TypeVar("Answer", MenuEntry, Panel, Tab)


def login_required(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let only those in who are logged in; others are sent to the login page and come back.

    What changes something by session needs the token of its form: ``{{ csrf_token() }}`` in a
    hidden field ``csrf_token``.
    """
    guarded: Callable[Parameters, Result] = auth_required("session", "token")(view)
    return guarded


def takes_files(
    setting: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Have a page take requests whose bodies are larger than those of others (4 MiB).

    :param setting: the name of the setting that says how large at most [bytes]; above the other
        decorators.
    """

    def decorate(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        view.__dict__["limit"] = setting
        return view

    return decorate


def installation() -> Installation:
    """The installation that answers the request."""
    return current_installation()


def session() -> Session:
    """The database session of the request; what it writes is committed after a good answer."""
    return current_session()


def after_commit(callback: Callable[[], object]) -> None:
    """Have `callback` called once what the request has written is committed."""
    unit_of_work().after_commit(callback)


def user() -> User:
    """Who asks.

    :raises NotAuthenticated: where nobody is logged in.
    """
    return requesting_user()


def user_or_none() -> User | None:
    """Who asks, if anybody is logged in."""
    return logged_in_user()


def load_sensor(sensor_id: str, permission: str = "read") -> Sensor:
    """The sensor that a URL names.

    :raises NotFound: where there is none, or the text is no id.
    :raises NotAuthorized: where the user lacks the permission. Its text is the same for every
        sensor.
    """
    _require_number(sensor_id, "sensor")
    return loaders.load_sensor_of_data(sensor_id, Permission(permission))


def load_asset(asset_id: str, permission: str = "read") -> Asset:
    """The asset that a URL names; raises as :func:`load_sensor` does."""
    _require_number(asset_id, "asset")
    return loaders.load_asset(asset_id, Permission(permission))


def load_account(account_id: str, permission: str = "read") -> Account:
    """The account that a URL names; raises as :func:`load_sensor` does."""
    _require_number(account_id, "account")
    return loaders.load_account_of_path(account_id, Permission(permission))


def load_user(user_id: str, permission: str = "read") -> User:
    """The user that a URL names; raises as :func:`load_sensor` does."""
    _require_number(user_id, "user")
    return loaders.load_user(user_id, Permission(permission))


def load_account_with_history(account_id: str) -> Account:
    """The account that a URL names, for its audit log; raises as :func:`load_sensor` does."""
    _require_number(account_id, "account")
    return loaders.load_account_with_history(account_id)


def load_user_with_history(user_id: str) -> User:
    """The user that a URL names, for the audit log; raises as :func:`load_sensor` does."""
    _require_number(user_id, "user")
    return loaders.load_user_with_history(user_id)


def _require_number(text: str, what: str) -> None:
    if not (text.isascii() and text.isdecimal()):
        raise NotFound(f"No {what} found with ID {text}.")


def readable_assets() -> Sequence[Asset]:
    """All assets that the user may read, with owners, types and sensors."""
    return overview.readable_assets(session(), requesting_user())


def allows(entity: Account | Asset | Sensor | User, permission: str) -> bool:
    """Whether the user has a permission on an entity, such as ``update``: for what a page offers.

    What is done is checked again by whom it is asked of.
    """
    return allowed(requesting_user(), entity, permission)


def fresh_token() -> str:
    """A new token of whoever is logged in by session; older ones stay valid until they expire.

    :raises NotAuthorized: where the request came with a token or a key itself, which would
        otherwise live for ever.
    """
    visitor = user_of_session()
    if visitor is None:
        raise NotAuthorized("A token gets no other token.", hint="Log in on the page for logins.")
    return token_for(visitor)


def allows_history(entity: Account | User) -> bool:
    """Whether the user may read the audit log of an account or a user."""
    return allowed(requesting_user(), History(entity), Permission.READ)


def allows_new_accounts() -> bool:
    """Whether the user may create accounts."""
    return allowed(requesting_user(), Platform(), Permission.CREATE_CHILDREN)


def assignable_roles(to: User, names: Iterable[str]) -> list[str]:
    """Those of these roles that the user may give to another user, or take away."""
    return [name for name in names if may_assign_role(requesting_user(), name, to)]


def reads_everything() -> bool:
    """Whether the user's roles stand above the rules for reading: admin and admin-reader."""
    visitor = logged_in_user()
    return visitor is not None and visibility.reads_everything(visitor)


def schemas_of_scheduler(target: Sensor | Asset) -> tuple[str, Mapping[str, JsonObject]]:
    """The scheduler that `target` gets, by name, and the JSON Schemas that it publishes.

    These are of its ``flex-model``, its ``flex-context`` and its ``config``, as far as it has them.

    :raises InvalidInput: where there is none for it.
    """
    name = selection.choose(installation(), "scheduler", target).provenance.name
    known: dict[str, Any] = current_app.extensions["fmhost"].setdefault("scheduler_schemas", {})
    if name not in known:  # it does not change while the server runs
        known[name] = describe_driver(installation().host, "scheduler", name)
    return name, known[name]


def may(permission: str) -> bool:
    """Whether the user has a permission that a plugin brings.

    Admins do, and users with a role to which the plugin's manifest grants it, or the operator has
    added it.
    """
    return holds(logged_in_user(), permission, installation().host)


def permission_required(
    permission: str,
) -> Decorator[Parameters, Result]:
    """Let only those in who are logged in and have a permission that a plugin brings."""
    return guard(lambda _arguments, _named: may(permission))


def menu(page: str = "") -> Sequence[MenuEntry]:
    """The entries of all plugins that the user may see, in the plugins' order; none without a user.

    Those of the manifests come first, then what plugins answer to ``fmhost_menu_items``.

    :param page: path of the page that is looked at.
    """
    visitor = logged_in_user()
    if visitor is None:
        return []
    host = installation().host
    fixed = [
        entry
        for record in host.active
        if record.manifest is not None
        for entry in record.manifest.menu
        if record.owns("menu", entry.key)
    ]
    added = _ask("fmhost_menu_items", MenuEntry, user=visitor, page=page)
    return [
        entry for entry in (*fixed, *(each for _, each in added)) if _is_for(visitor, entry, host)
    ]


def panels(target: Sensor | Asset) -> Sequence[tuple[str, Panel]]:
    """What plugins show on the page of `target`, and the user may see; each with a unique id.

    A plugin that fails is logged, and its panels are left out.
    """
    return _parts("fmhost_page_panels", Panel, target=target)


def tabs(asset: Asset, shown: str = "") -> Sequence[tuple[str, Tab]]:
    """The tabs that plugins add to the page of `asset`, as for panels.

    :param shown: id of the tab that is looked at.
    """
    # An id is the plugin's name and the key of the tab.
    key = shown.partition(":")[2]
    return _parts("fmhost_asset_tabs", Tab, asset=asset, shown=key)


def fragment(template: str, **variables: Any) -> Markup:
    """A rendered template as the content of a panel or tab."""
    return Markup(render_template(template, **variables))  # Jinja has escaped it


def _parts(hook: str, kind: type[Part], **arguments: Any) -> Sequence[tuple[str, Part]]:
    visitor = requesting_user()
    host = installation().host
    return [
        (f"{record.name}:{part.key}", part)
        for record, part in _ask(hook, kind, user=visitor, **arguments)
        if _is_for(visitor, part, host)
    ]


def _ask(hook: str, kind: type[Answer], **arguments: Any) -> list[tuple[PluginRecord, Answer]]:
    hooks = installation().host.hooks
    if not hooks.implementers(hook):
        return []
    # What a failing implementation did to the transaction must not cost us the page.
    return hooks.gather(hook, kind, around=session().begin_nested, **arguments)


def _is_for(visitor: User, part: MenuEntry | Panel | Tab, host: Host) -> bool:
    return part.permission is None or holds(visitor, part.permission, host)


def platform_name() -> str:
    """``FLEXMEASURES_PLATFORM_NAME`` for the account roles of the user."""
    return name_for(installation().settings["FLEXMEASURES_PLATFORM_NAME"], logged_in_user())


def name_for(value: Any, visitor: User | None) -> str:
    """The first name that fits the account roles of the visitor; empty where none does.

    :param value: a name, or a list of names and of pairs of a name and account roles.
    """
    return next(iter(names_for(value, visitor)), "")


def names_for(value: Any, visitor: User | None) -> list[str]:
    """All names that fit the account roles of the visitor, as for :func:`name_for`."""
    if isinstance(value, str):
        return [value]
    roles = {role.name for role in visitor.account.account_roles} if visitor else set()
    return [
        each if isinstance(each, str) else str(each[0])
        for each in value
        if isinstance(each, str) or roles & set(each[1])
    ]


def view_at(path: str) -> str | None:
    """The endpoint that answers when somebody looks at `path`; None where there is no page."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # there is one for every request
    try:
        endpoint: str = adapter.match(path, method="GET")[0]
    except RequestRedirect:
        return path
    except HTTPException:
        return None
    return endpoint


def told(error: FmhostError) -> str:
    """What whoever looks at a page is told of an error: of the database, not where it is.

    The rest is for the log.
    """
    return errors.told(error)


def render_flexmeasures_template(template: str, **variables: Any) -> str:
    """The page of a template; one that extends ``base.html`` stands in the frame of the site.

    The template knows its own name, without folders and suffix, as ``page``.
    """
    page = PurePosixPath(template).name.partition(".")[0]
    return render_template(template, **{"page": page, **variables})
