"""``fmhost add forecasts`` and ``fmhost forecasts evaluate``."""

from __future__ import annotations

import math
from typing import Any

import pytest

ADD = ("add", "forecasts", "--sensor", "3")
NOW = "2026-03-10T00:00+00:00"


@pytest.fixture
def market(toy: Any) -> Any:
    """The toy account, with nine days of prices by the hour of the day."""
    path = toy.folder / "prices.csv"
    rows = [
        f"2026-03-{day:02}T{hour:02}:00Z,{50 + 20 * math.sin(hour / 24 * 2 * math.pi):.3f}"
        for day in range(1, 10)
        for hour in range(24)
    ]
    path.write_text("\n".join(["t,v", *rows]))
    toy.ok("add", "beliefs", "--sensor", "3", "--source", "toy-user", "--horizon", "0", path)
    return toy


def _shown(cli: Any, duration: str = "PT24H") -> list[float]:
    show = ("show", "beliefs", "--sensor", "3", "--start", NOW, "--duration", duration)
    (found,) = cli.json(*show)
    return [value for value in found["values"] if value is not None]


def test_a_period_is_forecast(market: Any) -> None:
    printed = market.ok(*ADD, "--start", NOW, "--duration", "PT24H")
    assert printed.endswith("Sensor 3: 24 new beliefs.\nNew forecasts are stored.\n")
    expected = [50 + 20 * math.sin(hour / 24 * 2 * math.pi) for hour in range(24)]
    assert _shown(market) == pytest.approx(expected, abs=3)


def test_quantiles_limits_and_everything_else(market: Any) -> None:
    config = market.folder / "config.json"
    config.write_text('{"upper": "60 EUR/MWh", "lower": "10 EUR/MWh"}')
    printed = market.ok(
        *(*ADD, "--from-date", NOW, "--to-date", "2026-03-11T00:00+00:00", "--probabilistic"),
        *("--prior", NOW, "--max-forecast-horizon", "PT12H", "--forecast-frequency", "PT12H"),
        *("--config", config, "--lower", "40 EUR/MWh", "--snap", '{"50": [49, 51]}'),
        *("--past-regressors", "2", "--train-period", "P5D", "--retrain-frequency", "PT6H"),
        *("--parameters", '{"forecaster": "RegressionForecaster"}', "--ensure-positive"),
    )
    assert "Sensor 3: 72 new beliefs." in printed
    assert (min(_shown(market)), max(_shown(market))) == (40, 60)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_is_stored_can_be_written_to_a_file(market: Any) -> None:
    file = market.folder / "forecast.csv"
    period = (*ADD, "--start", NOW, "--duration", "PT24H", "--max-forecast-horizon", "PT12H")
    assert f"Written to {file}." in market.ok(*period, "--output-path", file)
    header, *rows = (line.split(",") for line in file.read_text().splitlines())
    assert header == ["sensor", "event_start", "belief_time", "value", "unit"]
    assert [float(row[3]) for row in rows] == _shown(market)
    assert rows[0][:2] + rows[0][4:] == ["3", "2026-03-10T01:00:00+01:00", "EUR/MWh"]
    assert [rows[number][2] for number in (0, 11, 12)] == [
        "2026-03-10T01:00:00+01:00",
        "2026-03-10T01:00:00+01:00",
        "2026-03-10T13:00:00+01:00",
    ]
    assert "goes without" in market(*period, "--output-path", file, "--as-job").stderr
    nowhere = market.folder / "missing" / "forecast.csv"
    assert "cannot be written" in market.refused(*period, "--output-path", nowhere)


def test_fixed_horizons(market: Any) -> None:
    printed = market.ok(
        *(*ADD, "--from-date", "2026-03-09", "--to-date", "2026-03-09"),
        *("--horizon", "24", "--horizon", "6"),
    )
    assert "Sensor 3, PT24H ahead: 24 new beliefs." in printed
    assert "Sensor 3, PT6H ahead: " in printed


def test_as_jobs_at_the_usual_horizons(market: Any) -> None:
    printed = market.ok(
        *(*ADD, "--sensor", "3", "--from-date", "2026-03-09", "--to-date", "2026-03-09"),
        *("--rolling", "--as-job", "--forecaster", "SeasonalNaiveForecaster"),
    )
    assert printed == "8 new forecasting job(s) added to the queue.\n"
    assert market.json("jobs", "show-queues")["forecasting"] == {"finished": 8}


def test_the_forecaster_of_a_source(market: Any) -> None:
    naive = ("--start", NOW, "--duration", "PT1H", "--forecaster", "SeasonalNaiveForecaster")
    market.ok(*ADD, *naive)
    (source,) = (s for s in market.json("show", "data-sources") if s["type"] == "forecaster")
    again = ("--start", "2026-03-11T00:00+00:00", "--duration", "PT1H")
    market.ok(*ADD, *again, "--source", str(source["id"]))
    forecasters = [s for s in market.json("show", "data-sources") if s["type"] == "forecaster"]
    assert [each["model"] for each in forecasters] == ["SeasonalNaiveForecaster"]
    user = next(s for s in market.json("show", "data-sources") if s["type"] == "user")
    assert "not that of a forecaster" in market.refused(*ADD, "--source", str(user["id"]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--sensor", "99"), "No sensor found with ID 99."),
        (("--resolution", "15"), "has a resolution of 1:00:00"),
        (("--horizon", "6"), "need a start and an end"),
        (("--rolling", "--duration", "PT1H", "--start", NOW, "--end", NOW), "--duration does not"),
        (("--regressors", "99"), "No sensor found with ID 99."),
        (("--forecaster", "Nobody"), "Nobody"),
        (("--parameters", '{"colour": 1}'), "parameters.colour"),
        (("--lower", "1 kW"), "lower"),
    ],
)
def test_impossible_requests_are_refused(market: Any, options: Any, message: str) -> None:
    assert message in market.refused(*ADD, *options)


EVALUATE = (
    *("forecasts", "evaluate", "--sensor", "3", "--from", "2026-03-06T00:00Z"),
    *("--to", "2026-03-07T00:00Z", "--frequency", "PT5H"),
)


def test_how_good_forecasts_would_have_been(market: Any) -> None:
    printed = market.ok(*EVALUATE, "--horizon", "PT1H", "--horizon", "PT6H").splitlines()
    assert printed[0].startswith("RegressionForecaster against SeasonalNaiveForecaster: 5 forecast")
    assert printed[1].split()[:5] == ["Ahead", "Events", "1", "-", "WAPE"]
    assert [line.split()[:2] for line in printed[3:]] == [["PT1H", "5"], ["PT6H", "5"]]
    found = market.json(*EVALUATE, "--forecaster", "SeasonalNaiveForecaster")
    assert [each["horizon"] for each in found["horizons"]] == ["PT1H", "PT6H", "PT24H", "PT48H"]
    assert market.ok(*EVALUATE, "--as-job").startswith("New evaluation job ")
