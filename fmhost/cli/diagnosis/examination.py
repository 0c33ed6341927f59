"""All checks, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from fmhost.cli.diagnosis.database_checks import check_clock, check_database
from fmhost.cli.diagnosis.findings import Check, Finding, Patient
from fmhost.cli.diagnosis.machine_checks import check_disk, check_folders
from fmhost.cli.diagnosis.plugin_checks import check_plugins, check_solver
from fmhost.cli.diagnosis.queue_checks import check_queue, check_workers
from fmhost.cli.diagnosis.settings_checks import (
    check_debug,
    check_mail,
    check_secret_files,
    check_secret_key,
    check_settings,
)
from fmhost.errors import FmhostError
from fmhost.host.host import Composition, Host
from fmhost.model.database import Database
from fmhost.services.installation import Installation
from fmhost.settings import Settings

#: Every check by its name, in the order in which they are made.
CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "settings": check_settings,
        "secret-key": check_secret_key,
        "secret-files": check_secret_files,
        "debug": check_debug,
        "folders": check_folders,
        "disk": check_disk,
        "database": check_database,
        "clock": check_clock,
        "queue": check_queue,
        "workers": check_workers,
        "plugins": check_plugins,
        "solver": check_solver,
        "mail": check_mail,
    }
)


def open_for_examination(settings: Settings) -> Installation:
    """The installation with its plugins loaded and not started, so that nothing changes.

    :raises ConfigurationError: where the address of the database is malformed.
    """
    host = Host(Composition.from_settings(settings))
    settings = host.configure(settings)
    host.load()
    database = Database(settings.database_uri, settings["SQLALCHEMY_ENGINE_OPTIONS"])
    return Installation(settings, host, database)


def examine(patient: Patient) -> Iterator[tuple[str, list[Finding]]]:
    """What each check finds. One that crashes is a finding of its own."""
    for name, check in CHECKS.items():
        found: list[Finding] = []
        try:
            found.extend(check(patient))
        except FmhostError as error:
            found.append(Finding.of(name, error))
        except Exception as error:  # the others go on, whatever is amiss
            what = f"The check '{name}' crashed: {type(error).__name__}: {error}"
            found.append(
                Finding(name, f"{what.rstrip('.')}.", "Report it to those who make fmhost.")
            )
        yield name, found
