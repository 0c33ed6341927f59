"""Plans: what a host grants to accounts. Create, change and list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from limits import parse_many
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.errors import Conflict, InvalidInput, NotFound
from fmhost.model import Plan
from fmhost.model.plans import RATE_LIMIT_KEYS
from fmhost.services import checks

__all__ = [
    "NUMBERS",
    "OPTIONAL",
    "RATE_LIMITS",
    "RATE_LIMIT_KEYS",
    "create_plan",
    "get_plan",
    "list_plans",
    "update_plan",
]

#: What a limit is that limits nothing.
UNLIMITED = "unlimited"
RATE_LIMITS = ("default_rate_limit", "trigger_rate_limit")
NUMBERS = ("max_users", "max_assets", "max_clients")
#: Fields that say nothing where they are null: the default of the server counts.
OPTIONAL = (*RATE_LIMITS, "rate_limit_key", *NUMBERS)


def create_plan(session: Session, *, name: str, **fields: Any) -> Plan:
    """Create a plan.

    :param fields: any of those of :func:`update_plan`.
    :raises Conflict: where a plan has the name already.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    plan = Plan(name=_free_name(session, name), **_checked(fields))
    session.add(plan)
    session.flush()
    return plan


def update_plan(session: Session, plan: Plan, changes: Mapping[str, Any]) -> Plan:
    """Change fields of a plan, for all accounts that have it.

    :param changes: any of ``name``, ``default_rate_limit`` and ``trigger_rate_limit`` (such as
        ``1000 per minute``, or ``unlimited``), ``rate_limit_key``, ``max_users``, ``max_assets``,
        ``max_clients`` (None: the default of the server) and ``legacy``.
    :raises Conflict: where another plan has the name.
    :raises InvalidInput: naming the field, for a value that does not fit.
    """
    values = _checked({name: value for name, value in changes.items() if name != "name"})
    if "name" in changes and changes["name"] != plan.name:
        values["name"] = _free_name(session, changes["name"])
    for field, value in values.items():
        setattr(plan, field, value)
    session.flush()
    return plan


def get_plan(session: Session, plan_id: int) -> Plan:
    """:raises NotFound: where there is no plan with that id."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound(
            f"No plan with ID {plan_id} found!", field="id", hint="`fmhost show plans` lists them."
        )
    return plan


def list_plans(session: Session) -> Sequence[Plan]:
    """All plans, by id."""
    return session.scalars(select(Plan).order_by(Plan.id)).all()


def _free_name(session: Session, name: str) -> str:
    name = checks.required_text(name, "name", longest=80)
    if session.scalar(select(Plan.id).where(Plan.name == name)) is not None:
        raise Conflict(f"Plan '{name}' already exists.", field="name", hint="Choose another.")
    return name


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    for field, value in fields.items():
        if value is None:
            continue
        if field in RATE_LIMITS:
            _require_limit(value, field)
        elif field == "rate_limit_key" and value not in RATE_LIMIT_KEYS:
            known = ", ".join(RATE_LIMIT_KEYS)
            raise InvalidInput(f"'{value}' is none of: {known}.", field=field)
        elif field in NUMBERS and value < 0:
            raise InvalidInput(f"{field} must not be negative.", field=field)
    return dict(fields)


def _require_limit(text: str, field: str) -> None:
    checks.short_text(text, field, longest=80)
    try:
        if text != UNLIMITED:
            parse_many(text)
    except ValueError:
        raise InvalidInput(
            f"'{text}' is no rate limit.",
            field=field,
            hint="Write it like '1000 per minute', or 'unlimited'.",
        ) from None
