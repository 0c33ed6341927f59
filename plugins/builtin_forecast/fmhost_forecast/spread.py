"""How far off the forecasts of a kind were, by the time of the day, their height, and the week.

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
#: By which powers of the restlessness of the last days errors may grow.
_POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Spread:
    """Errors of forecasts that look equally far ahead.

    :param by_hour: usual size of an error in each hour of the day.
    :param bounds: of the levels of the forecast, ascending.
    :param by_level: by how much errors are larger in each level.
    :param relative: quantiles of the errors, relative to the usual size.
    :param usual: restlessness with which errors have the usual size.
    :param power: errors grow with this power of the restlessness.
    """

    by_hour: Floats
    bounds: Floats
    by_level: Floats
    relative: Floats
    usual: float
    power: float

    @classmethod
    def of(
        cls,
        hours: Floats,
        levels: Floats,
        restless: Floats,
        errors: Floats,
        weights: Floats,
        together: float,
    ) -> Spread:
        """What errors at local times [h] and levels tell; newer ones weigh more.

        :param restless: how much the series changed in the days before each forecast was made.
        :param together: so many errors are as good as one, for they are alike.
        """
        calm = float(np.mean(restless)) or 1.0
        unrest = _unrest(restless, calm)
        power = _power(unrest, np.abs(errors))
        errors = errors / unrest**power
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
        kept = _conformal(relative, weights, together)
        return cls(by_hour, bounds, by_level, kept, calm, power)

    def quantiles(
        self, hours: Floats, levels: Floats, restless: float, probabilities: Sequence[float]
    ) -> Floats:
        """Distances from the median, shape (events, probabilities); 0 at the probability 0.5."""
        number = hours.astype(np.int64) % _HOURS
        scale = self.by_hour[number] * self.by_level[np.searchsorted(self.bounds, levels)]
        scale = scale * _unrest(np.array([restless]), self.usual) ** self.power
        places = np.arange(1, _KEPT + 1) / (_KEPT + 1)
        found = np.interp(probabilities, places, self.relative)
        wanted = np.asarray(probabilities)
        found = np.where(wanted == 0.5, 0.0, found)
        found = np.where(wanted < 0.5, np.minimum(found, 0.0), found)
        found = np.where(wanted > 0.5, np.maximum(found, 0.0), found)
        return np.asarray(scale[:, None] * found)


def _unrest(restless: Floats, usual: float) -> Floats:
    return np.clip(restless / usual, 0.2, 5.0)


def _power(unrest: Floats, size: Floats) -> float:
    """The power of the unrest by which the sizes of the errors are most likely (Laplace)."""
    logarithm = float(np.mean(np.log(unrest)))
    surprise = [
        np.log(float(np.mean(size / unrest**power)) or 1e-300) + power * logarithm
        for power in _POWERS
    ]
    return _POWERS[int(np.argmin(surprise))]


def _conformal(errors: Floats, weights: Floats, together: float) -> Floats:
    """Quantiles of the weighted errors, with room for one more that is as large as can be.

    Errors of a day are alike, so that one more means one more day of them.

    Weights for what may have changed in time: Barber et al., 2023, Annals of Statistics 51,
    816-845.
    """
    order = np.argsort(errors)
    ranked, mass = errors[order], weights[order]
    # The newest weight is 1; it stands for the errors to come, half of them at either end.
    place = (np.cumsum(mass) - mass / 2 + together / 2) / (mass.sum() + together)
    return np.interp(np.arange(1, _KEPT + 1) / (_KEPT + 1), place, ranked)


def _shrunk(number: Integers, size: Floats, weights: Floats, count: int, usual: float) -> Floats:
    total = np.bincount(number, size * weights, minlength=count)
    counted = np.bincount(number, weights, minlength=count)
    return np.asarray((total + _PRIOR * usual * 0.5) / (counted + _PRIOR * 0.5))


def _smoothed(by_hour: Floats) -> Floats:
    return np.asarray(0.5 * by_hour + 0.25 * np.roll(by_hour, 1) + 0.25 * np.roll(by_hour, -1))
