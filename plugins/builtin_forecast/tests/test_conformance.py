"""The forecasters do what every forecaster has to do."""

from __future__ import annotations

from datetime import timedelta

from fmhost.testing import ForecasterConformance
from fmhost_forecast.forecaster import RegressionForecaster
from fmhost_forecast.naive import SeasonalNaiveForecaster


class TestSeasonalNaiveForecaster(ForecasterConformance):
    forecaster = SeasonalNaiveForecaster


class TestRegressionForecaster(ForecasterConformance):
    forecaster = RegressionForecaster


class TestRegressionForecasterWithTwoDays(ForecasterConformance):
    forecaster = RegressionForecaster
    history = timedelta(days=2)
    tolerance = 2e-3
