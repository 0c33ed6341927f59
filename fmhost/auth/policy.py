"""Who may do what to which entity.

The rules are pure functions of entities. A *principal* is something a user is: ``user:7``,
``role:admin``, ``account:3``, ``account-role:Prosumer`` or ``every-logged-in-user``. Each
permission on an entity has alternatives, of which one must be met; an alternative is a set of
principals that a user must be all of.

Two roles stand above the rules: ``admin`` may do everything, ``admin-reader`` may read everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fmhost.errors import NotAuthenticated, NotAuthorized
from fmhost.model import Account, Asset, Sensor, User

ADMIN = "admin"
ADMIN_READER = "admin-reader"
ACCOUNT_ADMIN = "account-admin"
CONSULTANT = "consultant"

#: Account role whose consultants may create accounts for new clients.
CONSULTANCY = "Consultancy"

EVERY_LOGGED_IN_USER = "every-logged-in-user"

NOT_AUTHENTICATED = "You could not be properly authenticated for this content or functionality."
NOT_AUTHORIZED = "You cannot be authorized for this content or functionality."


class Permission(StrEnum):
    """What somebody may do to an entity."""

    CREATE_CHILDREN = "create-children"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"


#: All principals that a user must be, of any one alternative.
Alternatives = tuple[frozenset[str], ...]
Rules = Mapping[Permission, Alternatives]


@dataclass(frozen=True, slots=True)
class Platform:
    """The installation as a whole; its children are accounts."""


@dataclass(frozen=True, slots=True)
class History:
    """The audit log of a user or an account. That of an asset is read by who reads the asset."""

    of: User | Account


def principals(user: User) -> frozenset[str]:
    """Everything that `user` is."""
    return frozenset(
        (
            EVERY_LOGGED_IN_USER,
            f"user:{user.id}",
            f"account:{user.account_id}",
            *(f"role:{role.name}" for role in user.roles),
            *(f"account-role:{role.name}" for role in user.account.account_roles),
        )
    )


def check_access(user: User | None, entity: Any, permission: str) -> None:
    """See that `user` has `permission` on `entity`.

    :raises NotAuthenticated: where there is no user, or an inactive one.
    :raises NotAuthorized: where the rules say no. Its message is the same for every entity, so
        that it tells nothing about those of others.
    """
    if user is None or not user.active:
        raise NotAuthenticated(NOT_AUTHENTICATED)
    if not allowed(user, entity, permission):
        raise NotAuthorized(NOT_AUTHORIZED, hint=f"It requires the {permission} permission.")


def allowed(user: User, entity: Any, permission: str) -> bool:
    """Whether `user` has `permission` on `entity`; no to unknown permissions and entities."""
    if not user.active or permission not in list(Permission) or entity is None:
        return False
    if user.has_role(ADMIN):
        return True
    if permission == Permission.READ and user.has_role(ADMIN_READER):
        return True
    rules = rules_for(entity)
    alternatives = rules.get(Permission(permission), ()) if rules is not None else ()
    own = principals(user) if alternatives else frozenset()
    return any(alternative <= own for alternative in alternatives)


def rules_for(entity: Any) -> Rules | None:
    """The rules of an entity, without the two roles above them; None for what has no rules."""
    if isinstance(entity, Sensor):
        return _sensor_rules(entity.generic_asset)
    if isinstance(entity, Asset):
        return _asset_rules(entity)
    if isinstance(entity, Account):
        return _account_rules(entity)
    if isinstance(entity, User):
        return _user_rules(entity)
    if isinstance(entity, History):
        return _history_rules(entity)
    if isinstance(entity, Platform):
        consultants = frozenset((f"role:{CONSULTANT}", f"account-role:{CONSULTANCY}"))
        return {Permission.CREATE_CHILDREN: (consultants,)}
    return None


def _member(account: Account) -> frozenset[str]:
    return frozenset((f"account:{account.id}",))


def _admin_of(account: Account) -> frozenset[str]:
    return frozenset((f"account:{account.id}", f"role:{ACCOUNT_ADMIN}"))


def _consultants_of(account: Account) -> Alternatives:
    """Users with the role consultant in the account that advises `account`, if one does."""
    if account.consultancy_account_id is None:
        return ()
    return (frozenset((f"account:{account.consultancy_account_id}", f"role:{CONSULTANT}")),)


def _account_rules(account: Account) -> Rules:
    consultants = _consultants_of(account)
    return {
        Permission.CREATE_CHILDREN: (_admin_of(account), *consultants),
        Permission.READ: (_member(account), *consultants),
        Permission.UPDATE: (_member(account), *consultants),
    }


def _user_rules(user: User) -> Rules:
    consultants = _consultants_of(user.account)
    oneself = frozenset((f"user:{user.id}",))
    return {
        Permission.READ: (_member(user.account), *consultants),
        Permission.UPDATE: (oneself, _admin_of(user.account), *consultants),
    }


def _history_rules(history: History) -> Rules:
    of = history.of
    if isinstance(of, Account):
        return {Permission.READ: (_admin_of(of), *_consultants_of(of))}
    oneself = frozenset((f"user:{of.id}",))
    return {Permission.READ: (oneself, _admin_of(of.account), *_consultants_of(of.account))}


def _asset_rules(asset: Asset) -> Rules:
    if asset.is_public:
        return {Permission.READ: (frozenset((EVERY_LOGGED_IN_USER,)),)}
    account = asset.account
    if account is None:  # an asset that was never stored, or whose account is gone
        return {}
    consultants = _consultants_of(account)
    members = (_member(account), *consultants)
    return {
        Permission.CREATE_CHILDREN: members,
        Permission.READ: members,
        Permission.UPDATE: members,
        Permission.DELETE: (_admin_of(account), *consultants),
    }


def _sensor_rules(asset: Asset) -> Rules:
    rules = dict(_asset_rules(asset))
    if Permission.DELETE in rules:
        # Unit and resolution decide what stored values mean, so fewer may change them.
        rules[Permission.UPDATE] = rules[Permission.DELETE]
    return rules


def may_assign_role(user: User, role: str, to: User) -> bool:
    """Whether `user` may give `role` to another user, or take it away.

    Nobody may change own roles, and nobody may make an admin except on the command line.
    """
    if user.id == to.id or not user.active:
        return False
    is_admin = user.has_role(ADMIN)
    if role == ADMIN_READER:
        return is_admin
    own = principals(user)
    if role == ACCOUNT_ADMIN:
        return is_admin or any(rule <= own for rule in _consultants_of(to.account))
    if role == CONSULTANT:
        return is_admin or _admin_of(to.account) <= own
    return False
