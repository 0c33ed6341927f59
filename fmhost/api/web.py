"""What the pages of plugins need of the request: who asks, for what, and what the menu offers.

An id from a URL becomes an entity here, through the policy, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from flask_security import auth_required
from sqlalchemy.orm import Session

from fmhost.api import loaders
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import logged_in_user, requesting_user
from fmhost.auth.policy import ADMIN, Permission
from fmhost.errors import NotFound
from fmhost.host.manifest import MenuEntry
from fmhost.model import Asset, Sensor, User
from fmhost.services import overview
from fmhost.services.installation import Installation

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def login_required(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let only those in who are logged in; others are sent to the login page and come back.

    What changes something by session needs the token of its form: ``{{ csrf_token() }}`` in a
    hidden field ``csrf_token``.
    """
    guarded: Callable[Parameters, Result] = auth_required("session", "token")(view)
    return guarded


def installation() -> Installation:
    """The installation that answers the request."""
    return current_installation()


def session() -> Session:
    """The database session of the request; what it writes is committed after a good answer."""
    return current_session()


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


def _require_number(text: str, what: str) -> None:
    if not (text.isascii() and text.isdecimal()):
        raise NotFound(f"No {what} found with ID {text}.")


def readable_assets() -> Sequence[Asset]:
    """All assets that the user may read, with owners, types and sensors."""
    return overview.readable_assets(session(), requesting_user())


def menu() -> Sequence[MenuEntry]:
    """The entries of all plugins that the user may see, in the plugins' order; none without a user.

    An entry that asks for a permission is for admins, who may do everything.
    """
    visitor = logged_in_user()
    if visitor is None:
        return []
    return [
        entry
        for record in installation().host.active
        if record.manifest is not None
        for entry in record.manifest.menu
        if record.owns("menu", entry.key) and (entry.permission is None or visitor.has_role(ADMIN))
    ]


def platform_name() -> str:
    """``FLEXMEASURES_PLATFORM_NAME`` for the account roles of the user."""
    return name_for(installation().settings["FLEXMEASURES_PLATFORM_NAME"], logged_in_user())


def name_for(value: Any, visitor: User | None) -> str:
    """The first name that fits the account roles of the visitor; empty where none does.

    :param value: a name, or a list of names and of pairs of a name and account roles.
    """
    if isinstance(value, str):
        return value
    roles = {role.name for role in visitor.account.account_roles} if visitor else set()
    for each in value:
        if isinstance(each, str):
            return each
        name, wanted = each
        if roles & set(wanted):
            return str(name)
    return ""
