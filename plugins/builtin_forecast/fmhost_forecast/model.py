"""The model: a base forecast for each day ahead, and a correction by what was lately wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmhost_forecast.correction import COEFFICIENTS, Recent, fit_at
from fmhost_forecast.features import Inputs, Recipe, running_mean
from fmhost_forecast.regression import Line, cross_fit
from fmhost_forecast.spread import Spread
from fmhost_forecast.timeline import Floats, Integers

#: Seasons are told from so many days of history on.
YEARLY_FROM_DAYS = 330
#: After so many days an error counts half in what is expected of the next ones.
MEMORY_DAYS = 40.0
#: The weather of so many days is alike.
ALIKE_DAYS = 4
#: Restlessness is that of so many days.
RESTLESS_DAYS = 7
#: A stage is fitted to so many days at least.
FEWEST_DAYS = 4


@dataclass(frozen=True)
class Stage:
    """The forecast of events that are more than one bound and up to another ahead.

    :param leads: how many events ahead its corrections were fitted, ascending.
    :param corrections: coefficients, one row per lead.
    """

    recipe: Recipe
    base: Line
    leads: Integers
    corrections: Floats
    spreads: Sequence[Spread]


@dataclass(frozen=True)
class Model:
    """All stages; the first one that reaches far enough forecasts an event.

    :param reach: how many events ahead each stage goes.
    """

    reach: Integers
    stages: Sequence[Stage]

    def forecast(
        self, inputs: Inputs, origin: int, targets: Integers, probabilities: Sequence[float]
    ) -> tuple[Floats, Floats]:
        """Medians, shape (targets,), and quantiles, shape (targets, probabilities).

        :param origin: position of the last known event.
        """
        median = np.empty(len(targets))
        quantiles = np.empty((len(targets), len(probabilities)))
        leads = targets - origin
        number = np.minimum(np.searchsorted(self.reach, leads), len(self.stages) - 1)
        for index in np.unique(number):
            mine = number == index
            median[mine], quantiles[mine] = _forecast(
                self.stages[index], inputs, origin, targets[mine], probabilities
            )
        return median, quantiles


def _forecast(
    stage: Stage, inputs: Inputs, origin: int, targets: Integers, probabilities: Sequence[float]
) -> tuple[Floats, Floats]:
    base = stage.base.of(stage.recipe.columns(inputs))
    errors = np.nan_to_num(inputs.values - base)
    recent = Recent(inputs.timeline, base, errors, inputs.past)
    origins = np.full(len(targets), origin, dtype=np.int64)
    rows = recent.rows(origins, targets, stage.recipe.lead_days)
    leads = np.clip(targets - origin, stage.leads[0], stage.leads[-1])
    place = np.interp(leads, stage.leads, np.arange(len(stage.leads)))
    low = np.minimum(place.astype(np.int64), max(0, len(stage.leads) - 2))
    high = np.minimum(low + 1, len(stage.leads) - 1)
    share = (place - low)[:, None]
    coefficients = stage.corrections[low] * (1 - share) + stage.corrections[high] * share
    median = base[targets] + np.sum(rows * coefficients, axis=1)
    hours = inputs.timeline.hour[targets]
    unrest = float(restlessness(inputs)[origin])
    wide = [
        spread.quantiles(hours, base[targets], unrest, probabilities) for spread in stage.spreads
    ]
    stacked = np.stack(wide)
    at = np.arange(len(targets))
    distance = stacked[low, at] * (1 - share) + stacked[high, at] * share
    return median, median[:, None] + distance


def fit(inputs: Inputs, longest: int) -> Model:
    """A model from a history, for events up to `longest` events ahead.

    :param inputs: of which all is known.
    """
    a_day = inputs.timeline.steps_a_day
    lead_days = _lead_days(-(-longest // a_day))
    stages: list[Stage] = []
    reach, begin = [], 1
    for days in lead_days:
        end = min(days * a_day, max(longest, begin))
        stages.append(_fit_stage(inputs, days, begin, end, stages[-1] if stages else None))
        reach.append(end)
        begin = end + 1
    return Model(np.array(reach), stages)


def _lead_days(farthest: int) -> list[int]:
    """Days ahead of the stages: each of the first days has its own, later weeks have one each."""
    steps = [1, 2, 3, 5, 7]
    while steps[-1] < farthest:
        steps.append(steps[-1] + 7)
    return [days for days, earlier in zip(steps, [0, *steps], strict=False) if earlier < farthest]


def _leads(begin: int, end: int) -> Integers:
    """Where corrections are fitted: dense at first, then by a factor of about 1.5."""
    found = [begin]
    while found[-1] < end:
        found.append(min(end, max(found[-1] + 1, round(found[-1] * 1.5))))
    return np.array(found, dtype=np.int64)


def _fit_stage(inputs: Inputs, lead_days: int, begin: int, end: int, nearer: Stage | None) -> Stage:
    """A stage; where it has too few days to learn from, what the nearer stage knows of errors."""
    timeline = inputs.timeline
    recipe = Recipe.of(inputs, lead_days, yearly=inputs.days >= YEARLY_FROM_DAYS)
    rows = recipe.columns(inputs)
    usable = recipe.usable(inputs) & ~np.isnan(inputs.values)
    chosen = np.flatnonzero(usable)
    if len(chosen) < FEWEST_DAYS * timeline.steps_a_day:
        return _cold_stage(inputs, recipe, rows, usable, np.array([begin, end]), nearer)
    length = _block(len(chosen), timeline.steps_a_day)
    blocks = np.minimum(np.arange(len(chosen)) // length, max(0, len(chosen) // length - 1))
    fitted = cross_fit(rows[chosen], inputs.values[chosen], blocks)
    base = fitted.line.of(rows)
    base[chosen] = fitted.left_out
    errors = np.where(usable, inputs.values - base, 0.0)
    recent = Recent(timeline, base, errors, inputs.past)
    leads = _leads(begin, end)
    corrections, spreads = [], []
    for lead in leads:
        coefficients, targets, wrong = fit_at(recent, inputs.values, usable, int(lead), lead_days)
        corrections.append(coefficients)
        spreads.append(_spread(inputs, base, targets, targets - lead, wrong))
    return Stage(recipe, fitted.line, leads, np.array(corrections), spreads)


def _block(count: int, a_day: int) -> int:
    """How many of so many rows are left out at once: days that follow each other are alike."""
    length = max(a_day, min(ALIKE_DAYS * a_day, count / 8), count / 40)
    return max(1, round(length))


def _cold_stage(
    inputs: Inputs,
    recipe: Recipe,
    rows: Floats,
    usable: NDArray[np.bool_],
    leads: Integers,
    nearer: Stage | None,
) -> Stage:
    """A stage that repeats the mean of the days that are known."""
    line = recipe.mean_of_days(rows.shape[1])
    base = line.of(rows)
    targets = np.flatnonzero(usable)
    if len(targets):
        wrong = inputs.values[targets] - base[targets]
        spread = _spread(inputs, base, targets, np.maximum(targets - leads[0], 0), wrong)
    elif nearer is not None:
        spread = nearer.spreads[-1]
    else:
        known = np.flatnonzero(~np.isnan(inputs.values))
        usual = float(np.median(inputs.values[known]))
        spread = _spread(inputs, base, known, known, inputs.values[known] - usual)
    corrections = np.zeros((len(leads), COEFFICIENTS + len(inputs.past)))
    return Stage(recipe, line, leads, corrections, [spread] * len(leads))


def _spread(
    inputs: Inputs, base: Floats, targets: Integers, origins: Integers, wrong: Floats
) -> Spread:
    age = (inputs.timeline.size - targets) / inputs.timeline.steps_a_day
    weights = 0.5 ** (age / MEMORY_DAYS)
    hours, restless = inputs.timeline.hour[targets], restlessness(inputs)[origins]
    a_day = len(targets) / max(1.0, age.max() - age.min())
    return Spread.of(hours, base[targets], restless, wrong, weights, a_day)


def restlessness(inputs: Inputs) -> Floats:
    """At each event, by how much the days of the last week differed from the days before."""
    timeline, values = inputs.timeline, inputs.filled
    before = timeline.before(values, 1)
    change = np.abs(np.where(np.isnan(before), 0.0, values - before))
    count = running_mean(np.where(np.isnan(before), 0.0, 1.0), RESTLESS_DAYS * timeline.steps_a_day)
    total = running_mean(change, RESTLESS_DAYS * timeline.steps_a_day)
    usual = float(total[-1] / max(count[-1], 1e-9))
    return np.where(count > 0, total / np.maximum(count, 1e-9), usual)
