"""The database: reachable, upgraded, of the same time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from fmhost.cli.diagnosis.findings import Finding, Patient
from fmhost.errors import DatabaseNotReady
from fmhost.services import plugin_tables

#: How far the clocks of the machine and of the database may be apart.
MOST_SKEW = timedelta(seconds=5)


def check_database(patient: Patient) -> Iterator[Finding]:
    """It can be reached, and its tables are those that the program expects."""
    try:
        patient.installation.database.require_upgraded()
    except DatabaseNotReady as error:
        yield Finding.of("database", error)
        return
    plugin_tables.note_pending(patient.installation.host, patient.installation.database)


def check_clock(patient: Patient) -> Iterator[Finding]:
    """The database server tells the same time as this machine."""
    database = patient.installation.database
    if database.dialect != "postgresql":
        return
    try:
        with database.reading() as session:
            before = patient.installation.now()
            theirs = session.scalars(select(func.clock_timestamp())).one()
            after = patient.installation.now()
    except DatabaseNotReady:
        return  # the check of the database tells
    skew = max(before - theirs, theirs - after, timedelta(0))
    if skew > MOST_SKEW:
        yield Finding(
            "clock",
            f"The clocks of this machine and of the database differ by {skew.total_seconds():.1f} "
            "seconds.",
            "Have both set by NTP: `timedatectl set-ntp true`.",
        )
