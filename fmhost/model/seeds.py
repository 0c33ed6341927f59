"""What every installation starts with: roles, asset types and the data sources of scripts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.model.accounts import AccountRole
from fmhost.model.assets import AssetType
from fmhost.model.sources import Source, get_or_create_source
from fmhost.model.users import Role

USER_ROLES = {
    "admin": "May do everything",
    "admin-reader": "May read everything",
    "account-admin": "Manages the own account: its users, assets and sensors",
    "consultant": "Works for the client accounts of the own account",
}
ACCOUNT_ROLES = {
    "Prosumer": "Consumes and produces energy behind its own meter",
    "MDC": "Meter data company: measures for others",
    "Supplier": "Sells and buys energy",
    "Aggregator": "Pools the flexibility of many assets",
    "ESCO": "Energy service company: advises and invests",
}
ASSET_TYPES = {
    "solar": "Solar panels",
    "wind": "Wind turbines",
    "one-way_evse": "Charging point for electric vehicles",
    "two-way_evse": "Charging point that can also discharge vehicles",
    "battery": "Stationary battery",
    "building": "Building with its consumers",
    "process": "Consumption that can be shifted in time",
    "heat-storage": "Heat buffer, such as a boiler or a tank",
}
SOURCE_NAME = "Seita"
SOURCE_TYPES = ("demo script", "forecaster", "scheduler")


def add_initial_structure(session: Session) -> list[str]:
    """Add what is missing; returns it, one text each (``user role admin``). What exists stays."""
    added = [
        *_add_named(session, Role, "user role", USER_ROLES),
        *_add_named(session, AccountRole, "account role", ACCOUNT_ROLES),
        *_add_named(session, AssetType, "asset type", ASSET_TYPES),
    ]
    known = set(session.scalars(select(Source.type).where(Source.name == SOURCE_NAME)))
    for source_type in SOURCE_TYPES:
        if source_type not in known:
            get_or_create_source(session, SOURCE_NAME, source_type=source_type)
            added.append(f"data source {SOURCE_NAME} of type {source_type}")
    return added


def _add_named(
    session: Session,
    entity: type[Role | AccountRole | AssetType],
    what: str,
    wanted: dict[str, str],
) -> list[str]:
    known = set(session.scalars(select(entity.name)))
    missing = {name: text for name, text in wanted.items() if name not in known}
    session.add_all(entity(name=name, description=text) for name, text in missing.items())
    session.flush()
    return [f"{what} {name}" for name in missing]
