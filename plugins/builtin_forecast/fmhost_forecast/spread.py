"""How far off the forecasts of a kind were, by the time of the day and by their height.

Quantiles of errors that a model made about events that it was not fitted to (conformal
prediction, with errors relative to how large they usually are there: Lei et al., 2018, JASA 113,
1094-1111, section 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmhost_forecast.timeline import Floats, Integers

_HOURS, _LEVELS = 24, 6
#: A bin of less errors than these borrows from the whole.
_PRIOR = 20.0
#: So many quantiles of the errors are kept.
_KEPT = 199


@dataclass(frozen=True)
class Spread:
    """Errors of forecasts that look equally far ahead.

    :param by_hour: usual size of an error in each hour of the day.
    :param bounds: of the levels of the forecast, ascending.
    :param by_level: by how much errors are larger in each level.
    :param relative: quantiles of the errors, relative to the usual size.
    """

    by_hour: Floats
    bounds: Floats
    by_level: Floats
    relative: Floats

    @classmethod
    def of(cls, hours: Floats, levels: Floats, errors: Floats, weights: Floats) -> Spread:
        """What errors at local times [h] and levels tell; newer ones weigh more."""
        size = np.abs(errors)
        usual = float(np.average(size, weights=weights)) or 1e-12
        number = hours.astype(np.int64) % _HOURS
        by_hour = _smoothed(_shrunk(number, size, weights, _HOURS, usual))
        by_hour = np.maximum(by_hour, 1e-3 * usual)
        ratio = size / by_hour[number]
        bounds = np.quantile(levels, np.arange(1, _LEVELS) / _LEVELS)
        level = np.searchsorted(bounds, levels)
        even = float(np.average(ratio, weights=weights)) or 1.0
        by_level = _shrunk(level, ratio, weights, _LEVELS, even)
        by_level = np.maximum(by_level, 1e-3)
        relative = errors / (by_hour[number] * by_level[level])
        return cls(by_hour, bounds, by_level, _conformal(relative, weights))

    def quantiles(self, hours: Floats, levels: Floats, probabilities: Sequence[float]) -> Floats:
        """Distances from the median, shape (events, probabilities); 0 at the probability 0.5."""
        number = hours.astype(np.int64) % _HOURS
        scale = self.by_hour[number] * self.by_level[np.searchsorted(self.bounds, levels)]
        places = np.arange(1, _KEPT + 1) / (_KEPT + 1)
        found = np.interp(probabilities, places, self.relative)
        wanted = np.asarray(probabilities)
        found = np.where(wanted == 0.5, 0.0, found)
        found = np.where(wanted < 0.5, np.minimum(found, 0.0), found)
        found = np.where(wanted > 0.5, np.maximum(found, 0.0), found)
        return np.asarray(scale[:, None] * found)


def _conformal(errors: Floats, weights: Floats) -> Floats:
    """Quantiles of the weighted errors, with room for one more that is as large as can be.

    Weights for what may have changed in time: Barber et al., 2023, Annals of Statistics 51,
    816-845.
    """
    order = np.argsort(errors)
    ranked, mass = errors[order], weights[order]
    # The newest weight is 1; it stands for the error to come, half of it at either end.
    place = (np.cumsum(mass) - mass / 2 + 0.5) / (mass.sum() + 1.0)
    return np.interp(np.arange(1, _KEPT + 1) / (_KEPT + 1), place, ranked)


def _shrunk(number: Integers, size: Floats, weights: Floats, count: int, usual: float) -> Floats:
    total = np.bincount(number, size * weights, minlength=count)
    counted = np.bincount(number, weights, minlength=count)
    return np.asarray((total + _PRIOR * usual * 0.5) / (counted + _PRIOR * 0.5))


def _smoothed(by_hour: Floats) -> Floats:
    return np.asarray(0.5 * by_hour + 0.25 * np.roll(by_hour, 1) + 0.25 * np.roll(by_hour, -1))
