"""A plugin's own tables: installed, upgraded, removed and purged."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import inspect, text

from fmhost.errors import InvalidInput, NotFound, PluginError
from fmhost.host.host import Host
from fmhost.model import Base
from fmhost.model import plugin_tables as model
from fmhost.model.database import Database
from fmhost.services import plugin_tables
from fmhost.testing.distributions import Distribution, Site, plugin

FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

def upgrade():
    op.create_table(
        "weather_station",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sensor_id", sa.Integer, sa.ForeignKey("sensor.id", ondelete="CASCADE")),
    )
    op.create_table(
        "weather_report",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("station_id", sa.Integer, sa.ForeignKey("weather_station.id"), nullable=False),
    )

def downgrade():
    op.drop_table("weather_report")
    op.drop_table("weather_station")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.add_column("weather_station", sa.Column("name", sa.String(80)))
{more}

def downgrade():
    op.drop_column("weather_station", "name")
"""
TABLES = {"weather_station", "weather_report", "weather_alembic_version"}


def weather(*revisions: str) -> Distribution:
    return plugin(
        "weather",
        "manifest = Manifest('weather', migrations='acme_weather:tables', table_prefix='weather_',"
        " schedulers={'Sunny': Driver('acme_weather.code:Sunny')})",
        {
            f"tables/versions/{number:04}_step.py": revision
            for number, revision in enumerate(revisions, 1)
        },
    )


def table_names(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_tables_are_made_and_upgraded_apart_from_the_kernels(
    site: Site, database: Database
) -> None:
    before = table_names(database)
    site.install(weather(FIRST))
    assert plugin_tables.upgrade(Host(), database) == {"weather": ["0001"]}
    assert table_names(database) - before == TABLES
    site.install(weather(FIRST, SECOND.format(more="")))
    assert plugin_tables.upgrade(Host(), database) == {"weather": ["0002"]}
    assert plugin_tables.upgrade(Host(), database) == {}
    with database.transaction() as session:
        session.execute(text("INSERT INTO weather_station (id, name) VALUES (1, 'De Bilt')"))
    database.require_upgraded()


def test_tables_that_wait_for_an_upgrade_are_noted(
    site: Site, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    site.install(weather(FIRST))
    host = Host()
    plugin_tables.note_pending(host, database)
    problem = host.plugins["weather"].broken["table-prefix:weather_"]
    assert "Its tables are not ready" in problem.cause
    assert problem.fix == "Run `fmhost db upgrade`."
    assert "Plugin 'weather' (acme-weather 1.0): Its tables are not ready" in caplog.text
    assert host.plugins["weather"].active
    with pytest.raises(PluginError, match="'weather'"):
        plugin_tables.require_upgraded(host, database)

    plugin_tables.upgrade(host, database)
    assert host.plugins["weather"].healthy
    plugin_tables.require_upgraded(host, database)


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ("    op.execute('NONSENSE')", "failed and was undone"),
        ("    1 / 0", "Its migration failed and was undone: ZeroDivisionError"),
    ],
)
def test_an_upgrade_that_fails_is_undone_and_the_others_are_upgraded(
    more: str, cause: str, site: Site, database: Database
) -> None:
    site.install(
        weather(FIRST, SECOND.format(more=more)),
        plugin(
            "zoo",
            "manifest = Manifest('zoo', migrations='acme_zoo:tables', table_prefix='zoo_')",
            {"tables/versions/0001_step.py": FIRST.replace("weather_", "zoo_")},
        ),
    )
    host = Host()
    assert plugin_tables.upgrade(host, database) == {"zoo": ["0001"]}
    assert cause in host.plugins["weather"].broken["table-prefix:weather_"].cause
    assert "weather_station" not in table_names(database)
    with pytest.raises(PluginError, match="failed and was undone"):
        plugin_tables.require_upgraded(host, database)


def test_a_folder_that_is_not_there_is_named(site: Site, database: Database) -> None:
    site.install(weather())
    host = Host()
    assert plugin_tables.upgrade(host, database) == {}
    problem = host.plugins["weather"].broken["table-prefix:weather_"]
    assert "It" not in problem.cause.split("names acme_weather:tables")[0]
    assert "there is no such folder with a folder 'versions' in it" in problem.cause


def test_a_removed_plugin_leaves_its_tables_and_the_kernel_upgrades_without_it(
    site: Site, database: Database
) -> None:
    site.install(weather(FIRST))
    plugin_tables.upgrade(Host(), database)
    without = Host(without=["weather"])
    assert plugin_tables.upgrade(without, database) == {}
    database.require_upgraded()
    assert table_names(database) >= TABLES
    assert model.prefixes(database) == ["weather_"]


@pytest.mark.parametrize("is_installed", [True, False])
@pytest.mark.parametrize("name", ["weather", "weather_"])
def test_purging_drops_the_plugins_tables_and_nothing_else(
    name: str, is_installed: bool, site: Site, database: Database
) -> None:
    before = table_names(database)
    site.install(weather(FIRST))
    plugin_tables.upgrade(Host(), database)
    with database.transaction() as session:
        session.execute(text("INSERT INTO weather_station (id) VALUES (1)"))
        session.execute(text("INSERT INTO weather_report (id, station_id) VALUES (1, 1)"))
    host = Host(without=() if is_installed else ["weather"])
    assert set(plugin_tables.doomed(host, database, name)) == TABLES
    assert set(plugin_tables.purge(host, database, name)) == TABLES
    assert table_names(database) == before
    assert model.prefixes(database) == []
    # And back again.
    assert plugin_tables.upgrade(Host(), database) == {"weather": ["0001"]}


@pytest.mark.parametrize("name", ["weather", "sensor", "fmhost", "fmhost_", "generic_", ""])
def test_what_no_plugin_made_cannot_be_purged(name: str, database: Database) -> None:
    host = Host()
    assert plugin_tables.doomed(host, database, name) == []
    with pytest.raises(NotFound, match="There are no tables of a plugin"):
        plugin_tables.purge(host, database, name)
    with pytest.raises(InvalidInput):
        model.purge(database, name)
    assert table_names(database) >= set(Base.metadata.tables)


def test_the_command_line_upgrades_checks_and_purges(
    site: Site, fmhost: Callable[..., Result]
) -> None:
    site.install(weather(FIRST))
    upgraded = fmhost("db", "upgrade")
    assert upgraded.exit_code == 0, upgraded.output
    assert "Applied weather revision 0001.\n" in upgraded.stdout
    assert "Applied weather" not in fmhost("db", "upgrade").stdout

    refused = fmhost("plugins", "purge", "weather", stdin="n\n")
    assert refused.exit_code == 1
    assert "Tables: weather_alembic_version, weather_report, weather_station" in refused.stdout
    purged = fmhost("plugins", "purge", "weather", "--yes")
    assert purged.exit_code == 0
    assert "Dropped 3 table(s)." in purged.stdout
    again = fmhost("plugins", "purge", "weather", "--yes")
    assert again.exit_code == 1
    assert "There are no tables of a plugin 'weather'" in again.stderr


def test_a_failed_upgrade_ends_the_command_with_the_cause(
    site: Site, fmhost: Callable[..., Result]
) -> None:
    site.install(weather(FIRST, SECOND.format(more="    1 / 0")))
    result = fmhost("db", "upgrade")
    assert result.exit_code == 1
    assert "Plugin 'weather' (acme-weather 1.0): Its migration failed and was undone" in (
        result.stderr
    )
