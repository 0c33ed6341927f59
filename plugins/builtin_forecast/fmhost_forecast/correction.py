"""How much of what was lately wrong will still be wrong so many events later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fmhost_forecast.features import running_mean
from fmhost_forecast.regression import median_fit
from fmhost_forecast.timeline import Floats, Integers, Timeline

#: At most so many rows make one fit.
_MOST_ROWS = 4000

#: Number of coefficients, those of series beside the forecast one apart.
COEFFICIENTS = 10


@dataclass(frozen=True)
class Recent:
    """What a base forecast says of every event, and what came of it.

    :param base: one value per event.
    :param errors: measured minus base; 0 where nothing was measured.
    :param past: by how much other series were above their usual level; 0 where not known.
    """

    timeline: Timeline
    base: Floats
    errors: Floats
    past: Sequence[Floats] = ()

    @cached_property
    def _means(self) -> Sequence[Floats]:
        """Mean error of the last hour, three hours, day and week."""
        day = self.timeline.steps_a_day
        hour = max(1, day // 24)
        return [running_mean(self.errors, each) for each in (hour, 3 * hour, day, 7 * day)]

    @cached_property
    def _ratio(self) -> Floats:
        """Error of the last two hours as a share of the base forecast."""
        hours = 2 * max(1, self.timeline.steps_a_day // 24)
        lately, wrong = running_mean(self.base, hours), running_mean(self.errors, hours)
        floor = float(np.mean(np.abs(self.base))) * 0.1
        return np.clip(wrong / np.maximum(np.abs(lately), floor or 1.0), -1.0, 2.0)

    def rows(self, origins: Integers, targets: Integers, lead_days: int) -> Floats:
        """What the correction is made from, one row per pair.

        :param origins: positions of the last known events, and `targets` of those to forecast.
        """
        base = self.base[targets]
        same = self.timeline.days_before(lead_days)[targets]
        same_time = np.where(same >= 0, self.errors[np.maximum(same, 0)], 0.0)
        return np.column_stack(
            [
                np.ones(len(origins)),
                base,
                self.errors[origins],
                self.errors[np.maximum(origins - 1, 0)],
                *(mean[origins] for mean in self._means),
                same_time,
                self._ratio[origins] * base,
                *(series[origins] for series in self.past),
            ]
        )


def fit_at(
    recent: Recent,
    measured: Floats,
    usable: NDArray[np.bool_],
    lead: int,
    lead_days: int,
) -> tuple[Floats, Integers, Floats]:
    """Coefficients of the correction of events that are `lead` events ahead.

    :param usable: for which events base and measurement are there.
    :return: coefficients; the targets by which they were found; and what is then still wrong.
    """
    targets = np.flatnonzero(usable)
    targets = targets[targets >= lead]
    targets = targets[usable[targets - lead]]
    every = max(1, len(targets) // _MOST_ROWS)
    # An odd stride meets all times of the day.
    every += every > 1 and every % 2 == 0
    chosen = targets[len(targets) % every :: every] if every > 1 else targets
    rows = recent.rows(chosen - lead, chosen, lead_days)
    wrong = measured[chosen] - recent.base[chosen]
    coefficients = median_fit(rows, wrong, penalty=1e-3)
    return coefficients, chosen, wrong - rows @ coefficients
