"""Database"""

from __future__ import annotations

from fmhost.settings.container_types import Dictionary
from fmhost.settings.setting import REQUIRED, Setting
from fmhost.settings.value_types import OrNone, Text

_URI = OrNone(Text(example="postgresql://user:password@localhost/fmhost"))

SETTINGS = (
    Setting(
        "SQLALCHEMY_DATABASE_URI",
        _URI,
        None,
        "The database. `postgresql://` is served by the installed driver.",
        from_environment=True,
        by_environment={
            "testing": "postgresql://flexmeasures_test:flexmeasures_test@localhost"
            "/flexmeasures_test"
        },
        importance=REQUIRED,
        default_text="the embedded database `sqlite:///<instance>/fmhost.db`",
    ),
    Setting(
        "SQLALCHEMY_ENGINE_OPTIONS",
        Dictionary(example='{"pool_size": 20}'),
        {
            "pool_recycle": 299,
            "pool_size": 5,
            "max_overflow": 10,
            "pool_pre_ping": True,
            "connect_args": {"options": "-c timezone=utc"},
        },
        "Options of the SQLAlchemy engine for PostgreSQL; `pool_recycle` [s]. With "
        "`pool_pre_ping`, a connection that was idle for a second is tried before it is used.",
    ),
    Setting(
        "SQLALCHEMY_TEST_DATABASE_URI",
        _URI,
        None,
        "The database in the environment `testing`, instead of `SQLALCHEMY_DATABASE_URI`. It must "
        "be one whose content may be lost.",
        from_environment=True,
        only_from_environment=True,
    ),
)
