"""Entities and migrations agree; upgrades are whole or nothing, alone, and one at a time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, inspect, text

from fmhost.errors import Conflict, DatabaseNotReady, InvalidInput
from fmhost.model import Base, migrations, schema_changes
from fmhost.model.database import Database
from fmhost.model.migrations import KERNEL, Chain
from fmhost.testing.databases import Kind, fresh_database

COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
           column_default, ordinal_position
    FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def schema(database: Database) -> set[Any]:
    """Everything the engine itself tells about tables, constraints and indexes."""
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql <> ''"))
            return {
                (name, frozenset(_parts(sql)))
                for name, sql in rows
                if "alembic_version" not in name
            }
        queries = (COLUMNS, CONSTRAINTS, INDEXES)
        rows = [tuple(row) for query in queries for row in connection.execute(text(query))]
        return {row for row in rows if "alembic_version" not in row[0]}


def _parts(sql: str) -> set[str]:
    """The columns and constraints of a statement; those that were added later come last in it."""
    lines = re.split(r"\n|, (?![^()]*\))", sql)
    return {line.strip(" \t,)") for line in lines} - {""}


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_entities_and_upgraded_database_agree(database: Database) -> None:
    assert schema_changes.check(database) == []


def test_migrations_make_exactly_what_the_entities_declare(
    database: Database, empty_database: Database
) -> None:
    with empty_database.connection() as connection:
        Base.metadata.create_all(connection)
    migrated, declared = schema(database), schema(empty_database)
    assert migrated - declared == set()
    assert declared - migrated == set()
    assert len(declared) > 40


def test_downgrade_to_base_and_up_again(database: Database) -> None:
    before = schema(database)
    undone = migrations.downgrade(database, "base")
    assert undone == [revision.id for revision in reversed(migrations.history())]
    assert migrations.current(database) == ()
    assert tables(database) == {KERNEL.version_table}
    assert migrations.upgrade(database) == undone[::-1]
    assert schema(database) == before
    database.require_upgraded()


def test_a_second_upgrade_does_nothing(database: Database) -> None:
    assert migrations.upgrade(database) == []


def test_there_is_one_line_of_numbered_revisions() -> None:
    history = migrations.history()
    assert migrations.heads() == (history[-1].id,)
    assert [revision.id for revision in history] == [
        f"{number:04}" for number in range(1, len(history) + 1)
    ]
    assert all(revision.message for revision in history)


def test_stamp_only_notes_the_revision(empty_database: Database) -> None:
    migrations.stamp(empty_database, "0001")
    assert migrations.current(empty_database) == ("0001",)
    assert tables(empty_database) == {KERNEL.version_table}


@pytest.mark.parametrize("command", [migrations.upgrade, migrations.downgrade, migrations.stamp])
def test_unknown_revisions_are_refused(database: Database, command: Any) -> None:
    with pytest.raises(InvalidInput, match="no way to the revision 'nowhere'"):
        command(database, "nowhere")


def test_require_upgraded_names_the_remedy(empty_database: Database) -> None:
    with pytest.raises(DatabaseNotReady, match=r"is not upgraded.*Run `fmhost db upgrade`"):
        empty_database.require_upgraded()


def test_require_upgraded_tells_an_older_from_a_newer_database(database: Database) -> None:
    set_version(database, "9999")
    with pytest.raises(DatabaseNotReady, match="a newer one upgraded it"):
        database.require_upgraded()
    with pytest.raises(DatabaseNotReady, match="a newer one upgraded it"):
        migrations.upgrade(database)


def set_version(database: Database, version: str) -> None:
    with database.connection() as connection:
        connection.execute(
            text(f"UPDATE {KERNEL.version_table} SET version_num = :new"), {"new": version}
        )


def test_looking_at_a_missing_file_does_not_create_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/none/fmhost.db")
    assert migrations.current(database) == ()
    with pytest.raises(DatabaseNotReady, match="is not upgraded"):
        database.require_upgraded()
    assert list(tmp_path.iterdir()) == []
    database.dispose()


def plugin_chain(folder: Path, *revisions: str) -> Chain:
    """A plugin with the tables ``toy_a`` and ``toy_b`` and these upgrade statements."""
    (folder / "versions").mkdir(exist_ok=True)
    for number, upgrade in enumerate(revisions, 1):
        parent = repr(f"{number - 1:04}") if number > 1 else None
        code = f"""
            import sqlalchemy as sa
            from alembic import op
            revision, down_revision = "{number:04}", {parent}
            def upgrade():
                {upgrade}
            def downgrade():
                pass
        """
        (folder / "versions" / f"{number:04}_step.py").write_text(dedent(code))
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    parent_table = Table("toy_a", metadata, Column("id", Integer, primary_key=True))
    Table(
        "toy_b",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("a_id", ForeignKey(parent_table.c.id, ondelete="CASCADE"), nullable=False),
        Column("note", String(20)),
    )
    return Chain.of_plugin("toy", metadata, folder)


CREATE_A = 'op.create_table("toy_a", sa.Column("id", sa.Integer, primary_key=True))'


def test_a_failing_migration_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    chain = plugin_chain(
        tmp_path, CREATE_A, 'op.execute("INSERT INTO toy_a VALUES (1)"); op.execute("NONSENSE")'
    )
    before = schema(database)
    with pytest.raises(DatabaseNotReady, match=r"failed and was undone: .*syntax error"):
        migrations.upgrade(database, chain=chain)
    assert schema(database) == before
    assert migrations.current(database, chain) == ()
    assert migrations.upgrade(database, "0001", chain=chain) == ["0001"]
    with pytest.raises(DatabaseNotReady):
        migrations.upgrade(database, chain=chain)
    assert migrations.current(database, chain) == ("0001",)
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM toy_a")).scalar() == 0


def test_an_error_in_the_code_of_a_migration_undoes_it_too(
    database: Database, tmp_path: Path
) -> None:
    chain = plugin_chain(tmp_path, CREATE_A + "; [][0]")
    with pytest.raises(IndexError):
        migrations.upgrade(database, chain=chain)
    assert "toy_a" not in tables(database)
    assert migrations.upgrade(database) == []


def test_chains_are_upgraded_alone_and_ignore_the_tables_of_others(
    database: Database, tmp_path: Path
) -> None:
    chain = plugin_chain(tmp_path)
    file = schema_changes.revision(database, "toy tables", chain=chain)
    assert file == tmp_path / "versions" / "0001_toy_tables.py"
    assert set(re.findall(r"op\.(\w+_table)\(\s*['\"](\w+)", file.read_text())) == {
        ("create_table", "toy_a"),
        ("create_table", "toy_b"),
        ("drop_table", "toy_a"),
        ("drop_table", "toy_b"),
    }
    assert schema_changes.check(database, chain) != []
    assert migrations.upgrade(database, chain=chain) == ["0001"]
    assert schema_changes.check(database, chain) == []
    assert schema_changes.check(database) == []
    migrations.require_upgraded(database, chain)
    migrations.downgrade(database, "base", chain=chain)
    assert {"toy_a", "toy_b"} & tables(database) == set()
    assert migrations.current(database) == migrations.heads()


def test_a_revision_is_made_only_from_the_newest_database(
    database: Database, tmp_path: Path
) -> None:
    chain = plugin_chain(tmp_path, CREATE_A)
    with pytest.raises(Conflict, match="fmhost db upgrade"):
        schema_changes.revision(database, "too early", chain=chain)
    file = schema_changes.revision(database, "empty", autogenerate_changes=False, chain=chain)
    assert file.name == "0002_empty.py"
    assert migrations.upgrade(database, chain=chain) == ["0001", "0002"]


def test_branches_are_merged_by_a_revision_that_follows_both(tmp_path: Path) -> None:
    chain = plugin_chain(tmp_path, CREATE_A)
    with pytest.raises(Conflict, match="no branches"):
        schema_changes.merge("too early", chain=chain)
    for name in ("left", "right"):
        chain.script().generate_revision(
            name, name, head="0001", splice=True, upgrades="pass", downgrades="pass"
        )
    assert set(migrations.heads(chain)) == {"left", "right"}
    file = schema_changes.merge("both", chain=chain)
    assert migrations.heads(chain) == ("0004",)
    assert migrations.file_of("head", chain) == file
    assert "both" in migrations.described("0004", chain)


def test_generated_revisions_write_our_types_by_their_meaning(empty_database: Database) -> None:
    with empty_database.engine.connect():
        code = schema_changes._changes_as_code(empty_database, KERNEL)["upgrades"]
    assert "sa.Column('event_start', TIMESTAMP, nullable=False)" in code
    assert "sa.Column('event_resolution', sa.BigInteger()" in code
    assert "sa.Column('attributes', JSON, server_default='{}', nullable=False)" in code
    assert "fmhost" not in code


CREATE_B = (
    CREATE_A + '; op.create_table("toy_b", sa.Column("id", sa.Integer, primary_key=True), '
    'sa.Column("a_id", sa.Integer, sa.ForeignKey("toy_a.id", ondelete="CASCADE")), '
    'sa.Column("note", sa.String(20))); '
    'op.execute("INSERT INTO toy_a VALUES (1)"); op.execute("INSERT INTO toy_b VALUES (1, 1)")'
).replace("toy_b VALUES (1, 1)", "toy_b (id, a_id) VALUES (1, 1)")


def test_rebuilding_a_table_does_not_delete_what_refers_to_it(
    database: Database, tmp_path: Path
) -> None:
    rebuild = (
        'batch = op.batch_alter_table("toy_a", recreate="always"); table = batch.__enter__(); '
        'table.add_column(sa.Column("size", sa.Integer)); batch.__exit__(None, None, None)'
    )
    chain = plugin_chain(tmp_path, CREATE_B, rebuild if database.dialect == "sqlite" else "pass")
    assert migrations.upgrade(database, chain=chain) == ["0001", "0002"]
    with database.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM toy_b")).scalar() == 1
        session.execute(text("DELETE FROM toy_a"))
        assert session.execute(text("SELECT count(*) FROM toy_b")).scalar() == 0


def test_a_migration_that_breaks_references_is_undone(
    sqlite_database: Database, tmp_path: Path
) -> None:
    chain = plugin_chain(tmp_path, CREATE_B, 'op.execute("DELETE FROM toy_a")')
    with pytest.raises(DatabaseNotReady, match=r"rows of table 'toy_b' that refer to missing"):
        migrations.upgrade(sqlite_database, chain=chain)
    assert "toy_a" not in tables(sqlite_database)


UPGRADE = """
import sys
from fmhost.model.database import Database
from fmhost.model import migrations
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(len(migrations.upgrade(database)))
database.require_upgraded()
"""


def test_processes_that_upgrade_at_once_do_not_disturb_each_other(database_kind: Kind) -> None:
    with fresh_database(database_kind, upgraded=False) as database:
        uri = database.url.render_as_string(hide_password=False)
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", UPGRADE, uri],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60) for process in processes]
        assert [error for _, error in answers] == ["", ""]
        assert sorted(int(done) for done, _ in answers) == [0, len(migrations.history())]
        assert schema_changes.check(database) == []
