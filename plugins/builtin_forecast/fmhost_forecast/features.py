"""What a forecast is made from: the calendar, the sun, the weather, and earlier values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fmhost_forecast.regression import Line
from fmhost_forecast.timeline import Floats, Timeline

#: How many days before the first event to forecast values are looked at.
LOOKBACK_DAYS = 42

#: Harmonics of the day, and of the day at weekends, holidays and in interaction with the weather.
_DAILY, _SPECIAL, _WEATHER = 6, 3, 2
#: Number of features that are several ones together.
_JOINT = 60
#: Place of the mean of earlier days among the features of a row.
_MEAN_OF_DAYS = 2


@dataclass(frozen=True)
class Inputs:
    """A series with what is known beside it, all on one timeline.

    :param values: what was measured; NaN where nothing is known (yet).
    :param weather: series of which the future is known, too; without gaps.
    :param past: series of which only the past is known: by how much they were above their usual
        level; 0 where that is not known.
    :param special: 1 where a day is special, such as a holiday, 0 elsewhere; one array per kind.
    :param sun: sine of the sun's elevation, 0 at night; None where the place is not known.
    """

    timeline: Timeline
    values: Floats
    weather: Sequence[Floats] = ()
    past: Sequence[Floats] = ()
    special: Sequence[Floats] = ()
    sun: Floats | None = None

    #: The values with gaps filled from earlier days; for lags alone.
    filled: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "filled", filled(self.timeline, self.values))

    @property
    def days(self) -> float:
        """How many days the timeline has."""
        return self.timeline.size / self.timeline.steps_a_day

    def part(self, begin: int, end: int) -> Inputs:
        """The inputs from one position up to another."""
        timeline = self.timeline
        return Inputs(
            Timeline(
                timeline.start + timeline.step * begin, timeline.step, end - begin, timeline.zone
            ),
            self.values[begin:end],
            [each[begin:end] for each in self.weather],
            [each[begin:end] for each in self.past],
            [each[begin:end] for each in self.special],
            None if self.sun is None else self.sun[begin:end],
        )


def filled(timeline: Timeline, series: Floats) -> Floats:
    """The series without gaps: what is missing is as on the nearest earlier day that is known.

    Where no earlier day is known, it is the median of the series.
    """
    result = series.copy()
    for days in (7, 1, 2, 3, 4, 5, 6, 14, 21, 28):
        missing = np.isnan(result)
        if not missing.any():
            return result
        result[missing] = timeline.before(series, days)[missing]
    missing = np.isnan(result)
    if missing.any():
        known = series[~np.isnan(series)]
        result[missing] = np.median(known) if len(known) else 0.0
    return result


@dataclass(frozen=True)
class Joint:
    """What several features do together: sums of a few of them, bent at a threshold.

    The sums are drawn at random, always the same ones (extreme learning machine: Huang et al.,
    2006, Neurocomputing 70, 489-501).
    """

    mean: Floats
    scale: Floats
    weights: Floats
    thresholds: Floats

    @classmethod
    def of(cls, core: Floats) -> Joint:
        """Drawn for as many features as `core` has columns."""
        random = np.random.default_rng(7)
        inputs = core.shape[1]
        weights = np.zeros((inputs, _JOINT))
        for unit in range(_JOINT):
            chosen = random.choice(inputs, size=min(inputs, 3), replace=False)
            weights[chosen, unit] = random.normal(size=len(chosen))
        weights /= np.sqrt((weights**2).sum(axis=0))
        scale = core.std(axis=0)
        scale = np.where(scale > 1e-9 * (1 + np.abs(core.mean(axis=0))), scale, np.inf)
        return cls(core.mean(axis=0), scale, weights, random.normal(scale=0.7, size=_JOINT))

    def columns(self, core: Floats) -> Floats:
        """One column per sum."""
        standard = np.clip((core.T - self.mean[:, None]) / self.scale[:, None], -4, 4)
        sums = self.weights.T @ standard
        sums -= self.thresholds[:, None]
        return np.maximum(sums, 0.0, out=sums).T


def _core(inputs: Inputs, lead_days: int) -> Floats:
    """The features of which several together may tell more than each alone."""
    timeline = inputs.timeline
    lags = _lags(inputs, lead_days)
    found = [
        *_harmonics(timeline.hour / 24 * 2 * np.pi, 2),
        (timeline.weekday >= 5).astype(np.float64),
        *inputs.special,
        *inputs.weather,
        lags[0],
        lags[2],
        lags[-1],
    ]
    if inputs.sun is not None:
        found.append(inputs.sun)
    return np.vstack(found).T


@dataclass(frozen=True)
class Recipe:
    """Which features there are for events that are up to so many days ahead.

    :param lead_days: no measurement that is younger than so many days is used.
    :param yearly: whether the history is long enough to tell seasons.
    :param bends: for each weather series the values where its effect may change.
    """

    lead_days: int
    yearly: bool
    bends: Sequence[Floats]
    joint: Joint

    @classmethod
    def of(cls, inputs: Inputs, lead_days: int, *, yearly: bool) -> Recipe:
        """The recipe that suits a history."""
        bends = [np.quantile(series, (0.1, 0.3, 0.5, 0.7, 0.9)) for series in inputs.weather]
        return cls(lead_days, yearly, bends, Joint.of(_core(inputs, lead_days)))

    def usable(self, inputs: Inputs) -> NDArray[np.bool_]:
        """For which events there are enough earlier ones."""
        return np.asarray(inputs.timeline.days_before(self.lead_days) >= 0)

    def columns(self, inputs: Inputs) -> Floats:
        """One row of features per event."""
        timeline = inputs.timeline
        daily = _harmonics(timeline.hour / 24 * 2 * np.pi, _DAILY)
        few, fewer = daily[: 2 * _SPECIAL], daily[: 2 * _WEATHER]
        weekday = timeline.weekday
        found = [*daily]
        found += [(weekday == day).astype(np.float64) for day in range(1, 7)]
        for flag in ((weekday >= 5).astype(np.float64), *inputs.special):
            found += [flag, *(flag * wave for wave in few)]
        if self.yearly:
            seasons = _harmonics(timeline.year_share * 2 * np.pi, 2)
            found += seasons
            found += [season * wave for season in seasons[:2] for wave in fewer]
        if inputs.sun is not None:
            found += [inputs.sun, inputs.sun**2]
        for series, bends in zip(inputs.weather, self.bends, strict=True):
            found += _weather(series, bends, fewer, inputs.sun)
        found[:0] = _lags(inputs, self.lead_days)
        found.append(self.joint.columns(_core(inputs, self.lead_days)).T)
        # Feature by feature in memory: that is how they are made, scaled and multiplied.
        return np.vstack(found).T

    def mean_of_days(self, count: int) -> Line:
        """The function of a row of `count` features that is the mean of the earlier days."""
        coefficients = np.zeros(count)
        coefficients[_MEAN_OF_DAYS] = 1.0
        return Line(coefficients, 0.0)


def _lags(inputs: Inputs, lead_days: int) -> list[Floats]:
    """The same time of earlier days, and how high the days were."""
    timeline, values = inputs.timeline, inputs.filled
    nearest = timeline.before(values, lead_days)
    nearest = np.where(np.isnan(nearest), values[:1], nearest)
    weeks = [days for days in (7, 14, 21, 28) if days >= lead_days]
    days = range(lead_days, lead_days + 7)
    same = {lead_days: nearest}
    for number in sorted({*days, *weeks} - {lead_days}):
        earlier = timeline.before(values, number)
        same[number] = np.where(np.isnan(earlier), nearest, earlier)
    found = [nearest, same[lead_days + 1]]
    found.append(np.mean([same[number] for number in days], axis=0))
    if weeks:
        found += [same[weeks[0]], np.mean([same[number] for number in weeks], axis=0)]
    level = running_mean(values, timeline.steps_a_day)
    found.append(_shifted(level, lead_days * timeline.steps_a_day))
    return found


def _harmonics(angle: Floats, count: int) -> list[Floats]:
    return [wave(number * angle) for number in range(1, count + 1) for wave in (np.sin, np.cos)]


def _weather(
    series: Floats, bends: Floats, waves: Sequence[Floats], sun: Floats | None
) -> list[Floats]:
    """A regressor with bends, and with an effect that differs by the time of the day."""
    found = [series, *(np.maximum(series - bend, 0.0) for bend in bends)]
    found += [series * wave for wave in waves]
    return found if sun is None else [*found, series * sun]


def running_mean(series: Floats, length: int) -> Floats:
    """Mean of the last `length` values, the present one included; of fewer at the start."""
    total = np.concatenate([[0.0], np.cumsum(series)])
    ends = np.arange(1, len(series) + 1)
    begins = np.maximum(ends - length, 0)
    return np.asarray((total[ends] - total[begins]) / (ends - begins))


def _shifted(series: Floats, steps: int) -> Floats:
    return series[np.maximum(np.arange(len(series)) - steps, 0)]
