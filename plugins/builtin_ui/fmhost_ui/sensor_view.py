"""What the page of a sensor says in words and in its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fmhost.plugin import Asset, Sensor, outlook, time_zone, units
from fmhost_ui.wording import clock, length, number, with_unit


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; `cells` has a text for each strand, empty where nothing is known."""

    moment: datetime
    day: str
    time: str
    cells: Sequence[str]
    is_first_of_day: bool


class SensorView:
    """The sensor and what is known about it, in words."""

    def __init__(self, around: outlook.Outlook, now: datetime) -> None:
        self.around = around
        self.sensor: Sensor = around.sensor
        self.asset: Asset = around.sensor.generic_asset
        self.now = now.astimezone(time_zone(self.sensor.timezone))

    @property
    def strands(self) -> Sequence[outlook.Strand]:
        """The kinds of which there are values."""
        return self.around.strands

    @property
    def resolution(self) -> str:
        """The length of the sensor's events, in words."""
        return length(self.sensor.event_resolution)

    @property
    def averaged(self) -> str:
        """The length over which the values shown are means; empty where they are as stored."""
        is_mean = self.around.step != self.sensor.event_resolution
        return length(self.around.step) if is_mean else ""

    @property
    def sign(self) -> str:
        """What a positive power means; empty for what is no power."""
        if not units.convertible(self.sensor.unit, "MW"):
            return ""
        consuming = self.sensor.get_attribute("consumption_is_positive", False)
        return f"{'consumption' if consuming else 'production'} is positive"

    @cached_property
    def latest(self) -> str:
        """The last recorded value up to now, and when it was; empty where there is none."""
        for strand in self.strands:
            past = [
                (start, value)
                for start, value in zip(strand.starts, strand.values, strict=True)
                if start <= self.now
            ]
            if strand.kind == "recorded" and past:
                start, value = past[-1]
                moment = start.astimezone(self.now.tzinfo)
                return f"{with_unit(value, self.sensor.unit)} at {clock(moment, self.now)}"
        return ""

    @cached_property
    def summary(self) -> str:
        """The chart in words, for those who do not see it."""
        parts = []
        for strand in self.strands:
            low, high = min(strand.values), max(strand.values)
            first, last = (
                clock(moment.astimezone(self.now.tzinfo), self.now)
                for moment in (strand.starts[0], strand.starts[-1])
            )
            parts.append(
                f"{strand.kind.capitalize()} from {first} to {last}, between {number(low)} and "
                f"{with_unit(high, self.sensor.unit)}."
            )
        return " ".join(parts)

    @cached_property
    def rows(self) -> Sequence[Row]:
        """One row per event, the earliest first."""
        columns = [dict(zip(strand.starts, strand.values, strict=True)) for strand in self.strands]
        rows: list[Row] = []
        for start in sorted(set().union(*columns)):
            moment = start.astimezone(self.now.tzinfo)
            rows.append(
                Row(
                    moment=moment,
                    day=f"{moment:%a} {moment.day} {moment:%b %Y}",
                    time=f"{moment:%H:%M:%S}".removesuffix(":00"),
                    cells=[number(column[start]) if start in column else "" for column in columns],
                    is_first_of_day=not rows or rows[-1].moment.date() != moment.date(),
                )
            )
        return rows
