"""Basic functionality"""

from __future__ import annotations

from fmhost.settings.container_types import Dictionary, ListOf
from fmhost.settings.setting import Setting
from fmhost.settings.value_types import (
    LOG_LEVELS,
    Boolean,
    LogLevel,
    Number,
    OrNone,
    Text,
)

SETTINGS = (
    Setting(
        "FLEXMEASURES_ENV",
        Text("production", "staging", "development", "testing", "documentation"),
        "production",
        "The environment, which decides further defaults. The older variable `FLASK_ENV` is read "
        "where nothing else names one.",
        from_environment=True,
    ),
    Setting(
        "LOGGING_LEVEL",
        LogLevel(),
        LOG_LEVELS["WARNING"],
        "Severity from which messages are logged.",
        from_environment=True,
        by_environment={
            "production": LOG_LEVELS["ERROR"],
            "staging": LOG_LEVELS["WARNING"],
            "development": LOG_LEVELS["DEBUG"],
        },
    ),
    Setting(
        "FLEXMEASURES_MODE",
        Text(example="demo"),
        "",
        "Special behaviour: `demo` shows old values as if they were current and a login that "
        "everybody may use; `play` is for simulations. Empty for normal operation.",
        by_environment={"development": "development", "testing": "test"},
    ),
    Setting(
        "FLEXMEASURES_ALLOW_DATA_OVERWRITE",
        Boolean(),
        False,
        "Whether a belief that is stored already may be replaced by one with another value.",
    ),
    Setting(
        "FLEXMEASURES_LP_SOLVER",
        Text(example="cbc"),
        "cbc",
        "The solver that pyomo calls, by its command. It counts where it is set and "
        "`FMHOST_SOLVER` is not, or chooses pyomo; `appsi_highs` is HiGHS within the process.",
    ),
    Setting(
        "FLEXMEASURES_LP_SOLVER_OPTIONS",
        Dictionary(example='{"time_limit": 60}'),
        {},
        "Options that are handed to the solver.",
    ),
    Setting(
        "FLEXMEASURES_HOSTS_AND_AUTH_START",
        Dictionary(Text(), example='{"example.org": "2024-05"}'),
        {"flexmeasures.io": "2021-01"},
        "For entity addresses: each host name with the first month (YYYY-MM) in which its domain "
        "belonged to whoever runs this server.",
    ),
    Setting(
        "FLEXMEASURES_PLUGINS",
        ListOf(example="my_company.plugin,/srv/plugins/tariffs"),
        [],
        "Plugins to load besides the installed ones that announce themselves: paths of folders, "
        "and names of modules.",
        from_environment=True,
        aliases=("FLEXMEASURES_PLUGIN_PATHS",),
    ),
    Setting(
        "FLEXMEASURES_DB_BACKUP_PATH",
        Text(example="/var/backups/fmhost"),
        "migrations/dumps",
        "Folder of database backups.",
    ),
    Setting(
        "FLEXMEASURES_PROFILE_REQUESTS",
        Boolean(),
        False,
        "Whether each answer tells how long it took, in the header `Server-Timing` [ms].",
        by_environment={"development": True},
    ),
    Setting(
        "FLEXMEASURES_PROFILER_CONFIG",
        Dictionary(example='{"interval": 0.01}'),
        {"async_mode": "disabled", "interval": 0.01},
        "Accepted for older config files, without effect: there are no options.",
    ),
    Setting(
        "DEBUG",
        Boolean(),
        False,
        "Whether errors show their details and code is reloaded. Never on a public server.",
        from_environment=True,
        by_environment={"development": True, "testing": True},
    ),
    Setting(
        "TESTING",
        Boolean(),
        False,
        "Whether tests run, so that errors are raised instead of shown.",
        by_environment={"testing": True},
    ),
    Setting(
        "PROPAGATE_EXCEPTIONS",
        OrNone(Boolean()),
        None,
        "Whether unforeseen errors reach the server instead of an error page. None: only in "
        "debugging and testing.",
        by_environment={"development": True},
    ),
    Setting(
        "FLEXMEASURES_DEFAULT_DATASOURCE",
        Text(example="FlexMeasures"),
        "FlexMeasures",
        "Name of the source under which forecasts and reports are stored.",
    ),
    Setting(
        "FLEXMEASURES_REPORTER_VALIDATION_SKIP_METHODS",
        ListOf(example="resample,clip"),
        [],
        "Methods whose arguments a reporter does not check in advance.",
    ),
    Setting(
        "FLEXMEASURES_CREATE_TEMPLATE_ASSETS_ON_STARTUP",
        Boolean(),
        True,
        "Accepted for newer config files, without effect: there are no template assets.",
    ),
    Setting(
        "FMHOST_FALLBACK_SCHEDULES",
        Boolean(),
        False,
        "Whether a schedule that is impossible is followed by one of the fallback scheduler, which "
        "does what it can. Also on where FLEXMEASURES_FALLBACK_REDIRECT is.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_FALLBACK_REDIRECT",
        Boolean(),
        False,
        "Whether a request for a schedule that failed is redirected to that of the fallback "
        "scheduler.",
    ),
    Setting(
        "FLEXMEASURES_JSON_COMPACT",
        Boolean(),
        False,
        "Whether API responses come without indentation.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_MAX_SENSOR_DATA_INGESTION_BYTES",
        OrNone(Number(0, example="3250585.6")),
        3.1 * 1024**2,
        "Largest body of a request that posts sensor data [bytes]. None: no limit.",
    ),
)
