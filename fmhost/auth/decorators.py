"""Decorators that let only some users into a view.

They are written below the decorator of the route::

    @blueprint.route("/rooms/<int:id>")
    @permission_required_for_context("read", ctx_arg_name="id", ctx_loader=find_room)
    def room(id): ...

Nobody logged in is answered with 401, or with the login page where a browser asks for a page;
somebody else with 403.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask_security import auth_required

from fmhost.auth.login import requesting_user
from fmhost.auth.policy import NOT_AUTHORIZED, check_access
from fmhost.errors import NotAuthorized
from fmhost.model import User

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Decorator = Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]


def roles_accepted(*roles: str) -> Decorator[Parameters, Result]:
    """Users with one of these roles."""
    return _users(lambda user: any(user.has_role(role) for role in roles))


def roles_required(*roles: str) -> Decorator[Parameters, Result]:
    """Users with all of these roles."""
    return _users(lambda user: all(user.has_role(role) for role in roles))


def account_roles_accepted(*roles: str) -> Decorator[Parameters, Result]:
    """Users whose account has one of these roles."""
    return _users(lambda user: bool(_account_roles(user) & set(roles)))


def account_roles_required(*roles: str) -> Decorator[Parameters, Result]:
    """Users whose account has all of these roles."""
    return _users(lambda user: set(roles) <= _account_roles(user))


def _account_roles(user: User) -> set[str]:
    return {role.name for role in user.account.account_roles}


def _users(fit: Callable[[User], bool]) -> Decorator[Parameters, Result]:
    return guard(lambda arguments, named: fit(requesting_user()))


def guard(
    lets_in: Callable[[tuple[Any, ...], dict[str, Any]], bool],
) -> Decorator[Parameters, Result]:
    """Logged-in users whom `lets_in`, called with the view's arguments, lets in."""

    def decorate(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @functools.wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            if not lets_in(args, kwargs):
                raise NotAuthorized(NOT_AUTHORIZED)
            return view(*args, **kwargs)

        logged_in: Callable[Parameters, Result] = auth_required("session", "token")(guarded)
        return logged_in

    return decorate


def permission_required_for_context(
    permission: str,
    ctx_arg_pos: int | None = None,
    ctx_arg_name: str | None = None,
    ctx_loader: Callable[..., Any] | None = None,
    pass_ctx_to_loader: bool | None = None,
    *,
    arg_pos: int | None = None,
    arg_name: str | None = None,
    arg_loader: Callable[..., Any] | None = None,
) -> Decorator[Parameters, Result]:
    """Users who have `permission` on the entity that the view is about, the *context*.

    :param permission: ``read``, ``update``, ``delete`` or ``create-children``.
    :param ctx_arg_pos: position of the view's argument that is the context, or leads to it.
    :param ctx_arg_name: its name, where the view is called with named arguments.
    :param ctx_loader: makes the context of that argument; without one, the argument is it. Where
        no argument is chosen, it is called alone.
    :param pass_ctx_to_loader: False to call the loader alone in any case.
    :param arg_pos: older name of `ctx_arg_pos`, as are `arg_name` and `arg_loader`.
    """
    position = arg_pos if ctx_arg_pos is None else ctx_arg_pos
    name = arg_name if ctx_arg_name is None else ctx_arg_name
    loader = arg_loader if ctx_loader is None else ctx_loader
    if position is None and name is None and loader is None:
        raise TypeError("Name an argument (ctx_arg_pos, ctx_arg_name) or a ctx_loader.")

    def lets_in(arguments: tuple[Any, ...], named: dict[str, Any]) -> bool:
        user = requesting_user()
        chosen: tuple[Any, ...] = ()
        if name is not None:
            chosen = (named[name],)
        elif position is not None:
            chosen = (arguments[position],)
        if loader is None:
            context = chosen[0]
        else:
            context = loader() if pass_ctx_to_loader is False else loader(*chosen)
        check_access(user, context, permission)
        return True

    return guard(lets_in)
