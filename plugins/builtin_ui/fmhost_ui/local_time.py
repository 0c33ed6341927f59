"""Moments as browsers enter them: on the clock of a place, without an offset."""

from __future__ import annotations

from datetime import datetime

from fmhost.plugin import time_zone


def as_moment(text: str, zone: str) -> str:
    """What was entered as a moment in ISO 8601 with its offset; as it is where it is none.

    Where the clock shows a time twice, its first occurrence.

    :param text: as ``<input type="datetime-local">`` has it, or with an offset already.
    :param zone: IANA name of the time zone whose clock is meant.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=time_zone(zone))
    return moment.isoformat()


def for_input(moment: datetime, zone: str) -> str:
    """A moment as ``<input type="datetime-local">`` takes it, to the minute."""
    return f"{moment.astimezone(time_zone(zone)):%Y-%m-%dT%H:%M}"
