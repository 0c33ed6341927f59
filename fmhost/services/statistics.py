"""How much has been recorded on a sensor, and by whom."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.beliefs.summaries import Summaries, Summary, remember, summarise
from fmhost.domain.arrays import moment64, moments64, to_datetime
from fmhost.domain.calendar_days import event_ends
from fmhost.domain.zones import time_zone
from fmhost.errors import DatabaseNotReady
from fmhost.model import Sensor, Source
from fmhost.services.installation import Installation

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What one source recorded about a sensor; every stored belief counts, missing values do not.

    :param last_event_end: aware, as all moments, on the clock of the sensor.
    :param lowest: the lowest value, likewise `highest`, `mean` and `total`, in the sensor's unit;
        None where all values are missing.
    """

    source: Source
    first_event_start: datetime
    last_event_end: datetime
    last_recorded: datetime
    lowest: float | None
    highest: float | None
    mean: float | None
    total: float
    number: int


def statistics(
    session: Session,
    sensor: Sensor,
    start: datetime | None = None,
    end: datetime | None = None,
) -> tuple[list[Statistics], Summaries]:
    """What each source recorded about the events that start within [start, end), by source id.

    The caller has asked the policy, and calls :func:`keep` with the second result when the
    session is closed.
    """
    summaries = summarise(session, sensor, start, end)
    zone = time_zone(sensor.timezone, field="timezone")
    ids = list(summaries.by_source)
    sources = session.scalars(select(Source).where(Source.id.in_(ids)).order_by(Source.id))
    found = [_of_source(source, summaries.by_source, sensor, zone) for source in sources]
    return found, summaries


def keep(installation: Installation, summaries: Summaries) -> None:
    """Remember what was found out, so that it need not be found out again."""
    if not summaries.found:
        return
    try:
        with installation.database.connection() as connection:
            remember(connection, summaries.found)
    except DatabaseNotReady as error:
        # Nothing is lost but time: the next one to ask finds it out again.
        logger.warning("Statistics could not be kept: %s", error)


def _of_source(
    source: Source, by_source: Mapping[int, Summary], sensor: Sensor, zone: ZoneInfo
) -> Statistics:
    found = by_source[source.id]
    last = [moment64(found.last_event)]
    ends = event_ends(moments64(last), sensor.event_resolution, zone)
    return Statistics(
        source,
        found.first_event.astimezone(zone),
        to_datetime(ends[0]).astimezone(zone),
        found.last_recorded.astimezone(zone),
        found.lowest,
        found.highest,
        found.total / found.number if found.number else None,
        found.total,
        found.number,
    )
