"""Backups hold everything, and either kind of database can load those of the other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select, text

from fmhost.beliefs import Beliefs, save
from fmhost.errors import ConfigurationError, Conflict, InvalidInput, NotFound, UnreadableFile
from fmhost.model import Account, Asset, AssetType, Role, Sensor, Source, User
from fmhost.model.belief_table import beliefs
from fmhost.model.job import request_job
from fmhost.services import backups
from fmhost.services.installation import Installation
from fmhost.testing.databases import KINDS, fresh_database
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

MOMENT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)

GAUGES = plugin(
    "gauges",
    """
    manifest = Manifest(
        name="gauges", migrations="acme_gauges:migrations", table_prefix="gauge_"
    )
    """,
    {
        "migrations/versions/0001_gauges.py": """
            import sqlalchemy as sa
            from alembic import op

            revision, down_revision = "0001", None

            def upgrade():
                op.create_table(
                    "gauge_reading",
                    sa.Column("id", sa.Integer(), primary_key=True),
                    sa.Column(
                        "sensor_id",
                        sa.Integer(),
                        sa.ForeignKey("sensor.id", ondelete="CASCADE"),
                    ),
                    sa.Column("day", sa.Date()),
                    sa.Column("volume", sa.Numeric(8, 3)),
                    sa.Column("picture", sa.LargeBinary()),
                    sa.Column("details", sa.JSON()),
                )

            def downgrade():
                op.drop_table("gauge_reading")
            """
    },
)


def fill(installation, tenant):
    """Add what has values of every type, and rows that refer to rows that follow."""
    with installation.database.transaction() as session:
        other = session.get_one(Account, tenant.other_account.id)
        later = Account(name='Łódź "Energy"\nA\\B', attributes={"a": [1, None, {"b": 0.1}]})
        session.add(later)
        session.flush()
        other.consultancy_account_id = later.id
        first = session.get_one(Asset, tenant.battery.id)
        site = Asset(
            name="later",
            account=session.get_one(Account, tenant.account.id),
            generic_asset_type=session.scalars(select(AssetType)).first(),
            latitude=52.1,
            longitude=4.9,
        )
        session.add(site)
        session.flush()
        first.parent_asset_id = site.id
        member = session.get_one(User, tenant.member.id)
        member.last_seen_at = MOMENT
        member.roles.append(Role(name="meteorologist", permissions=["read-weather", "Łódź"]))
        source = Source(name="meter", type="demo script")
        session.add(source)
        session.flush()
        sensor = session.get_one(Sensor, tenant.power.id)
        save(session, sensor, series(source.id))
        job = {"kind": "tests.nothing", "queue": "scheduling", "arguments": {"ids": [1, 2]}}
        one, two = request_job(session, **job), request_job(session, **job)
        session.flush()
        one.parent_id, two.depends_on_id = two.id, one.id


def series(source_id):
    number = 500
    starts = np.datetime64("2026-03-01T00:00", "us") + np.arange(number) * np.timedelta64(15, "m")
    values = np.linspace(-1 / 3, 1e-300, number)
    values[3] = np.nan
    return Beliefs(
        event_start=starts,
        belief_horizon=np.full(number, -1, dtype="timedelta64[us]"),
        source_id=np.full(number, source_id),
        cumulative_probability=np.full(number, 0.5),
        event_value=values,
    )


def everything(database):
    """All rows of all tables but those of versions, as texts."""
    from fmhost.model import contents

    with database.reading() as session:
        connection = session.connection()
        return {
            table.name: [
                repr([plain(value) for value in row])
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in contents.tables(connection)
        }


def plain(value):
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def change(database, tenant):
    """Delete, change and add."""
    with database.transaction() as session:
        session.delete(session.get_one(Account, tenant.account.id))
        session.get_one(User, tenant.admin.id).username = "changed"
        session.add(Account(name="added"))


@pytest.fixture
def filled(installation, tenant):
    fill(installation, tenant)
    return installation


def restore(installation, name):
    with installation.database.transaction() as session:
        return backups.restore(installation, session, name)


def test_everything_comes_back(filled, tenant):
    before = everything(filled.database)
    assert len(before["timed_belief"]) == 500
    backups.dump(filled, "monday")
    change(filled.database, tenant)
    assert everything(filled.database) != before
    restore(filled, "monday")
    assert everything(filled.database) == before


@pytest.mark.parametrize("kind", KINDS)
def test_either_kind_of_database_loads_it(filled, tenant, kind):
    backups.dump(filled, "monday")
    with fresh_database(kind) as other:
        moved = Installation(filled.settings, filled.host, other)
        backup = backups.describe(backups.find(filled, "monday"))
        kernel = {
            name: rows
            for name, rows in everything(filled.database).items()
            if name in everything(other)
        }
        assert set(kernel) == set(backup.columns), "the tests install no plugins with tables"
        restore(moved, "monday")
        assert everything(other) == kernel
        backups.dump(moved, "tuesday")
    for file in backups.find(filled, "monday").glob("*.jsonl"):
        again = backups.find(filled, "tuesday") / file.name
        assert again.read_text() == file.read_text(), file.name


def test_ids_go_on_after_the_last_one_ever_given(filled, tenant):
    with filled.database.transaction() as session:
        doomed = Account(name="doomed")
        session.add(doomed)
        session.flush()
        last = doomed.id
        session.delete(doomed)
    backups.dump(filled, "monday")
    restore(filled, "monday")
    with filled.database.transaction() as session:
        new = Account(name="new")
        session.add(new)
        session.flush()
        assert new.id == last + 1


def test_an_empty_installation(installation):
    before = everything(installation.database)
    backups.dump(installation, "empty")
    with installation.database.transaction() as session:
        session.add(Account(name="added"))
    restore(installation, "empty")
    assert everything(installation.database) == before
    with installation.database.transaction() as session:
        account = Account(name="first")
        session.add(account)
        session.flush()
        assert account.id == 1


def test_tables_of_plugins(site, open_installation):
    site.install(GAUGES)
    installation = open_installation()
    add = text(
        "INSERT INTO gauge_reading (id, day, volume, picture, details)"
        " VALUES (:id, '2026-03-01', 12.125, :picture, :details)"
    )
    row = {"id": 7, "picture": b"\x00\xff", "details": '{"a": [1, null]}'}
    with installation.database.transaction() as session:
        session.execute(add, row)
    before = everything(installation.database)
    assert "12.125" in before["gauge_reading"][0]
    backups.dump(installation, "monday")
    with installation.database.transaction() as session:
        session.execute(text("DELETE FROM gauge_reading"))
    restore(installation, "monday")
    assert everything(installation.database) == before


def test_tables_that_the_database_lacks(site, open_installation, tmp_path):
    site.install(GAUGES)
    backups.dump(open_installation(), "monday")
    with fresh_database("sqlite") as bare:
        other = Installation(open_installation().settings, open_installation().host, bare)
        with pytest.raises(Conflict, match="revision 0001 of gauge_alembic_version"):
            restore(other, "monday")


def test_backups_are_listed(installation):
    assert backups.names(installation) == []
    path = backups.dump(installation)
    assert path.name == "2026-03-02T090000Z"
    backups.dump(installation, "a")
    assert backups.names(installation) == ["2026-03-02T090000Z", "a"]


def test_backups_are_where_the_settings_say(open_installation, tmp_path):
    installation = open_installation(FLEXMEASURES_DB_BACKUP_PATH=str(tmp_path / "elsewhere"))
    assert backups.dump(installation, "monday") == tmp_path / "elsewhere" / "monday"
    relative = open_installation(FLEXMEASURES_DB_BACKUP_PATH="dumps")
    assert backups.folder(relative) == relative.settings.instance / "dumps"


def test_a_folder_that_cannot_be_written_to(open_installation, tmp_path):
    (tmp_path / "file").write_text("no folder")
    installation = open_installation(FLEXMEASURES_DB_BACKUP_PATH=str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match="cannot be written"):
        backups.dump(installation, "monday")


@pytest.mark.parametrize("name", ["../monday", "a/b", ".hidden", "n" * 101])
def test_names_that_are_none(installation, name):
    with pytest.raises(InvalidInput, match="is no name"):
        backups.dump(installation, name)
    with pytest.raises(NotFound):
        backups.find(installation, name)


def test_a_name_that_is_taken(installation):
    backups.dump(installation, "monday")
    with pytest.raises(Conflict, match="monday"):
        backups.dump(installation, "monday")


def test_a_backup_that_does_not_exist(installation):
    backups.dump(installation, "monday")
    with pytest.raises(NotFound, match="There are: monday"):
        restore(installation, "tuesday")


def damage_line(path):
    file = path / "account.jsonl"
    file.write_text(file.read_text().replace("[", "{", 1))


def damage_type(path):
    file = path / "fm_user.jsonl"
    row = json.loads(file.read_text().splitlines()[0])
    columns = json.loads((path / "backup.json").read_text())["columns"]["fm_user"]
    row[columns.index("last_seen_at")] = "yesterday"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([json.dumps(row) + "\n", *lines[1:]]))


def damage_number(path):
    file = path / "timed_belief.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))


def damage_reference(path):
    file = path / "sensor.jsonl"
    lines = file.read_text().splitlines()
    columns = json.loads((path / "backup.json").read_text())["columns"]["sensor"]
    row = json.loads(lines[0])
    row[columns.index("generic_asset_id")] = 999_999
    file.write_text("\n".join([json.dumps(row), *lines[1:]]) + "\n")


def damage_file(path):
    (path / "account.jsonl").unlink()


def damage_description(path):
    (path / "backup.json").write_text('{"format": 1}')


def damage_format(path):
    (path / "backup.json").write_text('{"format": 2}')


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (damage_line, "account.jsonl, line 1 is not JSON"),
        (damage_type, "fm_user.jsonl, line 1, column last_seen_at: 'yesterday'"),
        (damage_number, "timed_belief.jsonl has 499 rows, and should have 500"),
        (damage_reference, "contradicts itself"),
        (damage_file, "account.jsonl cannot be read"),
        (damage_description, "does not describe a backup"),
        (damage_format, "in the format 2"),
    ],
)
def test_a_damaged_backup_changes_nothing(filled, damage, told):
    damage(backups.dump(filled, "monday"))
    before = everything(filled.database)
    with pytest.raises(UnreadableFile, match=told):
        restore(filled, "monday")
    assert everything(filled.database) == before


def test_a_backup_of_another_revision(filled):
    path = backups.dump(filled, "monday") / "backup.json"
    description = json.loads(path.read_text())
    description["revisions"]["fmhost_alembic_version"] = ["0000"]
    path.write_text(json.dumps(description))
    with pytest.raises(Conflict, match="revision 0000 of fmhost_alembic_version"):
        restore(filled, "monday")


def test_a_dump_is_one_moment_of_the_database(filled, tenant):
    number = select(func.count()).select_from(beliefs)
    with filled.database.reading() as session:
        assert session.scalar(number) == 500
    change(filled.database, tenant)
    backup = backups.describe(backups.dump(filled, "later"))
    assert backup.rows["timed_belief"] == 0
    assert backup.created_at == "2026-03-02T09:00:00+00:00"
    assert timedelta(0) == datetime.fromisoformat(backup.created_at).utcoffset()
