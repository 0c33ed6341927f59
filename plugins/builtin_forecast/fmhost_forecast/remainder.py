"""What regression leaves: where it is wrong depends on the situation, which trees tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmhost_forecast.correction import Recent
from fmhost_forecast.features import Inputs, running_mean
from fmhost_forecast.timeline import Floats, Integers
from fmhost_forecast.trees import Binned, Forest, grow

#: Each tree needs so many rows to learn from.
_FEWEST_ROWS = 1000
#: Weeks are left out in turn, every third one at once.
_BLOCK_DAYS, _FOLDS = 7, 3


@dataclass(frozen=True)
class Situation:
    """What is known around each event.

    :param at_target: one value per event that is known when the event is forecast.
    :param at_origin: one value per event that is known when the event is over.
    :param measured: the values themselves, and `earlier` those of the same time some days before.
    """

    at_target: Sequence[Floats]
    at_origin: Sequence[Floats]
    measured: Floats
    earlier: Floats

    @classmethod
    def of(cls, inputs: Inputs, recent: Recent, lead_days: int) -> Situation:
        """The calendar, the sun, the weather, earlier values, and how wrong forecasts lately were.

        :param lead_days: no value that is younger than so many days is known.
        """
        timeline, values = inputs.timeline, inputs.filled
        day = timeline.steps_a_day
        hour = max(1, day // 24)
        weekly = 7 * -(-lead_days // 7)
        earlier = timeline.before(values, lead_days)
        at_target = [
            timeline.hour,
            timeline.weekday.astype(np.float64),
            recent.base,
            earlier,
            timeline.before(values, weekly),
            timeline.before(recent.errors, lead_days),
            *inputs.special,
        ]
        at_origin = [recent.base, recent.errors, values]
        at_origin += [running_mean(recent.errors, each) for each in (hour, 3 * hour, day, 7 * day)]
        at_origin += [running_mean(values, each) for each in (hour, 6 * hour, day)]
        at_origin.append(np.diff(values, prepend=values[:1]))
        at_origin += inputs.past
        if inputs.sun is not None:
            at_target.append(inputs.sun)
            at_origin.append(inputs.sun)
        for series in inputs.weather:
            at_target += [series, running_mean(series, 4 * hour)]
            at_origin.append(series)
        return cls(at_target, at_origin, values, earlier)

    def columns(self, origins: Integers, targets: Integers, median: Floats) -> Floats:
        """Features of pairs of a last known and a forecast event, (features, pairs).

        :param median: what regression says about the targets.
        """
        # If it stayed as it is now; and if it changed from now on as it did on the earlier day.
        still = self.measured[origins] - median
        alike = still + self.earlier[targets] - self.earlier[origins]
        found = [(targets - origins).astype(np.float64), median, still, alike]
        found += [each[targets] for each in self.at_target]
        found += [each[origins] for each in self.at_origin]
        return np.nan_to_num(np.stack(found))


def fit_forest(columns: Floats, wrong: Floats, ages: Floats) -> tuple[Forest | None, Floats]:
    """Trees for what is still wrong; and what would be left of it without the week around it.

    :param columns: features, (features, rows).
    :param wrong: measured minus the median, one per row.
    :param ages: of the rows [days].
    :return: no trees, and what was given as wrong, where there are too few rows.
    """
    fold = (ages // _BLOCK_DAYS).astype(np.int64) % _FOLDS
    if len(fold) - np.bincount(fold, minlength=_FOLDS).max() < _FEWEST_ROWS:
        return None, wrong
    binned = Binned.of(columns)
    left = wrong.copy()
    forests = []
    for number in range(_FOLDS):
        mine = fold == number
        forest, still = grow(binned, wrong, ~mine, seed=number)
        forests.append(forest)
        left[mine] = still[mine]
    return Forest.mean(forests), left
