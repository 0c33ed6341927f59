"""``/api/v3_0/users``."""

from __future__ import annotations

from functools import partial
from typing import Any

from fmhost.api.loaders import load_account, load_employer, load_user
from fmhost.api.operations import Resource
from fmhost.api.pages import listing_of, page_or_list
from fmhost.api.unit_of_work import current_installation, current_session, unit_of_work
from fmhost.auth.login import requesting_user
from fmhost.auth.mail import send_password_reset
from fmhost.auth.policy import Permission
from fmhost.errors import Conflict
from fmhost.model import User
from fmhost.schemas.users import (
    DuplicateUserSchema,
    ListedUserSchema,
    PasswordResetSchema,
    UserCreationSchema,
    UserPageSchema,
    UserSchema,
    UsersQuery,
    UserUpdateSchema,
)
from fmhost.services import user_changes, user_lists
from fmhost.services.users import record_instructions, reset_access

users = Resource("users", __name__, url_prefix="/api/v3_0/users")


@users.operation(
    "GET", "", schema=UsersQuery(), answer=(ListedUserSchema(many=True), UserPageSchema)
)
def list_users(given: dict[str, Any]) -> Any:
    """List the users of the own account, or of another one; for admins, those of all accounts.

    Users who are not active come with `include_inactive`. With `page` it is a page of the list,
    with the numbers of all users and of those that have the search terms of `filter` in their
    name, their e-mail address or the name of their account.
    """
    account_id = given.get("account")
    if account_id is not None:
        load_account(account_id, Permission.READ)
    page = user_lists.list_users(
        current_session(),
        requesting_user(),
        listing_of(given),
        account_id=account_id,
        include_inactive=given["include_inactive"],
    )
    return page_or_list(page, ListedUserSchema(many=True))


@users.operation(
    "POST",
    "",
    schema=UserCreationSchema(),
    answers={201: UserSchema, 400: DuplicateUserSchema},
    names={"users": "/id"},
)
def create_user(given: dict[str, Any]) -> Any:
    """Create a user, who is sent instructions to choose a password."""
    account = load_employer(given["account_id"])
    try:
        created = user_changes.invite_user(
            current_installation(),
            current_session(),
            username=given["username"],
            email=given["email"],
            account=account,
            actor=requesting_user(),
        )
    except Conflict as error:
        return _duplicate(error)
    unit_of_work().after_commit(partial(_send_instructions, created, requesting_user()))
    return UserSchema().dump(created), 201


@users.operation("GET", "/<id>", answer=UserSchema)
def fetch_user(id: str) -> Any:
    """Fetch a user."""
    return UserSchema().dump(load_user(id, Permission.READ))


@users.operation(
    "PATCH",
    "/<id>",
    schema=UserUpdateSchema(),
    answers={200: UserSchema, 400: DuplicateUserSchema},
)
def update_user(id: str, given: dict[str, Any]) -> Any:
    """Change fields of a user; what is not named stays.

    Nobody can change whether they are active themselves, nor their own roles. A user who becomes
    inactive loses all tokens and sessions.
    """
    user = load_user(id, Permission.UPDATE)
    try:
        user_changes.update_user(
            current_installation(), current_session(), user, given, actor=requesting_user()
        )
    except Conflict as error:
        return _duplicate(error)
    return UserSchema().dump(user)


@users.operation("PATCH", "/<id>/password-reset", answer=PasswordResetSchema)
def reset_password(id: str) -> Any:
    """Make a user's password, tokens and sessions invalid, and send instructions for a new one."""
    user = load_user(id, Permission.UPDATE)
    reset_access(current_installation(), current_session(), user, actor=requesting_user())
    unit_of_work().after_commit(partial(_send_instructions, user, requesting_user()))
    return {}


def _send_instructions(user: User, actor: User) -> None:
    """Once it is committed what the link in the mail is made of."""
    if send_password_reset(user):
        record_instructions(current_installation(), user, actor=actor)


def _duplicate(error: Conflict) -> Any:
    return {"message": "Duplicate user already exists", "detail": str(error)}, 400
