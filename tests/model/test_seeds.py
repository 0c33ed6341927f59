"""What every installation starts with."""

from __future__ import annotations

from sqlalchemy import select

from fmhost.model import AccountRole, AssetType, Role, Source
from fmhost.model.database import Database
from fmhost.model.seeds import add_initial_structure

EXPECTED = {
    Role: {"admin", "admin-reader", "account-admin", "consultant"},
    AccountRole: {"Prosumer", "MDC", "Supplier", "Aggregator", "ESCO"},
    AssetType: {
        *("solar", "wind", "one-way_evse", "two-way_evse", "battery", "building"),
        *("process", "heat-storage"),
    },
}


def test_adds_roles_types_and_sources(database: Database) -> None:
    with database.transaction() as session:
        added = add_initial_structure(session)
    assert len(added) == 4 + 5 + 8 + 3
    assert "user role admin" in added
    with database.reading() as session:
        for entity, names in EXPECTED.items():
            assert set(session.scalars(select(entity.name))) == names
        assert set(session.execute(select(Source.name, Source.type)).all()) == {
            ("Seita", "demo script"),
            ("Seita", "forecaster"),
            ("Seita", "scheduler"),
        }


def test_adds_only_what_is_missing_and_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        session.add(Role(name="admin", description="our own words"))
        added = add_initial_structure(session)
        assert "user role admin" not in added
        assert "user role consultant" in added
    with database.transaction() as session:
        assert add_initial_structure(session) == []
        description = select(Role.description).where(Role.name == "admin")
        assert session.scalars(description).one() == "our own words"
