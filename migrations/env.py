"""Alembic environment of the kernel and of all plugins: runs on the connection it is given.

`fmhost.model.migrations` opens the connection and its transaction, takes the lock and names the
chain of revisions; so there is no configuration file, and `fmhost db ...` is the command to use.
"""

from __future__ import annotations

from alembic import context

from fmhost.errors import ConfigurationError
from fmhost.model.migrations import Chain
from fmhost.model.schema_changes import comparison_options


def run() -> None:
    """Run the migrations that the caller asked for."""
    connection = context.config.attributes.get("connection")
    chain = context.config.attributes.get("chain")
    if connection is None or not isinstance(chain, Chain):
        raise ConfigurationError(
            "The migrations were started without a connection.",
            hint="Use `fmhost db upgrade` instead of `alembic upgrade`.",
        )
    context.configure(
        connection=connection,
        on_version_apply=context.config.attributes.get("on_version_apply"),
        transactional_ddl=True,  # on SQLite too: our transactions include changes of the schema
        **comparison_options(chain, connection.dialect.name),
    )
    context.run_migrations()


run()
