"""The regression forecaster: what it uses, what it never uses, and what it says about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fmhost.plugin import ComputationFailed
from fmhost_forecast import memory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def by_clock(start, hours, noise=0.0):
    """A load that follows the local clock, with less at weekends."""
    random = np.random.default_rng(1)
    moments = [(start + HOUR * hour).astimezone(AMSTERDAM) for hour in range(hours)]
    shape = [10 + 5 * np.sin(each.hour / 24 * 2 * np.pi) for each in moments]
    week = [-3.0 if each.weekday() >= 5 else 0.0 for each in moments]
    return np.array(shape) + week + random.normal(0, noise, hours)


def remember(world, days, noise=0.3):
    start = world.belief_time - days * DAY
    world.record(world.load, start, by_clock(start, days * 24, noise))


def test_a_clean_pattern_is_continued(world):
    remember(world, 60, noise=0.01)
    found = world.forecast()
    assert np.abs(found - by_clock(world.belief_time, 48)).max() < 0.3


@pytest.mark.parametrize("days", [2, 3, 6, 15, 60])
def test_nothing_that_is_recorded_later_counts(world, days):
    remember(world, days)
    weather = world.add(8, "temperature")
    start = world.belief_time - days * DAY
    world.record(weather, start, by_clock(start, days * 24), recorded=start)
    world.record(weather, world.belief_time, np.ones(48), recorded=world.belief_time)
    config = {"regressors": [8], "past-regressors": [8]}
    before = world.forecast(config=config, probabilistic=True).tobytes()
    late = world.belief_time + timedelta(seconds=1)
    for sensor in (world.load, weather):
        world.record(sensor, start, np.full((days + 3) * 24, 1e6), recorded=late)
    assert world.forecast(config=config, probabilistic=True).tobytes() == before
    memory.forget()
    world.memory.clear()
    assert world.forecast(config=config, probabilistic=True).tobytes() == before


def test_what_was_computed_is_no_measurement(world):
    remember(world, 30)
    before = world.forecast().tobytes()
    world.record(
        world.load,
        world.belief_time - 3 * DAY,
        np.full(200, 1e6),
        recorded=world.belief_time - 3 * DAY,
        source_type="forecaster",
    )
    assert world.forecast().tobytes() == before


def test_a_load_that_follows_the_clock_stays_in_step_when_the_clock_changes(world):
    world.belief_time = datetime(2026, 3, 28, 12, tzinfo=UTC)
    remember(world, 60, noise=0.01)
    found = world.forecast()
    assert np.abs(found - by_clock(world.belief_time, 48)).max() < 0.4


def test_weather_that_is_forecast_is_used(world):
    random = np.random.default_rng(3)
    start = world.belief_time - 90 * DAY
    cold = random.normal(0, 3, 92 * 24).cumsum() * 0.1
    weather = world.add(8, "temperature")
    world.record(weather, start, cold, recorded=start)
    world.record(world.load, start, 20 - cold[: 90 * 24] + random.normal(0, 0.05, 90 * 24))
    truth = 20 - cold[90 * 24 :]
    without = np.abs(world.forecast() - truth).mean()
    helped = np.abs(world.forecast(config={"regressors": [8]}) - truth).mean()
    assert helped < 0.25 < without


def test_sensors_that_an_attribute_names_are_used(world):
    world.load.attributes["weather_correlations"] = ["temperature", "moonshine"]
    world.add(8, "temperature")
    remember(world, 30)
    made = world.forecaster()
    made.compute()
    assert made.info["regressors"] == [8]
    assert "There is no sensor 'moonshine' with a location to read." in made.info["assumed"]


def test_weather_without_a_forecast_is_told(world):
    weather = world.add(8, "temperature")
    remember(world, 30)
    world.record(weather, world.belief_time - 30 * DAY, np.arange(720) % 24)
    made = world.forecaster(config={"regressors": [8]})
    made.compute()
    assert "no forecast for 100% of the period" in made.info["assumed"][0]


def test_holidays_are_like_the_holidays_before(world):
    start = world.belief_time - 90 * DAY
    values = by_clock(start, 92 * 24, noise=0.05)
    days = np.array([(start + HOUR * hour).date() for hour in range(92 * 24)])
    world.holidays = [date(2026, 4, 6), date(2026, 4, 27), date(2026, 5, 14), date(2026, 6, 10)]
    values[np.isin(days, world.holidays)] -= 6.0
    world.record(world.load, start, values[: 90 * 24])
    error = np.abs(world.forecast(hours=24) - values[90 * 24 : 91 * 24])
    assert error.mean() < 1.5


def test_what_never_was_negative_is_not_forecast_negative(world):
    random = np.random.default_rng(5)
    start = world.belief_time - 40 * DAY
    world.record(world.load, start, np.maximum(random.normal(-1, 2, 40 * 24), 0))
    assert world.forecast(probabilistic=True).min() >= 0


def test_a_price_may_become_negative(world):
    world.load.unit = "EUR/MWh"
    start = world.belief_time - 40 * DAY
    world.record(world.load, start, np.linspace(60, 0.5, 40 * 24))
    assert world.forecast(probabilistic=True).min() < 0


def test_power_stays_within_the_capacity(world):
    world.load.attributes["capacity_in_mw"] = 0.011
    start = world.belief_time - 40 * DAY
    world.record(world.load, start, np.clip(by_clock(start, 40 * 24, noise=3.0), None, 11))
    assert world.forecast(probabilistic=True).max() <= 11


def test_there_is_no_solar_power_at_night(world):
    from fmhost_forecast.sun import sine_of_elevation
    from fmhost_forecast.timeline import Timeline

    world.load.location = (52.0, 5.0)
    start = world.belief_time - 40 * DAY
    sun = sine_of_elevation(Timeline(start, HOUR, 42 * 24, AMSTERDAM), 52.0, 5.0)
    cloud = np.random.default_rng(2).uniform(0.2, 1.0, 42 * 24)
    world.record(world.load, start, 100 * (sun * cloud)[: 40 * 24])
    found = world.forecast(probabilistic=True)
    night = sun[40 * 24 :] == 0
    assert np.all(found[night] == 0)
    assert np.all(found[sun[40 * 24 :] > 0.3, 2] > 10)


def test_quantiles_cover_what_they_say(world):
    days, inside, total = 150, 0, 0
    begin = world.belief_time - days * DAY
    values = by_clock(begin, (days + 2) * 24)
    random = np.random.default_rng(11)
    values += random.gamma(1.0, 2.0, len(values))
    for back in range(0, 60, 3):
        world.belief_time = begin + (days - back) * DAY
        world.beliefs[7] = []
        world.record(world.load, begin, values[: (days - back) * 24])
        low, _, high = world.forecast(probabilistic=True).T
        truth = values[(days - back) * 24 :][:48]
        inside += int(((truth >= low) & (truth <= high)).sum())
        total += 48
    assert 0.75 < inside / total < 0.85


def test_other_quantiles_can_be_asked_for(world):
    remember(world, 30)
    made = world.forecaster(probabilistic=True, config={"quantiles": [0.05, 0.25, 0.5, 0.75, 0.95]})
    (result,) = made.compute()
    assert result.probabilities == (0.05, 0.25, 0.5, 0.75, 0.95)
    assert np.all(np.diff(result.values, axis=1) >= 0)
    assert result.values.shape == (48, 5)


def test_what_is_known_of_the_window_is_given_as_it_is_known(world):
    world.load.unit = "EUR/MWh"
    start = world.belief_time - 40 * DAY
    prices = by_clock(start, 41 * 24, noise=1.0)
    world.record(world.load, start, prices, recorded=world.belief_time - HOUR)
    made = world.forecaster(known_until=world.belief_time + DAY)
    (result,) = made.compute()
    np.testing.assert_array_equal(result.values[:24], prices[-24:])
    assert not np.isnan(result.values).any()


def test_a_gap_before_the_forecast_is_bridged(world):
    start = world.belief_time - 40 * DAY
    values = by_clock(start, 40 * 24, noise=0.01)
    values[-30:] = np.nan
    values[300:340] = np.nan
    kept = ~np.isnan(values)
    for hour in np.flatnonzero(kept):
        world.record(world.load, start + HOUR * int(hour), [values[hour]])
    assert np.abs(world.forecast() - by_clock(world.belief_time, 48)).mean() < 0.3


def test_with_less_than_two_days_it_repeats_the_last_day_and_says_so(world):
    remember(world, 1)
    made = world.forecaster()
    (result,) = made.compute()
    assert result.model == "SeasonalNaiveForecaster"
    assert made.info["fallback"].startswith("SeasonalNaiveForecaster: Less than two days")
    assert made.info["forecaster"] == "RegressionForecaster"


def test_without_any_history_it_gives_up(world):
    with pytest.raises(ComputationFailed, match="nothing to repeat"):
        world.forecaster().compute()


def test_a_model_serves_until_it_is_to_be_made_again(world):
    remember(world, 60)
    memory.forget()
    for hour in (1, 5, 23):
        world.belief_time = datetime(2026, 6, 9, hour, tzinfo=UTC)
        world.memory.clear()
        world.forecast()
    assert memory.count() == 1
    world.forecast(config={"retrain-frequency": "PT1H"})
    assert memory.count() == 2


def test_memory_does_not_grow(world, monkeypatch):
    monkeypatch.setattr(memory, "MOST_MODELS", 3)
    memory.forget()
    for days in range(5, 12):
        world.beliefs[7] = []
        remember(world, days)
        world.memory.clear()
        world.forecast()
    assert memory.count() == 3


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"train-period": "P1D"}, "train-period"),
        ({"retrain-frequency": "PT30M"}, "retrain-frequency"),
        ({"quantiles": [0.9, 0.1]}, "quantiles"),
        ({"quantiles": [0.0, 0.5]}, "quantiles"),
        ({"quantiles": []}, "quantiles"),
    ],
)
def test_configurations_that_are_refused(world, config, field):
    from marshmallow import ValidationError

    with pytest.raises(ValidationError) as refused:
        world.forecaster(config=config)
    assert list(refused.value.messages) == [field]


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60, 1440])
def test_all_usual_resolutions_are_forecast(world, minutes):
    step = timedelta(minutes=minutes)
    days = 40 if minutes >= 60 else 6
    start = world.belief_time - days * DAY
    steps = days * DAY // step
    world.record(world.load, start, 5 + np.sin(np.arange(steps) * (step / DAY)), step=step)
    found = world.forecast(step=step, probabilistic=True)
    assert found.shape == (2 * DAY // step, 3)
    assert np.isfinite(found).all()
