"""Numbers and moments as people read them."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, tzinfo

#: Sets thousands apart without reading as a decimal mark.
_THIN_SPACE = "\u202f"
_MINUS = "−"
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d\b")


def number(value: float) -> str:
    """The value with about three significant digits, and never in powers of ten."""
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    places = min(max(2 - magnitude, 0), 6)
    text = f"{value:,.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return text.replace(",", _THIN_SPACE).replace("-", _MINUS)


def with_unit(value: float, unit: str) -> str:
    """The value and its unit, on one line."""
    if not unit:
        return number(value)
    return f"{number(value)}{'' if unit == '%' else chr(0xA0)}{unit}"


def clock(moment: datetime, now: datetime) -> str:
    """The moment on the clock of its own time zone, with the day unless that is today's."""
    today = now.astimezone(moment.tzinfo).date()
    time = f"{moment:%H:%M}"
    days = (moment.date() - today).days
    if days == 0:
        return time
    if days in (-1, 1):
        return f"{'tomorrow' if days == 1 else 'yesterday'} {time}"
    if 1 < days < 7:
        return f"{moment:%a} {time}"
    return f"{moment:%a} {moment.day} {moment:%b} {time}"


def with_clock(text: str, zone: tzinfo, now: datetime) -> str:
    """A sentence in which moments are told on a clock, rather than as machines write them."""

    def told(found: re.Match[str]) -> str:
        try:
            return clock(datetime.fromisoformat(found[0]).astimezone(zone), now)
        except ValueError:  # it only looks like one
            return found[0]

    return _MOMENT.sub(told, text)


def length(duration: timedelta) -> str:
    """A resolution in words: ``15 minutes``, ``1 hour``; none is instantaneous."""
    if not duration:
        return "instantaneous"
    seconds = duration / timedelta(seconds=1)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{number(seconds)} second{'' if seconds == 1 else 's'}"


def elapsed(duration: timedelta) -> str:
    """A while in words: ``less than a minute``, ``5 minutes``, ``3 hours``, ``12 days``."""
    seconds = duration / timedelta(seconds=1)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago something was: ``5 minutes ago``; ``never`` for nothing."""
    if moment is None:
        return "never"
    return "just now" if now - moment < timedelta(minutes=1) else f"{elapsed(now - moment)} ago"


def dated(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment with its day, on the clock of a zone: ``Mon 2 Mar 2026, 10:00``."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y}, {local:%H:%M}"
