"""Our users and roles, as Flask-Security wants to see them.

The entities know nothing of Flask. What the extension needs besides (tokens, checks) is in thin
wrappers around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import current_app, g, has_app_context
from flask_security import RoleMixin, UserDatastore, UserMixin
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.hashes import checked
from fmhost.errors import FmhostError
from fmhost.model import Account, Role, User
from fmhost.telemetry import context

#: Stands for a secret of which no code is made: to Flask-Security, a user without one has no second
#: factor.
NO_CODE = "void"


def _of_entity(name: str) -> Any:
    """An attribute that is read from and written to the wrapped entity."""

    def read(wrapper: Any) -> Any:
        return getattr(wrapper.entity, name)

    def write(wrapper: Any, value: Any) -> None:
        setattr(wrapper.entity, name, value)

    return property(read, write)


@dataclass(frozen=True, slots=True)
class Sight:
    """A user, as they were when the request found them."""

    user_id: int
    last_seen_at: datetime | None
    account_id: int | None = None


class LoginRole(RoleMixin):  # type: ignore[misc]  # the extension has no types
    """A role as Flask-Security sees it."""

    def __init__(self, entity: Role) -> None:
        self.entity = entity

    name = _of_entity("name")
    permissions = _of_entity("permissions")


class LoginUser(UserMixin):  # type: ignore[misc]
    """A user as Flask-Security sees it.

    :param entity: the stored user.
    """

    #: Who is here, and when that was noted last; good also when the session has forgotten it.
    sight: Sight

    def __init__(self, entity: User) -> None:
        self.entity = entity
        self.sight = Sight(entity.id, entity.last_seen_at, entity.account_id)

    id = _of_entity("id")
    email = _of_entity("email")
    username = _of_entity("username")
    password = _of_entity("password")
    active = _of_entity("active")
    fs_uniquifier = _of_entity("fs_uniquifier")
    last_login_at = _of_entity("last_login_at")
    login_count = _of_entity("login_count")

    def note(self) -> LoginUser:
        """Have the log lines that follow name this user as the one of the request."""
        context.note(user_id=self.sight.user_id, account_id=self.sight.account_id)
        return self

    #: The second factor is the mailbox, which every user has.
    tf_primary_method = "email"

    @property
    def tf_totp_secret(self) -> str:
        """What the code that was mailed last is made of; of nothing else where it is void."""
        return self.entity.tf_totp_secret or NO_CODE

    @tf_totp_secret.setter
    def tf_totp_secret(self, secret: str | None) -> None:
        self.entity.tf_totp_secret = secret

    def verify_and_update_password(self, password: str) -> bool:
        """Whether the password is right; its hash is then by the scheme of the settings."""
        return checked(lambda: super(LoginUser, self).verify_and_update_password(password))

    def tf_send_security_token(self, method: str, **_options: Any) -> str | None:
        """Mail a code, which takes the place of those before; None, or why it was not sent."""
        fresh = current_app.extensions["security"].totp_factory.generate_totp_secret()
        self.tf_totp_secret = fresh
        failure: str | None = super().tf_send_security_token(
            method, totp_secret=fresh, phone_number=None
        )
        return failure

    @property
    def roles(self) -> list[LoginRole]:
        """The user's roles."""
        return [LoginRole(role) for role in self.entity.roles]


@cache
def _user_by(attribute: str, case_insensitive: bool) -> Select[User]:
    """The statement for the user with an attribute; built once, since every request needs it."""
    column = getattr(User, attribute)
    compared = func.lower(column) if case_insensitive else column
    return (
        select(User)
        .where(compared == bindparam("wanted"))
        .options(
            joinedload(User.roles),
            joinedload(User.account).joinedload(Account.account_roles),
        )
    )


class EntityDatastore(UserDatastore):  # type: ignore[misc]
    """Finds users and roles in the database session of the request.

    :param session: gives that session.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        super().__init__(LoginUser, LoginRole)
        self._session = session

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> LoginUser | None:
        """The user with that one attribute; with account and roles, in one statement."""
        ((attribute, value),) = kwargs.items()
        query = _user_by(attribute, case_insensitive)
        wanted = {"wanted": value.lower() if case_insensitive else value}
        with remembering_failures():
            found = self._session().scalars(query, wanted).unique().one_or_none()
        return LoginUser(found) if found is not None else None

    def find_role(self, role: str) -> LoginRole | None:
        """The role of that name."""
        found = self._session().scalars(select(Role).where(Role.name == role)).one_or_none()
        return LoginRole(found) if found is not None else None

    def tf_set(
        self,
        user: LoginUser,
        primary_method: str,
        totp_secret: str | None = None,
        phone: str | None = None,
    ) -> None:
        """Nothing: the method is always the same, and a code that was entered is void."""

    def lock(self, user: LoginUser, attribute: str) -> None:
        """Read an attribute anew, and keep others from changing it until the request ends."""
        self._session().refresh(user.entity, [attribute], with_for_update=True)

    def put(self, model: LoginUser | LoginRole) -> LoginUser | LoginRole:
        """Have the entity stored with the session."""
        self._session().add(model.entity)
        return model

    def delete(self, model: LoginUser | LoginRole) -> None:
        """Have the entity deleted with the session."""
        self._session().delete(model.entity)

    def commit(self) -> None:
        """Write to the database; the transaction itself ends with the request."""
        self._session().flush()

    def reload(self, model: LoginUser | LoginRole) -> LoginUser | LoginRole:
        """Read the entity anew."""
        self._session().refresh(model.entity)
        return model


@contextmanager
def remembering_failures() -> Iterator[None]:
    """Keep why nobody could be looked up: Flask-Security would take it for a wrong token.

    Once that has happened, the database session of the request is of no use any more, so that
    further looks fail for the same reason.
    """
    raise_failure()
    try:
        yield
    except (SQLAlchemyError, FmhostError) as error:
        if has_app_context():
            g.login_failure = error
        raise


def has_failed() -> bool:
    """Whether somebody was looked up in vain during this request, as the database failed."""
    return has_app_context() and "login_failure" in g


def raise_failure() -> None:
    """Raise what :func:`remembering_failures` kept for this request, if anything."""
    if has_failed():
        raise g.login_failure
