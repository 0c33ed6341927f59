"""The web application: the API of the kernel, then the blueprints of the plugins."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import Blueprint, Flask

from fmhost import settings as configuration
from fmhost.api.accounts import accounts
from fmhost.api.annotations import annotations as annotations_resource
from fmhost.api.api_keys import api_keys
from fmhost.api.assets import assets
from fmhost.api.automations import automations
from fmhost.api.blueprints import (
    GuardedFlask,
    import_blueprints,
    register_blueprints,
)
from fmhost.api.charts import charts
from fmhost.api.compression import compress_answers
from fmhost.api.copies import copies
from fmhost.api.cross_origin import allow_other_origins
from fmhost.api.deprecation import watch_deprecations
from fmhost.api.development import development
from fmhost.api.documentation import documentation, documentation_page
from fmhost.api.errors import handle_errors
from fmhost.api.evaluations import evaluations
from fmhost.api.forecasts import forecasts
from fmhost.api.headers import announce_versions
from fmhost.api.health import health
from fmhost.api.histories import histories
from fmhost.api.jobs import jobs
from fmhost.api.json_provider import StrictJSONProvider
from fmhost.api.key_login import accept_api_keys
from fmhost.api.kpis import kpis
from fmhost.api.limits import limit_requests
from fmhost.api.maintenance import maintenance
from fmhost.api.metrics import tell_metrics
from fmhost.api.operations import prepare_operations
from fmhost.api.password_resets import handle_password_resets
from fmhost.api.plugins import plugins as plugins_resource
from fmhost.api.preferences import preferences
from fmhost.api.presence import note_presence
from fmhost.api.profiling import tell_timing
from fmhost.api.public import public
from fmhost.api.restoration import restoration
from fmhost.api.schedules import schedules
from fmhost.api.sensor_data import sensor_data
from fmhost.api.sensor_records import sensor_records
from fmhost.api.sensors import sensors
from fmhost.api.sources import sources
from fmhost.api.sunset_versions import sunset_versions
from fmhost.api.tokens import tokens
from fmhost.api.tracing import trace_requests
from fmhost.api.transport import protect_transport
from fmhost.api.unit_of_work import bind_sessions, current_session
from fmhost.api.users import users
from fmhost.auth.login import init_security
from fmhost.domain import units
from fmhost.errors import DatabaseNotReady
from fmhost.jobs.dispatch import queue_of
from fmhost.services import plugin_tables
from fmhost.services.health import require_begun
from fmhost.services.installation import Installation
from fmhost.settings import Settings
from fmhost.telemetry.logs import write_logs
from fmhost.telemetry.traces import trace_application

#: The resources of the kernel.
RESOURCES: tuple[Blueprint, ...] = (
    public,
    documentation,
    documentation_page,
    tokens,
    health,
    maintenance,
    accounts,
    users,
    api_keys,
    histories,
    assets,
    copies,
    preferences,
    charts,
    kpis,
    annotations_resource,
    automations,
    sensors,
    sensor_data,
    sensor_records,
    schedules,
    evaluations,
    forecasts,
    jobs,
    sources,
    plugins_resource,
    development,
    *sunset_versions,
)

#: Settings that Flask knows under the same name.
_FLASK_SETTINGS = ("DEBUG", "TESTING", "PROPAGATE_EXCEPTIONS", "TRUSTED_HOSTS")


def create(
    env: str | None = None,
    path_to_config: str | os.PathLike[str] | None = None,
    plugins: Sequence[str] | None = None,
    *,
    installation: Installation | None = None,
) -> Flask:
    """Build the application.

    :param env: environment, such as ``production``; default as configured.
    :param path_to_config: a config file to read instead of those in the usual places.
    :param plugins: what ``FLEXMEASURES_PLUGINS`` lists, instead of what is configured.
    :param installation: an opened installation, instead of the one that the settings describe.
    :raises ConfigurationError: where a setting is malformed, or there is no secret key.
    :raises RefuseStartup: where a plugin vetoes the start.
    """
    if installation is None:
        overrides = {} if plugins is None else {"FLEXMEASURES_PLUGINS": list(plugins)}
        installation = Installation.open(
            configuration.load(config_path=path_to_config, environment=env, overrides=overrides)
        )
    plugin_tables.note_pending(installation.host, installation.database)
    app = GuardedFlask(
        "fmhost",
        granted=installation.settings["FMHOST_ROUTE_OVERRIDES"],
        static_folder=None,
        template_folder=None,
    )
    app.json_provider_class = StrictJSONProvider
    app.json = StrictJSONProvider(app)
    app.extensions["fmhost"] = {"installation": installation}
    _configure(app, installation.settings)
    trace_application(app)
    tell_metrics(app, installation)
    trace_requests(app)
    if installation.settings["FLEXMEASURES_PROFILE_REQUESTS"]:
        tell_timing(app)
    compress_answers(app)
    allow_other_origins(app, installation.settings)
    protect_transport(app, installation.settings)
    handle_errors(app)
    announce_versions(app)
    prepare_operations(app)
    init_security(app, installation.settings, current_session)
    handle_password_resets(app)
    note_presence(app)
    accept_api_keys(app)
    bind_sessions(app)
    limit_requests(app, installation)
    watch_deprecations(app, installation.settings)
    for resource in RESOURCES:
        app.register_blueprint(resource)
    if installation.settings["FLEXMEASURES_MODE"] == "play":
        app.register_blueprint(restoration)
    register_blueprints(app, import_blueprints(installation.host))
    return app


def serve_process(settings: Settings) -> tuple[Flask, Installation]:
    """Make this process one of a server: all imported, its logs written, its jobs looked after.

    :return: the application, and its installation, to be closed when the process ends.
    :raises FmhostError: as :func:`create` and ``Installation.open`` do.
    """
    write_logs(settings)
    units.parse_unit("MW")  # builds the unit registry, for which no request should wait
    installation = Installation.open(settings)
    # Here, in the main thread, where the time limit on imports holds.
    installation.host.registry.preload()
    app = create(installation=installation)
    with suppress(DatabaseNotReady):  # every request says so, and readiness does
        require_begun(installation)
    queue_of(installation).attend()
    return app, installation


def _configure(app: Flask, settings: Settings) -> None:
    # Plugins find their own settings here, and those that only the config file knows.
    own = {
        name: settings[name]
        for name in settings
        if name.startswith(("FLEXMEASURES_", "FMHOST_"))
        or name in _FLASK_SETTINGS
        or name not in configuration.DECLARATIONS
    }
    app.config |= own
    if settings["FLEXMEASURES_JSON_COMPACT"]:
        compact: Any = app.json
        compact.compact = True
