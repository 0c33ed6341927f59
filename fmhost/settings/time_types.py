"""What the value of a setting may look like: durations and time zones."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from fmhost.settings.value_types import ValueType

_ZONE_NAME = r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*"
_ISO_DURATION = (
    r"(?P<sign>[+-]?)P(?=[\dT])(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+)(?:[.,](?P<microseconds>\d{1,6}))?S)?)?"
)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


class Duration(ValueType):
    """A length of time; as text an ISO 8601 duration without years and months, or seconds."""

    title = "a duration"
    example = "P1DT12H"

    def parse(self, text: str) -> timedelta:
        text = text.strip()
        match = re.fullmatch(_ISO_DURATION, text)
        if match is None:
            return self.check(float(text))
        sign = -1 if match["sign"] == "-" else 1
        numbers = {unit: sign * int(match[unit] or 0) for unit in _UNITS}
        micros = sign * int((match["microseconds"] or "").ljust(6, "0"))
        return _timedelta(**numbers, microseconds=micros)

    def check(self, value: object) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(value)
        if not math.isfinite(value):
            raise ValueError(value)
        return _timedelta(seconds=value)

    def format(self, value: timedelta) -> str:
        sign, length = ("-", -value) if value < timedelta(0) else ("", value)
        minutes, seconds = divmod(length.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        exact = f"{seconds}.{length.microseconds:06d}" if length.microseconds else seconds
        amounts = ((hours, "H"), (minutes, "M"), (exact, "S"))
        clock = "".join(f"{amount}{unit}" for amount, unit in amounts if amount)
        days = f"{length.days}D" if length.days else ""
        if not days and not clock:
            return "PT0S"
        return f"{sign}P{days}T{clock}".removesuffix("T")

    def written(self, value: timedelta) -> str:
        return repr(self.format(value))


class TimeZoneName(ValueType):
    """The IANA name of a time zone."""

    title = "an IANA time zone"
    example = "Europe/Amsterdam"

    def parse(self, text: str) -> str:
        name = text.strip()
        if not re.fullmatch(_ZONE_NAME, name):
            raise ValueError(text)
        if not _is_zone_file(f"/usr/share/zoneinfo/{name}"):
            from zoneinfo import ZoneInfo  # its import costs more than all settings together

            try:
                ZoneInfo(name)
            except (KeyError, OSError) as error:
                raise ValueError(text) from error
        return name


def _timedelta(**parts: float) -> timedelta:
    try:
        return timedelta(**parts)
    except OverflowError as error:
        raise ValueError(parts) from error


def _is_zone_file(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"TZif"
    except OSError:
        return False
