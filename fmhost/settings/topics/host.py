"""Host and plugins"""

from __future__ import annotations

from datetime import timedelta

from fmhost.settings.container_types import Dictionary, ListOf
from fmhost.settings.setting import Setting
from fmhost.settings.time_types import Duration
from fmhost.settings.value_types import Boolean, ImportPath, Number, OrNone, Text

SETTINGS = (
    Setting(
        "FMHOST_INSTANCE",
        OrNone(Text(example="/srv/fmhost")),
        None,
        "The instance folder: embedded database, secret key and config file of one installation.",
        from_environment=True,
        only_from_environment=True,
        default_text="the folder `instance` in the working directory",
    ),
    Setting(
        "FMHOST_SOLVER",
        Text(example="highs"),
        "highs",
        "Name of the solver driver that computes schedules.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_DEFAULT_SCHEDULER",
        OrNone(Text(example="StorageScheduler")),
        None,
        "Scheduler for assets of a type that no scheduler claims. None: a request for a schedule "
        "is refused.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_DEFAULT_FORECASTER",
        OrNone(Text(example="SeasonalNaiveForecaster")),
        "RegressionForecaster",
        "Forecaster for sensors that no other forecaster claims.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_FORECAST_AUTOMATICALLY",
        Boolean(),
        True,
        "Whether new measurements of power, weather and prices start forecasts. Never in the mode "
        "`play`.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_FORECAST_DELAY",
        Duration(),
        timedelta(seconds=30),
        "How long such a forecast waits for more measurements of the sensor.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_FALLBACK_FORECASTER",
        OrNone(Text(example="SeasonalNaiveForecaster")),
        "SeasonalNaiveForecaster",
        "Forecaster that steps in at fixed horizons where that of the sensor fails. None: the job "
        "fails.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_STRICT_PLUGINS",
        Boolean(),
        False,
        "Whether the server refuses to start when a plugin cannot be used, instead of starting "
        "without it.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_PLUGINS_DISABLED",
        ListOf(example="forecast,ui"),
        [],
        "Plugins that are not used although they are installed.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_PLUGINS_ALLOWED",
        ListOf(example="storage,cli"),
        [],
        "The only plugins that are used. Empty: all.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_PREFER",
        Dictionary(Text(), example='{"scheduler:StorageScheduler": "storage"}'),
        {},
        "Which plugin wins where two offer the same thing: `kind:name` with the name of the "
        "plugin.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_PLUGIN_CLASSES_ALLOWED",
        ListOf(ImportPath(), example="my_company.schedulers:TankScheduler"),
        [],
        'Classes that the attribute `custom-scheduler` may name by `{"module", "class"}` although '
        "no plugin offers them.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_PLUGIN_IMPORT_TIMEOUT",
        Number(0, example="20"),
        20.0,
        "How long the import of a plugin may take [s].",
        from_environment=True,
    ),
    Setting(
        "FMHOST_ROUTE_OVERRIDES",
        ListOf(example="/dashboard,/favicon.ico"),
        [],
        "Routes of the server that plugins may replace.",
        from_environment=True,
    ),
)
