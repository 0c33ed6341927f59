"""Asset types and roles that plugins bring."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result
from sqlalchemy import select

from fmhost.host.host import Composition, Host
from fmhost.model import AssetType, Role
from fmhost.model.database import Database
from fmhost.services.plugin_structure import add_structure
from fmhost.testing.distributions import Site, plugin

WEATHER = plugin(
    "weather",
    "manifest = Manifest('weather', asset_types={'weather station': 'Measures the weather'},"
    " roles={'meteorologist': 'Knows better'})",
)


def test_what_is_missing_is_added_once(site: Site, database: Database) -> None:
    site.install(WEATHER)
    host = Host(Composition(allowed=["weather"]))
    with database.transaction() as session:
        session.add(Role(name="meteorologist", description="Our own words"))
    with database.transaction() as session:
        assert add_structure(session, host) == ["asset type weather station"]
        assert add_structure(session, host) == []
    with database.reading() as session:
        found = session.scalars(select(AssetType).where(AssetType.name == "weather station")).one()
        assert found.description == "Measures the weather"
        assert session.scalars(select(Role.description)).all() == ["Our own words"]


def test_a_disabled_plugin_adds_nothing(site: Site, database: Database) -> None:
    site.install(WEATHER)
    with database.transaction() as session:
        assert add_structure(session, Host(Composition(disabled=["weather", "process"]))) == []


def test_the_upgrade_adds_it(site: Site, fmhost: Callable[..., Result]) -> None:
    site.install(WEATHER)
    upgraded = fmhost("db", "upgrade").stdout
    assert "Added asset type weather station.\n" in upgraded
    assert "Added user role meteorologist.\n" in upgraded
    assert "Added" not in fmhost("db", "upgrade").stdout
