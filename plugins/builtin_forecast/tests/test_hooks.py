"""How good forecasts were, on the page of a sensor."""

from __future__ import annotations

from fmhost_forecast.hooks import content

RESULT = {
    "forecaster": "Acme <b>",
    "baseline": "SeasonalNaiveForecaster",
    "forecasts": 12,
    "start": "2026-03-01T00:00:00+00:00",
    "end": "2026-03-04T00:00:00+00:00",
    "unit": "kW",
    "horizons": [
        {
            "horizon": "PT6H",
            "accuracy": 0.9,
            "mae": 1.2345678,
            "rmse": 2.0,
            "coverage": 0.79,
            "nominal": 0.8,
            "baseline": {"accuracy": -0.5},
        },
        {
            "horizon": "PT24H",
            "accuracy": None,
            "mae": None,
            "rmse": None,
            "coverage": None,
            "nominal": None,
            "baseline": None,
        },
    ],
}


def test_it_has_words_a_chart_and_a_table():
    found = content(RESULT)
    assert "Acme &lt;b&gt; against SeasonalNaiveForecaster: 12 forecasts from 2026-03-01" in found
    assert "6 h ahead 90.0%" in found
    assert 'width="270.0"' in found
    assert '<th scope="row">6 h</th><td>90.0%</td><td>-50.0%</td><td>1.235</td>' in found
    assert '<th scope="row">24 h</th><td></td>' in found
    assert "<b>" not in found
