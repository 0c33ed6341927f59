"""``fmhost db``: from no tables to all, back, and what else there is to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from fmhost.errors import DatabaseNotReady
from fmhost.model.database import Database
from fmhost.model.migrations import Chain, history


def test_upgrade_creates_the_tables_once(empty_cli: Any) -> None:
    assert "has no tables yet" in empty_cli.ok("db", "current")
    first = empty_cli.ok("db", "upgrade")
    assert first.startswith("Applied revision 0001.\n")
    again = empty_cli.ok("db", "upgrade")
    assert "Applied" not in again
    assert again.startswith("The database ")
    (head,) = empty_cli.ok("db", "heads").splitlines()
    assert empty_cli.ok("db", "current").strip() == head
    assert empty_cli.ok("db", "check") == "The tables and the entities agree.\n"
    assert empty_cli.ok("show", "accounts") == "No accounts created yet.\n"


def test_history_leads_from_base_to_head(empty_cli: Any) -> None:
    lines = empty_cli.ok("db", "history").splitlines()
    assert lines[-1].startswith("<base> -> 0001")
    assert "(head)" in lines[0]


def test_downgrade_removes_and_upgrade_restores(cli: Any) -> None:
    undone = cli.ok("db", "downgrade", "base")
    assert "Undid revision 0001." in undone
    assert "is at revision base." in undone
    assert "`fmhost db upgrade`" in cli.refused("show", "accounts")
    cli.ok("db", "upgrade")
    assert cli.ok("show", "accounts") == "No accounts created yet.\n"


def test_stamp_notes_a_revision_without_changing_tables(cli: Any) -> None:
    cli.ok("db", "stamp", "base")
    assert "has no tables yet" in cli.ok("db", "current")
    (head,) = (line.split()[0] for line in cli.ok("db", "heads").splitlines())
    assert f"is noted to be at revision {head}." in cli.ok("db", "stamp", head)
    assert cli.ok("show", "accounts") == "No accounts created yet.\n"


def test_unknown_revisions_are_refused(cli: Any) -> None:
    for command in ("upgrade", "downgrade", "stamp"):
        refused = cli.refused("db", command, "nonsense")
        assert "nonsense" in refused
        assert "`fmhost db history`" in refused


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_revision_is_shown_and_edited(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = cli.ok("db", "show", "0001")
    assert shown.startswith("Rev: 0001\n")
    assert "/0001_" in shown.partition("Path: ")[2]
    assert "(head)" in cli.ok("db", "show")
    assert "`fmhost db history`" in cli.refused("db", "show", "nonsense")
    monkeypatch.setenv("VISUAL", "true")
    cli.ok("db", "edit", "0001")
    assert cli.ok("db", "branches") == "There are no branches.\n"
    assert "There are no branches to merge." in cli.refused("db", "merge")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_revisions_of_a_plugin_are_begun(cli: Any, tmp_path: Path) -> None:
    assert "Run `fmhost db upgrade`" in cli.refused("db", "init")
    folder = tmp_path / "acme" / "migrations"
    (template, _meaning) = cli.ok("db", "list-templates").split(" - ")
    assert "0001_first_tables.py" in cli.ok("db", "init", "-d", folder, "-t", template)
    chain = Chain.of_plugin("acme", MetaData(), folder)
    assert [each.id for each in history(chain)] == ["0001"]
    assert "already: versions/0001_first_tables.py" in cli.refused("db", "init", "-d", folder)
    (tmp_path / "env.py").touch()
    assert "already: env.py" in cli.refused("db", "init", "--directory", tmp_path)
    assert not (tmp_path / "versions").exists()


def test_check_names_what_differs(cli: Any, database: Any) -> None:
    with database.connection() as connection:
        connection.exec_driver_sql("ALTER TABLE plan ADD COLUMN surplus INTEGER")
    result = cli("db", "check")
    assert result.exit_code == 1
    assert "surplus" in result.stdout
    assert "`fmhost db revision -m MESSAGE`" in result.stderr


def test_every_command_but_db_asks_for_an_upgrade(empty_cli: Any) -> None:
    for arguments in (
        ("show", "accounts"),
        ("add", "account", "--name", "x"),
        ("add", "toy-account"),
        ("delete", "account", "--id", "1", "--force"),
        ("jobs", "show-queues"),
    ):
        refused = empty_cli.refused(*arguments)
        assert "is not upgraded" in refused
        assert refused.endswith("Run `fmhost db upgrade`.")


def test_tidying_up_can_be_left_out(cli: Any) -> None:
    for option in ("--vacuum", "--no-vacuum"):
        cli.ok("db", "downgrade", "0001")
        assert "Applied revision" in cli.ok("db", "upgrade", option)


def test_tidying_up_waits_for_nobody_for_long(sqlite_database: Database) -> None:
    uri = sqlite_database.url.render_as_string(hide_password=False)
    impatient = Database(uri, {"connect_args": {"timeout": 0.01}})
    with sqlite_database.connection(), pytest.raises(DatabaseNotReady, match="is locked"):
        impatient.tidy_up()
    impatient.tidy_up()
    impatient.dispose()
