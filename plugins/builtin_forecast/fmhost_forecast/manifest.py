"""What the forecast plugin offers."""

from __future__ import annotations

from fmhost.plugin import Driver, Manifest

manifest = Manifest(
    name="forecast",
    hooks="fmhost_forecast.hooks",
    forecasters={
        "RegressionForecaster": Driver("fmhost_forecast.forecaster:RegressionForecaster"),
        "SeasonalNaiveForecaster": Driver("fmhost_forecast.naive:SeasonalNaiveForecaster"),
    },
)
