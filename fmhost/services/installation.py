"""One installation: its settings, plugins, database and clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fmhost.host.host import Composition, Host
from fmhost.host.lifecycle import PluginRecord
from fmhost.model.database import Database
from fmhost.model.pool_figures import count_connections
from fmhost.settings import Settings
from fmhost.telemetry.metrics import are_kept, keep_metrics
from fmhost.telemetry.reports import end_reports, report_errors
from fmhost.telemetry.traces import end_traces, send_traces


def _system_clock() -> datetime:
    return datetime.now(UTC)


def in_year(clock: Callable[[], datetime], year: int) -> Callable[[], datetime]:
    """A clock that tells the same time and date as another one, in another year.

    The 29th of February is told as the 28th where the year has none.
    """

    def tell() -> datetime:
        now = clock()
        try:
            return now.replace(year=year)
        except ValueError:
            return now.replace(year=year, day=28)

    return tell


@dataclass(frozen=True, eq=False)
class Installation:
    """What every use case needs; made once per process with :meth:`open`.

    :param settings: the settings in force.
    :param host: the plugins.
    :param database: where everything is stored.
    :param clock: tells the time; tests put in their own.
    """

    settings: Settings
    host: Host
    database: Database
    clock: Callable[[], datetime] = _system_clock
    _closing: ExitStack = field(default_factory=ExitStack, repr=False)

    @classmethod
    def open(
        cls,
        settings: Settings,
        host: Host | None = None,
        *,
        clock: Callable[[], datetime] = _system_clock,
    ) -> Installation:
        """Add the plugins' settings, open the database and start the plugins.

        In the mode `demo`, the clock tells the year of FLEXMEASURES_DEMO_YEAR, where that is set.

        The database need not be upgraded yet; who reads or writes it asks for that with
        ``installation.database.require_upgraded()``.

        :raises RefuseStartup: where a plugin vetoes the start.
        :raises PluginError: where FMHOST_STRICT_PLUGINS is on and a plugin is not healthy.
        """
        host = host or Host(Composition.from_settings(settings))
        settings = host.configure(settings)
        database = Database(settings.database_uri, settings["SQLALCHEMY_ENGINE_OPTIONS"])
        keep_metrics(settings)
        if are_kept():
            count_connections(database.engine)
        demo_year = settings["FLEXMEASURES_DEMO_YEAR"]
        if settings.mode == "demo" and demo_year is not None:
            clock = in_year(clock, demo_year)
        installation = cls(settings, host, database, clock)
        report_errors(settings)
        installation.on_close(end_reports)
        send_traces(settings, database.engine)
        installation.on_close(end_traces)
        host.hooks.on_quarantine = installation._tell_of
        host.start()
        return installation

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.clock()

    def _tell_of(self, record: PluginRecord) -> None:
        from fmhost.services import alerts  # loads what sends mail, which is seldom needed

        alerts.plugin_quarantined(self, record)

    def on_close(self, callback: Callable[[], object]) -> None:
        """Have `callback` called when the installation closes, before the database does."""
        self._closing.callback(callback)

    def close(self) -> None:
        """Wait for what still runs, and give back the connections."""
        self._closing.close()
        self.database.dispose()
