"""How good forecasts were: errors against what was measured, and the honesty of their quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmhost.domain.arrays import Floats


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors of forecasts that looked equally far ahead; None where nothing tells.

    :param events: number of events with both a forecast and a measurement.
    :param mae: mean absolute error, and `rmse` the root of the mean squared one, in the unit of the
        series.
    :param wape: sum of absolute errors over the sum of absolute measurements.
    :param coverage: share of the measurements between the outermost quantiles.
    :param nominal: the share that they promise.
    :param pinball: mean pinball loss of all quantiles, in the unit of the series.
    """

    events: int
    mae: float | None = None
    rmse: float | None = None
    wape: float | None = None
    coverage: float | None = None
    nominal: float | None = None
    pinball: float | None = None

    @property
    def accuracy(self) -> float | None:
        """1 minus WAPE: 1 is right everywhere; 0 is wrong by as much as there is."""
        return None if self.wape is None else 1.0 - self.wape


def accuracy(measured: Floats, forecast: Floats, probabilities: Sequence[float]) -> Accuracy:
    """What a column of measurements says of forecasts.

    The quantile nearest to the median counts as the forecast. Events of which either is missing
    (NaN) are left out. Pinball loss: Koenker and Bassett, 1978, Econometrica 46, 33-50.

    :param forecast: shape (events, probabilities).
    """
    known = ~np.isnan(measured) & ~np.isnan(forecast).any(axis=1)
    truth, quantiles = measured[known], forecast[known]
    if not len(truth):
        return Accuracy(0)
    levels = np.asarray(probabilities)
    errors = truth - quantiles[:, int(np.argmin(np.abs(levels - 0.5)))]
    total = float(np.abs(truth).sum())
    found = Accuracy(
        events=len(truth),
        mae=float(np.abs(errors).mean()),
        rmse=float(np.sqrt((errors**2).mean())),
        wape=float(np.abs(errors).sum()) / total if total else None,
    )
    if len(levels) == 1:
        return found
    inside = (truth >= quantiles[:, 0]) & (truth <= quantiles[:, -1])
    above = truth[:, None] - quantiles
    pinball = np.maximum(levels * above, (levels - 1.0) * above)
    return Accuracy(
        events=found.events,
        mae=found.mae,
        rmse=found.rmse,
        wape=found.wape,
        coverage=float(inside.mean()),
        nominal=float(levels[-1] - levels[0]),
        pinball=float(pinball.mean()),
    )
