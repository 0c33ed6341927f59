"""The state of charge at the start, its set-points, and how far ahead a schedule looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import InfeasibleProblem

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
HALF_FULL = {"soc-at-start": "500 kWh"}


def moment(hours):
    return (START + hours * HOUR).isoformat()


def target(value, hours):
    return {"value": value, "datetime": moment(hours)}


# The state of charge


@pytest.mark.parametrize(("unit", "value"), [("kWh", 500.0), ("MWh", 0.5), ("%", 25.0)])
def test_the_state_of_charge_comes_from_its_sensor_and_goes_there(place, unit, value):
    level = place.book.add(place.battery, unit, timedelta(0))
    place.book.write(level, [value], start=START - QUARTER)
    made = place.scheduler({"state-of-charge": {"sensor": level.id}})
    power, soc = made.compute()
    assert made.info["assumed"] == []
    assert (soc.name, soc.sensor, soc.start) == ("state_of_charge", level, START)
    assert len(soc.values) == len(power.values) + 1
    share = 0.5 if unit == "%" else 1.0  # 2 MWh are 100 %
    assert soc.unit == ("" if unit == "%" else "MWh")
    expected = 0.5 + np.concatenate([[0], np.cumsum(power.values) / 4])
    np.testing.assert_allclose(soc.values, expected * share, atol=1e-9)


def test_an_unknown_state_of_charge_is_taken_for_empty_and_told(place):
    level = place.book.add(place.battery, "kWh", timedelta(0))
    made = place.scheduler({"state-of-charge": {"sensor": level.id}})
    _, soc = made.compute()
    assert soc.values[0] == 0
    assert "taken to be empty" in made.info["assumed"][0]
    other = place.scheduler({})
    other.compute()
    assert "soc-at-start is not given" in other.info["assumed"][0]


def test_power_goes_to_the_sensors_of_consumption_and_production(place):
    consumption = place.book.add(place.battery, "kW")
    production = place.book.add(place.battery, "kW")
    both = {"consumption": {"sensor": consumption.id}, "production": {"sensor": production.id}}
    power, eaten, given = place.scheduler({**HALF_FULL, **both}).compute()
    assert (eaten.name, eaten.sensor) == ("consumption_schedule", consumption)
    assert (given.name, given.sensor) == ("production_schedule", production)
    np.testing.assert_array_equal(eaten.values, np.maximum(power.values, 0))
    np.testing.assert_array_equal(given.values, np.maximum(-power.values, 0))
    both.pop("consumption")
    power, given = place.scheduler({**HALF_FULL, **both}).compute()
    np.testing.assert_array_equal(given.values, -power.values)


# The window


def test_a_target_beyond_the_end_extends_the_window(place):
    made = place.scheduler({**HALF_FULL, "soc-targets": [target("2 MWh", 5.1)]})
    (result,) = made.compute()
    assert made.end == START + 5.25 * HOUR
    assert len(result.values) == 21
    assert 0.5 + result.values.sum() / 4 == pytest.approx(2.0)
    assert "has no value for 5 of 21 steps" in made.info["assumed"][0]


@pytest.mark.parametrize("limit", [5 * HOUR, 20])
def test_targets_beyond_the_longest_horizon_are_ignored_with_a_warning(place, limit):
    given = {**HALF_FULL, "soc-targets": [target("1 MWh", 4.5), target("2 MWh", 5.25)]}
    made = place.scheduler(given, FLEXMEASURES_MAX_PLANNING_HORIZON=limit)
    made.compute()
    assert made.end == START + 4.5 * HOUR
    (warning,) = made.info["warnings"]
    assert warning == (
        "battery (sensor 1): soc-targets at 2026-03-02T11:15:00+00:00 is ignored: it lies beyond "
        "the longest planning horizon, which ends at 2026-03-02T11:00:00+00:00."
    )


def test_a_segment_that_outlasts_the_longest_horizon_is_cut(place):
    part = {"value": "600 kWh", "start": moment(4.5), "duration": "PT9H"}
    made = place.scheduler(
        {**HALF_FULL, "soc-minima": [part]}, FLEXMEASURES_MAX_PLANNING_HORIZON=5 * HOUR
    )
    assert made.end == START + 5 * HOUR
    assert 0.5 + made.compute()[0].values.sum() / 4 >= 0.6 - 1e-9


def test_a_target_between_two_ticks_is_in_reach_before_and_met_after(place):
    # at 07:10, ten minutes after a tick and five before the next; at 0.5 MW that is 1/12 MWh
    level = place.book.add(place.battery, "MWh", timedelta(0))
    given = {**HALF_FULL, "state-of-charge": {"sensor": level.id}}
    made = place.scheduler({**given, "soc-targets": [target("300 kWh", 7 / 6)]})
    _, soc = made.compute()
    assert soc.values[5] == pytest.approx(0.3)
    assert abs(soc.values[4] - 0.3) <= 0.5 / 6 + 1e-9


def test_set_points_between_two_ticks_are_soft_for_their_device(place):
    made = place.scheduler({**HALF_FULL, "soc-targets": [target("1.9 MWh", 7 / 6)]})
    made.compute()
    costs = made.info["commitment_costs"]
    # By 07:15 there are 1.125 MWh; at 07:00 there are 1, where 1.9 less ten minutes are needed.
    assert costs["any soc targets"] == pytest.approx(775e3)
    assert costs["all soc targets"] == pytest.approx(775e3 / 4)
    assert costs["any soc minima"] == pytest.approx((1.9 - 0.5 / 6 - 1.0) * 1e6)
    assert {each["field"] for each in made.info["breaches"]} == {"soc-targets", "soc-minima"}
    with pytest.raises(InfeasibleProblem):
        place.scheduler({**HALF_FULL, "soc-targets": [target("1.9 MWh", 1.25)]}).compute()


def test_minima_between_two_ticks_hold_at_both(place):
    level = place.book.add(place.battery, "MWh", timedelta(0))
    given = {**HALF_FULL, "state-of-charge": {"sensor": level.id}}
    made = place.scheduler({**given, "soc-minima": [target("300 kWh", 0.9)]})
    _, soc = made.compute()
    assert min(soc.values[3:5]) == pytest.approx(0.3)


def test_set_points_that_cannot_be_acted_on_are_told(place):
    given = {
        **HALF_FULL,
        "soc-minima": [{"value": "600 kWh", "start": moment(-1), "end": moment(0)}],
        "soc-targets": [
            target("1 MWh", -1),
            target("550 kWh", 0),
            target("500 kWh", 1.1),
            target("510 kWh", 1.2),
        ],
    }
    made = place.scheduler(given)
    made.compute()
    told = "\n".join(made.info["warnings"])
    assert len(made.info["warnings"]) == 4
    assert "soc-targets (1 MWh) at 2026-03-02T05:00:00+00:00 is left aside: it lies before" in told
    assert "soc-targets (0.51 MWh) at 2026-03-02T07:12:00+00:00 is left aside: another" in told
    assert "soc-minima (0.6 MWh) at 2026-03-02T06:00:00+00:00 is left aside" in told
    assert "soc-targets (0.55 MWh) at 2026-03-02T06:00:00+00:00 is left aside" in told


def test_a_day_of_25_hours(place):
    start = datetime.fromisoformat("2026-10-25T00:00:00+02:00")
    place.book.write(place.prices, [float(hour % 7) for hour in range(25)], start=start)
    made = place.scheduler(HALF_FULL, start=start, hours=25)
    (result,) = made.compute()
    assert len(result.values) == 100
    assert result.start + len(result.values) * QUARTER == datetime.fromisoformat(
        "2026-10-26T00:00:00+01:00"
    )
    assert made.info["assumed"] == []
