"""A stage of the model: a base forecast for so many days ahead, and its corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fmhost_forecast.correction import COEFFICIENTS, Recent, fit_at
from fmhost_forecast.features import Inputs, Recipe
from fmhost_forecast.regression import Line, cross_fit
from fmhost_forecast.spread import Spread
from fmhost_forecast.timeline import Floats, Integers

#: Seasons are told from so many days of history on.
YEARLY_FROM_DAYS = 330
#: The weather of so many days is alike.
ALIKE_DAYS = 4
#: A stage is fitted to so many days at least.
FEWEST_DAYS = 4


@dataclass(frozen=True)
class Stage:
    """The forecast of events that are more than one bound and up to another ahead.

    :param leads: how many events ahead its corrections were fitted, ascending.
    :param corrections: coefficients, one row per lead.
    :param spreads: how far off it is, one per lead.
    """

    recipe: Recipe
    base: Line
    leads: Integers
    corrections: Floats
    spreads: Sequence[Spread] = ()

    def between(self, leads: Integers) -> tuple[Integers, Integers, Floats]:
        """The fitted leads around each of these, as places; and the share of the upper one."""
        inside = np.clip(leads, self.leads[0], self.leads[-1])
        place = np.interp(inside, self.leads, np.arange(len(self.leads)))
        low = np.minimum(place.astype(np.int64), max(0, len(self.leads) - 2))
        return low, np.minimum(low + 1, len(self.leads) - 1), place - low

    def median(self, recent: Recent, origins: Integers, targets: Integers) -> Floats:
        """The corrected base forecast of events that are forecast at `origins`."""
        rows = recent.rows(origins, targets, self.recipe.lead_days)
        low, high, share = self.between(targets - origins)
        share = share[:, None]
        coefficients = self.corrections[low] * (1 - share) + self.corrections[high] * share
        return np.asarray(recent.base[targets] + np.sum(rows * coefficients, axis=1))


@dataclass(frozen=True)
class Draft:
    """A stage of which is not yet known how far off it is.

    :param recent: the base forecast of each event by days around which it was left out.
    :param examples: for each lead the targets that it was fitted to, and measured minus median.
    :param fitted: whether there were enough days to learn from.
    """

    stage: Stage
    recent: Recent
    examples: Sequence[tuple[Integers, Floats]]
    fitted: bool

    def with_errors(self, errors: Sequence[Floats]) -> Draft:
        """The draft with other errors of its examples."""
        examples = [(each[0], wrong) for each, wrong in zip(self.examples, errors, strict=True)]
        return replace(self, examples=examples)

    def with_spreads(self, spreads: Sequence[Spread]) -> Stage:
        """The stage."""
        return replace(self.stage, spreads=spreads)


def _leads(begin: int, end: int) -> Integers:
    """Where corrections are fitted: dense at first, then by a factor of about 1.5."""
    found = [begin]
    while found[-1] < end:
        found.append(min(end, max(found[-1] + 1, round(found[-1] * 1.5))))
    return np.array(found, dtype=np.int64)


def draft(inputs: Inputs, lead_days: int, begin: int, end: int) -> Draft:
    """The stage for events from `begin` up to `end` steps ahead."""
    timeline = inputs.timeline
    recipe = Recipe.of(inputs, lead_days, yearly=inputs.days >= YEARLY_FROM_DAYS)
    rows = recipe.columns(inputs)
    usable = recipe.usable(inputs) & ~np.isnan(inputs.values)
    chosen = np.flatnonzero(usable)
    if len(chosen) < FEWEST_DAYS * timeline.steps_a_day:
        return _cold(inputs, recipe, rows, usable, np.array([begin, end]))
    length = _block(len(chosen), timeline.steps_a_day)
    blocks = np.minimum(np.arange(len(chosen)) // length, max(0, len(chosen) // length - 1))
    fitted = cross_fit(rows[chosen], inputs.values[chosen], blocks)
    base = fitted.line.of(rows)
    base[chosen] = fitted.left_out
    errors = np.where(usable, inputs.values - base, 0.0)
    recent = Recent(timeline, base, errors, inputs.past)
    leads = _leads(begin, end)
    corrections, examples = [], []
    for lead in leads:
        coefficients, targets, wrong = fit_at(recent, inputs.values, usable, int(lead), lead_days)
        corrections.append(coefficients)
        examples.append((targets, wrong))
    return Draft(Stage(recipe, fitted.line, leads, np.array(corrections)), recent, examples, True)


def _block(count: int, a_day: int) -> int:
    """How many of so many rows are left out at once: days that follow each other are alike."""
    length = max(a_day, min(ALIKE_DAYS * a_day, count / 8), count / 40)
    return max(1, round(length))


def _cold(
    inputs: Inputs, recipe: Recipe, rows: Floats, usable: NDArray[np.bool_], leads: Integers
) -> Draft:
    """A stage that repeats the mean of the days that are known."""
    line = recipe.mean_of_days(rows.shape[1])
    base = line.of(rows)
    errors = np.where(usable, inputs.values - base, 0.0)
    targets = np.flatnonzero(usable & (np.arange(len(usable)) >= leads[0]))
    corrections = np.zeros((len(leads), COEFFICIENTS + len(inputs.past)))
    return Draft(
        Stage(recipe, line, leads, corrections),
        Recent(inputs.timeline, base, errors, inputs.past),
        [(targets, errors[targets])] * len(leads),
        False,
    )
