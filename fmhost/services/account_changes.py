"""Change accounts: which fields there are, who may change them, to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.auth.policy import ADMIN
from fmhost.errors import InvalidInput, NotAuthorized
from fmhost.model import Account, AccountRole, Plan, User
from fmhost.services import audit, checks
from fmhost.services.accounts import create_account, find_account
from fmhost.services.installation import Installation

_FOR_ADMINS = ("plan_id", "account_roles")


def open_account(
    installation: Installation,
    session: Session,
    *,
    name: str,
    consultancy_id: int | None = None,
    actor: User,
) -> Account:
    """Create an account in the name of `actor`, who may create accounts.

    :param consultancy_id: the account whose consultants serve the new one. That of consultants is
        always their own.
    :raises InvalidInput: naming the field, for a value that does not fit.
    :raises NotAuthorized: where a consultant names another consultancy.
    """
    if not actor.has_role(ADMIN):
        if consultancy_id not in (None, actor.account_id):
            raise NotAuthorized("Consultants create accounts for clients of their own account.")
        consultancy_id = actor.account_id
    name = _free_name(session, name)
    if consultancy_id is not None:
        _require_account(session, consultancy_id)
    return create_account(
        installation, session, name=name, consultancy_id=consultancy_id, actor=actor
    )


def update_account(
    installation: Installation,
    session: Session,
    account: Account,
    changes: Mapping[str, Any],
    *,
    actor: User | None = None,
) -> Account:
    """Change fields of an account; one audit record is written per field.

    :param changes: any of ``name``, ``primary_color``, ``secondary_color``, ``logo_url``,
        ``attributes`` and, for admins, ``consultancy_account_id``, ``plan_id`` and
        ``account_roles`` (ids).
    :param actor: who does it; None for the operator of the installation.
    :raises InvalidInput: naming the field, for a value that does not fit, and for a consultancy
        where the actor is no admin.
    :raises NotAuthorized: for another field that the actor may not change.
    """
    if actor is not None and not actor.has_role(ADMIN):
        _require_no_admin_fields(changes)
    for field, value in _checked(session, account, changes).items():
        before = getattr(account, field)
        if _comparable(value) == _comparable(before):
            continue
        event = audit.account_field_changed(field, _readable(before), _readable(value))
        audit.record(installation, session, event, actor=actor, account_id=account.id)
        setattr(account, field, value)
    session.flush()
    return account


def _require_no_admin_fields(changes: Mapping[str, Any]) -> None:
    if "consultancy_account_id" in changes:
        raise InvalidInput(
            "Only admins can change the consultancy of an account.", field="consultancy_account_id"
        )
    for field in _FOR_ADMINS:
        if field in changes:
            raise NotAuthorized(f"Only admins can change the {field} of an account.", field=field)


def _checked(session: Session, account: Account, changes: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(changes)
    if "name" in values:
        values["name"] = _free_name(session, values["name"], but=account)
    for field in ("primary_color", "secondary_color"):
        if field in values:
            values[field] = checks.color(values[field], field)
    if "logo_url" in values:
        values["logo_url"] = checks.url(values["logo_url"], "logo_url")
    if "attributes" in values:
        values["attributes"] = checks.json_object(values["attributes"], "attributes")
    if values.get("consultancy_account_id") is not None:
        _require_consultancy(session, values["consultancy_account_id"], account)
    if values.get("plan_id") is not None:
        _require_plan(session, values["plan_id"], account)
    if "account_roles" in values:
        values["account_roles"] = _roles(session, values["account_roles"])
    return values


def _free_name(session: Session, name: str, *, but: Account | None = None) -> str:
    name = checks.required_text(name, "name", longest=100)
    found = find_account(session, name)
    if found is not None and found is not but:
        raise InvalidInput(f"An account with name '{name}' already exists.", field="name")
    return name


def _require_consultancy(session: Session, account_id: int, client: Account) -> None:
    if account_id == client.id:
        raise InvalidInput(
            "An account cannot be its own consultancy.", field="consultancy_account_id"
        )
    _require_account(session, account_id)


def _require_account(session: Session, account_id: int) -> None:
    if session.get(Account, account_id) is None:
        raise InvalidInput(
            f"Account with Id {account_id} doesn't exist.", field="consultancy_account_id"
        )


def _require_plan(session: Session, plan_id: int, account: Account) -> None:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise InvalidInput(f"Plan with Id {plan_id} doesn't exist.", field="plan_id")
    if plan.legacy and plan_id != account.plan_id:
        raise InvalidInput(
            f"The plan '{plan.name}' is a legacy plan, which no account can get any more.",
            field="plan_id",
            hint="Choose another one.",
        )


def _roles(session: Session, ids: Sequence[int]) -> list[AccountRole]:
    wanted = set(ids)
    query = select(AccountRole).where(AccountRole.id.in_(wanted)).order_by(AccountRole.id)
    found = list(session.scalars(query))
    missing = wanted - {role.id for role in found}
    if missing:
        raise InvalidInput(
            f"Account role with Id {min(missing)} doesn't exist.", field="account_roles"
        )
    return found


def _comparable(value: Any) -> Any:
    """Roles have no order."""
    return {role.id for role in value} if isinstance(value, list) else value


def _readable(value: Any) -> Any:
    """What the audit log has of a value: roles by their names."""
    return [role.name for role in value] if isinstance(value, list) else value
