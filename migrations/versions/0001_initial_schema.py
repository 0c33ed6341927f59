"""Initial schema: accounts, users, assets, sensors, sources, beliefs, annotations, logs, jobs.

Revision 0001, the first.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Microseconds since 1970-01-01 UTC on SQLite.
TIMESTAMP = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
MICROSECONDS = sa.BigInteger()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    create_roles_and_plans()
    create_accounts_and_users()
    create_assets_and_sensors()
    create_sources_and_beliefs()
    create_annotations()
    create_audit_logs_and_task_runs()
    create_jobs()


def downgrade() -> None:
    for table in (
        "job",
        "latest_task_run",
        "asset_audit_log",
        "audit_log",
        "annotations_sensors",
        "annotations_assets",
        "annotations_accounts",
        "annotation",
        "timed_belief",
        "data_source",
        "sensor",
        "generic_asset",
        "generic_asset_type",
        "roles_users",
        "fm_user",
        "roles_accounts",
        "account",
        "plan",
        "role",
        "account_role",
    ):
        op.drop_table(table)
    if on_postgresql():
        for function in (
            "require_belief_references",
            "delete_beliefs_of_sensor",
            "keep_source_of_beliefs",
        ):
            op.execute(f"DROP FUNCTION {function}")


def create_roles_and_plans() -> None:
    for table in ("account_role", "role"):
        create_entity_table(
            table,
            sa.Column("name", sa.String(80), nullable=False),
            sa.Column("description", sa.String(255)),
            sa.UniqueConstraint("name", name=f"uq_{table}_name"),
        )
    create_entity_table(
        "plan",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("default_rate_limit", sa.String(80)),
        sa.Column("trigger_rate_limit", sa.String(80)),
        sa.Column("rate_limit_key", sa.String(20)),
        sa.Column("max_users", sa.Integer()),
        sa.Column("max_assets", sa.Integer()),
        sa.Column("max_clients", sa.Integer()),
        sa.Column("legacy", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("name", name="uq_plan_name"),
        sa.CheckConstraint(
            "rate_limit_key IN ('account+asset', 'account', 'user')",
            name=op.f("ck_plan_rate_limit_key"),
        ),
    )


def create_accounts_and_users() -> None:
    create_entity_table(
        "account",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("consultancy_account_id", sa.Integer()),
        sa.Column("plan_id", sa.Integer()),
        sa.Column("primary_color", sa.String(7)),
        sa.Column("secondary_color", sa.String(7)),
        sa.Column("logo_url", sa.String(255)),
        sa.Column("attributes", JSON, nullable=False, server_default="{}"),
        sa.Column("secrets", JSON, nullable=False, server_default="{}"),
        sa.UniqueConstraint("name", name="uq_account_name"),
        reference("account", "consultancy_account_id", "account.id", ondelete="SET NULL"),
        reference("account", "plan_id", "plan.id"),
    )
    create_index("account", "consultancy_account_id")
    create_index("account", "plan_id")
    create_link_table("roles_accounts", account_id="account.id", role_id="account_role.id")
    create_entity_table(
        "fm_user",
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("username", sa.String(255), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean()),
        sa.Column("timezone", sa.String(255)),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("last_login_at", TIMESTAMP),
        sa.Column("last_seen_at", TIMESTAMP),
        sa.Column("login_count", sa.Integer()),
        sa.Column("tf_primary_method", sa.String(64)),
        sa.Column("tf_totp_secret", sa.String(255)),
        sa.UniqueConstraint("email", name="uq_fm_user_email"),
        sa.UniqueConstraint("username", name="uq_fm_user_username"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_fm_user_fs_uniquifier"),
        reference("fm_user", "account_id", "account.id", ondelete="CASCADE"),
    )
    create_index("fm_user", "account_id")
    create_link_table("roles_users", user_id="fm_user.id", role_id="role.id")


def create_assets_and_sensors() -> None:
    create_entity_table(
        "generic_asset_type",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("description", sa.String(80)),
        sa.UniqueConstraint("name", name="uq_generic_asset_type_name"),
    )
    create_entity_table(
        "generic_asset",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("generic_asset_type_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("parent_asset_id", sa.Integer()),
        sa.Column("external_id", sa.String(80)),
        sa.Column("description", sa.Text()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("attributes", JSON, nullable=False, server_default="{}"),
        sa.Column("flex_context", JSON, nullable=False, server_default="{}"),
        sa.Column("flex_model", JSON, nullable=False, server_default="{}"),
        sa.Column("sensors_to_show", JSON, nullable=False, server_default="[]"),
        sa.Column("sensors_to_show_as_kpis", JSON, nullable=False, server_default="[]"),
        sa.Column("secrets", JSON, nullable=False, server_default="{}"),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_generic_asset_latitude")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_generic_asset_longitude")
        ),
        sa.CheckConstraint(
            "parent_asset_id <> id", name=op.f("ck_generic_asset_parent_is_another")
        ),
        sa.UniqueConstraint(
            "account_id", "external_id", name="uq_generic_asset_account_id_external_id"
        ),
        reference("generic_asset", "generic_asset_type_id", "generic_asset_type.id"),
        reference("generic_asset", "account_id", "account.id", ondelete="CASCADE"),
        reference("generic_asset", "parent_asset_id", "generic_asset.id", ondelete="CASCADE"),
    )
    create_index("generic_asset", "generic_asset_type_id")
    create_asset_name_indexes()
    create_entity_table(
        "sensor",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("timezone", sa.String(80), nullable=False, server_default="UTC"),
        sa.Column("event_resolution", MICROSECONDS, nullable=False, server_default="0"),
        sa.Column("knowledge_horizon_fnc", sa.String(80), nullable=False, server_default="ex_post"),
        sa.Column(
            "knowledge_horizon_par",
            JSON,
            nullable=False,
            server_default='{"ex_post_horizon": 0}',
        ),
        sa.Column("attributes", JSON, nullable=False, server_default="{}"),
        sa.Column("generic_asset_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("event_resolution >= 0", name=op.f("ck_sensor_event_resolution")),
        sa.UniqueConstraint("generic_asset_id", "name", name="uq_sensor_generic_asset_id_name"),
        reference("sensor", "generic_asset_id", "generic_asset.id", ondelete="CASCADE"),
    )


def create_asset_name_indexes() -> None:
    """Names are unique among the children of an asset, the roots of an account, public roots."""
    create_unique_index_where(
        "parent_asset_id IS NOT NULL",
        "uq_generic_asset_child_name",
        "generic_asset",
        ["parent_asset_id", "name"],
    )
    create_unique_index_where(
        "parent_asset_id IS NULL AND account_id IS NOT NULL",
        "uq_generic_asset_root_name",
        "generic_asset",
        ["account_id", "name"],
    )
    create_unique_index_where(
        "parent_asset_id IS NULL AND account_id IS NULL",
        "uq_generic_asset_public_root_name",
        "generic_asset",
        ["name"],
    )


def create_sources_and_beliefs() -> None:
    create_entity_table(
        "data_source",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        # Plain numbers, which stay when user or account are deleted.
        sa.Column("user_id", sa.Integer()),
        sa.Column("account_id", sa.Integer()),
        sa.Column("model", sa.String(80)),
        sa.Column("version", sa.String(17)),
        sa.Column("attributes", JSON, nullable=False, server_default="{}"),
        sa.Column("attributes_hash", sa.String(64)),
    )
    create_index("data_source", "account_id")
    # Autogeneration does not see indexes on expressions on SQLite: when this table is rebuilt in
    # batch mode there, this one must be created again.
    op.create_index(
        "uq_data_source_identity",
        "data_source",
        [
            "name",
            "type",
            sa.text("coalesce(user_id, 0)"),
            sa.text("coalesce(account_id, 0)"),
            sa.text("coalesce(model, '')"),
            sa.text("coalesce(version, '')"),
            sa.text("coalesce(attributes_hash, '')"),
        ],
        unique=True,
    )
    create_unique_index_where(
        "type = 'user' AND model IS NULL AND version IS NULL AND attributes_hash IS NULL",
        "uq_data_source_user",
        "data_source",
        ["user_id"],
    )
    key = ("sensor_id", "event_start", "source_id", "belief_horizon", "cumulative_probability")
    op.create_table(
        "timed_belief",
        sa.Column("sensor_id", sa.Integer(), nullable=False),
        sa.Column("event_start", TIMESTAMP, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("belief_horizon", MICROSECONDS, nullable=False, autoincrement=False),
        sa.Column("cumulative_probability", sa.Double(), nullable=False, server_default="0.5"),
        sa.Column("event_value", sa.Double()),
        sa.PrimaryKeyConstraint(*key, name="pk_timed_belief"),
        sa.CheckConstraint(
            "cumulative_probability BETWEEN 0 AND 1",
            name=op.f("ck_timed_belief_cumulative_probability"),
        ),
        *belief_references(),
        sqlite_with_rowid=False,
    )
    if on_postgresql():
        for statement in BELIEF_REFERENCES:
            op.execute(statement)


def on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def belief_references() -> list[sa.ForeignKeyConstraint]:
    if on_postgresql():
        return []
    return [
        reference("timed_belief", "sensor_id", "sensor.id", ondelete="CASCADE"),
        reference("timed_belief", "source_id", "data_source.id"),
    ]


# Foreign keys look up the sensor and the source of each row, which takes four fifths of the time of
# a bulk load. These do it once a statement, with the same locks: who inserts beliefs waits for who
# deletes their sensor or source, and the other way around.
BELIEF_REFERENCES = (
    """
    CREATE FUNCTION require_belief_references() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        PERFORM FROM (SELECT DISTINCT sensor_id FROM new_beliefs) AS used
            WHERE NOT EXISTS (SELECT FROM sensor WHERE id = used.sensor_id FOR KEY SHARE);
        IF FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = 'A belief is of a sensor that is missing.';
        END IF;
        PERFORM FROM (SELECT DISTINCT source_id FROM new_beliefs) AS used
            WHERE NOT EXISTS (SELECT FROM data_source WHERE id = used.source_id FOR KEY SHARE);
        IF FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = 'A belief is of a source that is missing.';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER belief_references_of_new AFTER INSERT ON timed_belief
    REFERENCING NEW TABLE AS new_beliefs
    FOR EACH STATEMENT EXECUTE FUNCTION require_belief_references()
    """,
    """
    CREATE TRIGGER belief_references_of_changed AFTER UPDATE ON timed_belief
    REFERENCING NEW TABLE AS new_beliefs
    FOR EACH STATEMENT EXECUTE FUNCTION require_belief_references()
    """,
    """
    CREATE FUNCTION delete_beliefs_of_sensor() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM timed_belief WHERE sensor_id = OLD.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER beliefs_of_sensor AFTER DELETE ON sensor
    FOR EACH ROW EXECUTE FUNCTION delete_beliefs_of_sensor()
    """,
    """
    CREATE FUNCTION keep_source_of_beliefs() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        IF EXISTS (SELECT FROM timed_belief WHERE source_id = OLD.id) THEN
            RAISE foreign_key_violation USING MESSAGE = 'There are beliefs of this data source.';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER beliefs_of_source AFTER DELETE ON data_source
    FOR EACH ROW EXECUTE FUNCTION keep_source_of_beliefs()
    """,
)


def create_annotations() -> None:
    create_entity_table(
        "annotation",
        sa.Column("content", sa.String(1024), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("start", TIMESTAMP, nullable=False),
        sa.Column("end", TIMESTAMP, nullable=False),
        sa.Column("belief_time", TIMESTAMP),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(20), nullable=False, server_default="label"),
        sa.CheckConstraint('"end" > start', name=op.f("ck_annotation_end_after_start")),
        sa.CheckConstraint(
            "type IN ('alert', 'holiday', 'label', 'feedback', 'warning', 'error')",
            name=op.f("ck_annotation_type"),
        ),
        reference("annotation", "source_id", "data_source.id"),
    )
    create_index("annotation", "source_id")
    op.create_index(
        "uq_annotation_identity",
        "annotation",
        ["content_hash", "start", "belief_time", "source_id", "type"],
        unique=True,
    )
    create_unique_index_where(
        "belief_time IS NULL",
        "uq_annotation_identity_without_belief_time",
        "annotation",
        ["content_hash", "start", "source_id", "type"],
    )
    annotation = {"annotation_id": "annotation.id"}
    create_link_table("annotations_accounts", account_id="account.id", **annotation)
    create_link_table("annotations_assets", generic_asset_id="generic_asset.id", **annotation)
    create_link_table("annotations_sensors", sensor_id="sensor.id", **annotation)


def create_audit_logs_and_task_runs() -> None:
    create_entity_table(
        "audit_log",
        sa.Column("event_datetime", TIMESTAMP, nullable=False),
        sa.Column("event", sa.String(500), nullable=False),
        sa.Column("active_user_name", sa.String(255)),
        sa.Column("active_user_id", sa.Integer()),
        sa.Column("affected_user_id", sa.Integer()),
        sa.Column("affected_account_id", sa.Integer()),
    )
    create_index("audit_log", "affected_user_id", "event_datetime")
    create_index("audit_log", "affected_account_id", "event_datetime")
    create_entity_table(
        "asset_audit_log",
        sa.Column("event_datetime", TIMESTAMP, nullable=False),
        sa.Column("event", sa.String(500), nullable=False),
        sa.Column("active_user_name", sa.String(255)),
        sa.Column("active_user_id", sa.Integer()),
        sa.Column("affected_asset_id", sa.Integer()),
        reference("asset_audit_log", "active_user_id", "fm_user.id", ondelete="SET NULL"),
        reference("asset_audit_log", "affected_asset_id", "generic_asset.id", ondelete="SET NULL"),
    )
    create_index("asset_audit_log", "active_user_id")
    create_index("asset_audit_log", "affected_asset_id", "event_datetime")
    op.create_table(
        "latest_task_run",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("datetime", TIMESTAMP, nullable=False),
        sa.Column("status", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_latest_task_run"),
    )


def create_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("arguments_hash", sa.String(64), nullable=False),
        sa.Column("result", JSON),
        sa.Column("error", JSON),
        sa.Column("meta", JSON, nullable=False, server_default="{}"),
        sa.Column("provenance", JSON),
        sa.Column("requester_user_id", sa.Integer()),
        sa.Column("sensor_id", sa.Integer()),
        sa.Column("asset_id", sa.Integer()),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("depends_on_id", sa.String(36)),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", TIMESTAMP, nullable=False),
        sa.Column("scheduled_for", TIMESTAMP),
        sa.Column("started_at", TIMESTAMP),
        sa.Column("ended_at", TIMESTAMP),
        sa.Column("heartbeat_at", TIMESTAMP),
        sa.Column("worker", sa.String(255)),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.CheckConstraint(
            "state IN ('queued', 'started', 'finished', 'failed', 'deferred', 'scheduled', "
            "'stopped', 'canceled')",
            name=op.f("ck_job_state"),
        ),
        reference("job", "requester_user_id", "fm_user.id", ondelete="SET NULL"),
        reference("job", "sensor_id", "sensor.id", ondelete="CASCADE"),
        reference("job", "asset_id", "generic_asset.id", ondelete="CASCADE"),
        reference("job", "parent_id", "job.id", ondelete="SET NULL"),
        reference("job", "depends_on_id", "job.id", ondelete="SET NULL"),
    )
    for column in ("requester_user_id", "sensor_id", "asset_id", "parent_id", "depends_on_id"):
        create_index("job", column)
    create_index("job", "arguments_hash", "created_at")
    op.create_index("ix_job_waiting", "job", ["queue", "state", "priority", "created_at"])


def create_entity_table(table: str, *parts: sa.schema.SchemaItem) -> None:
    """A table with a surrogate key that is never given twice."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )


def create_link_table(table: str, **columns: str) -> None:
    """A table that links two entities, each link gone with either of them."""
    op.create_table(
        table,
        *(sa.Column(column, sa.Integer(), nullable=False) for column in columns),
        sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}"),
        *(reference(table, column, key, ondelete="CASCADE") for column, key in columns.items()),
    )
    create_index(table, list(columns)[1])


def reference(table: str, column: str, key: str, **options: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [key], name=f"fk_{table}_{column}", **options)


def create_index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def create_unique_index_where(condition: str, name: str, table: str, columns: list[str]) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
