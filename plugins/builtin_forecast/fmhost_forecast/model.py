"""The model: a stage for each day ahead, and trees for what all of them leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmhost_forecast.correction import Recent
from fmhost_forecast.features import Inputs, running_mean
from fmhost_forecast.remainder import Situation, fit_forest
from fmhost_forecast.spread import Spread
from fmhost_forecast.stage import Draft, Stage, draft
from fmhost_forecast.timeline import Floats, Integers
from fmhost_forecast.trees import Forest

#: After so many days an error counts half in what is expected of the next ones.
MEMORY_DAYS = 40.0
#: Restlessness is that of so many days.
RESTLESS_DAYS = 14
#: Trees are grown from so many days of history on: of younger models, each serves once.
TREES_FROM_DAYS = 28


@dataclass(frozen=True)
class Model:
    """All stages; the first one that reaches far enough forecasts an event.

    :param reach: how many events ahead each stage goes.
    :param forest: what is added to the medians of all stages; None after a short history.
    """

    reach: Integers
    stages: Sequence[Stage]
    forest: Forest | None

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
            median[mine], quantiles[mine] = self._forecast(
                self.stages[index], inputs, origin, targets[mine], probabilities
            )
        return median, quantiles

    def _forecast(
        self,
        stage: Stage,
        inputs: Inputs,
        origin: int,
        targets: Integers,
        probabilities: Sequence[float],
    ) -> tuple[Floats, Floats]:
        base = stage.base.of(stage.recipe.columns(inputs))
        errors = np.nan_to_num(inputs.values - base)
        recent = Recent(inputs.timeline, base, errors, inputs.past)
        origins = np.full(len(targets), origin, dtype=np.int64)
        median = stage.median(recent, origins, targets)
        if self.forest is not None:
            situation = Situation.of(inputs, recent, stage.recipe.lead_days)
            median += self.forest.of(situation.columns(origins, targets, median))
        hours = inputs.timeline.hour[targets]
        unrest = float(restlessness(inputs)[origin])
        wide = np.stack(
            [
                spread.quantiles(hours, base[targets], unrest, probabilities)
                for spread in stage.spreads
            ]
        )
        low, high, share = stage.between(targets - origin)
        at, share = np.arange(len(targets)), share[:, None]
        return median, median[:, None] + wide[low, at] * (1 - share) + wide[high, at] * share


def fit(inputs: Inputs, longest: int) -> Model:
    """A model from a history, for events up to `longest` events ahead.

    :param inputs: of which all is known.
    """
    a_day = inputs.timeline.steps_a_day
    lead_days = _lead_days(-(-longest // a_day))
    drafts: list[Draft] = []
    reach, begin = [], 1
    for days in lead_days:
        end = min(days * a_day, max(longest, begin))
        drafts.append(draft(inputs, days, begin, end))
        reach.append(end)
        begin = end + 1
    forest = None
    if inputs.days >= TREES_FROM_DAYS and all(each.fitted for each in drafts):
        forest, drafts = _with_trees(inputs, drafts)
    stages: list[Stage] = []
    for each in drafts:
        nearer = stages[-1].spreads[-1] if stages else None
        stages.append(each.with_spreads(_spreads(inputs, each, nearer)))
    return Model(np.array(reach), stages, forest)


def _lead_days(farthest: int) -> list[int]:
    """Days ahead of the stages: each of the first days has its own, later weeks have one each."""
    steps = [1, 2, 3, 5, 7]
    while steps[-1] < farthest:
        steps.append(steps[-1] + 7)
    return [days for days, earlier in zip(steps, [0, *steps], strict=False) if earlier < farthest]


def _with_trees(inputs: Inputs, drafts: Sequence[Draft]) -> tuple[Forest | None, list[Draft]]:
    """Trees for all stages together; and the stages with what is still wrong after them."""
    columns, wrong, targets = [], [], []
    for each in drafts:
        situation = Situation.of(inputs, each.recent, each.stage.recipe.lead_days)
        for lead, (chosen, error) in zip(each.stage.leads, each.examples, strict=True):
            median = inputs.values[chosen] - error
            columns.append(situation.columns(chosen - lead, chosen, median))
            wrong.append(error)
            targets.append(chosen)
    ages = (inputs.timeline.size - np.concatenate(targets)) / inputs.timeline.steps_a_day
    forest, left = fit_forest(np.concatenate(columns, axis=1), np.concatenate(wrong), ages)
    parts = iter(np.split(left, np.cumsum([len(each) for each in targets])[:-1]))
    return forest, [each.with_errors([next(parts) for _ in each.examples]) for each in drafts]


def _spreads(inputs: Inputs, made: Draft, nearer: Spread | None) -> list[Spread]:
    """How far off a stage is at each lead; where it cannot tell, what the nearer stage knows."""
    found = []
    restless = restlessness(inputs)
    for lead, (targets, wrong) in zip(made.stage.leads, made.examples, strict=True):
        if len(targets):
            spread = _spread(inputs, made.recent.base, targets, restless[targets - lead], wrong)
        elif nearer is not None:
            spread = nearer
        else:
            known = np.flatnonzero(~np.isnan(inputs.values))
            around = inputs.values[known] - float(np.median(inputs.values[known]))
            spread = _spread(inputs, made.recent.base, known, restless[known], around)
        found.append(spread)
    return found


def _spread(
    inputs: Inputs, base: Floats, targets: Integers, restless: Floats, wrong: Floats
) -> Spread:
    age = (inputs.timeline.size - targets) / inputs.timeline.steps_a_day
    weights = 0.5 ** (age / MEMORY_DAYS)
    hours = inputs.timeline.hour[targets]
    a_day = len(targets) / max(1.0, age.max() - age.min())
    return Spread.of(hours, base[targets], restless, wrong, weights, a_day)


def restlessness(inputs: Inputs) -> Floats:
    """At each event, by how much the days of the last two weeks differed from the days before."""
    timeline, values = inputs.timeline, inputs.filled
    before = timeline.before(values, 1)
    change = np.abs(np.where(np.isnan(before), 0.0, values - before))
    count = running_mean(np.where(np.isnan(before), 0.0, 1.0), RESTLESS_DAYS * timeline.steps_a_day)
    total = running_mean(change, RESTLESS_DAYS * timeline.steps_a_day)
    usual = float(total[-1] / max(count[-1], 1e-9))
    return np.where(count > 0, total / np.maximum(count, 1e-9), usual)
