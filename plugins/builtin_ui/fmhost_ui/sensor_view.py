"""What the page of a sensor says in words and in its table of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fmhost.plugin import Asset, Sensor, outlook, statistics, time_zone, units
from fmhost_ui.wording import clock, length, number, with_unit


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What one source recorded, in words.

    :param times: the first event, the end of the last one, and when it recorded last.
    :param numbers: lowest, mean, highest and sum of the values, and how many there are.
    """

    source: str
    source_id: int
    times: Sequence[str]
    numbers: Sequence[str]


class SensorView:
    """The sensor and what is known about it, in words."""

    def __init__(
        self, around: outlook.Outlook, found: Sequence[statistics.Statistics], now: datetime
    ) -> None:
        self.around = around
        self.sensor: Sensor = around.sensor
        self.asset: Asset = around.sensor.generic_asset
        self.now = now.astimezone(time_zone(self.sensor.timezone))
        self._found = found

    @property
    def resolution(self) -> str:
        """The length of the sensor's events, in words."""
        return length(self.sensor.event_resolution)

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
        for strand in self.around.strands:
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
    def by_source(self) -> Sequence[SourceRow]:
        """What each source recorded."""
        return [self._row(each) for each in self._found]

    def _row(self, found: statistics.Statistics) -> SourceRow:
        moments = (found.first_event_start, found.last_event_end, found.last_recorded)
        values = (found.lowest, found.mean, found.highest, found.total)
        return SourceRow(
            found.source.label,
            found.source.id,
            [f"{each.day} {each:%b %Y %H:%M}" for each in moments],
            [
                *("" if each is None else number(each) for each in values),
                f"{found.number:,}".replace(",", "\u202f"),
            ],
        )
