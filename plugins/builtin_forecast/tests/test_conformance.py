"""The seasonal-naive forecaster does what every forecaster has to do."""

from __future__ import annotations

from fmhost.testing import ForecasterConformance
from fmhost_forecast.naive import SeasonalNaiveForecaster


class TestSeasonalNaiveForecaster(ForecasterConformance):
    forecaster = SeasonalNaiveForecaster
