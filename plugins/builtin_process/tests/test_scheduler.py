"""The scheduler by itself: from flex-model and flex-context to results and reasons."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fmhost.plugin import InfeasibleProblem, InvalidInput, UnitMismatch, UnknownPrices
from fmhost_process.scheduler import ProcessScheduler

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRICES = {"consumption-price": {"sensor": 3}}
MODEL = {"duration": "PT2H", "power": "4 kW", "process-type": "SHIFTABLE"}


@pytest.fixture
def make(make_asset, make_sensor, readings):
    """A scheduler for a sensor of its own, of 24 hourly steps."""

    def make_it(flex_model=MODEL, flex_context=PRICES, *, hours=24, start=START, **options):
        step = options.pop("resolution", HOUR)
        sensor = make_sensor(make_asset(1), step=step, **options)
        return ProcessScheduler(
            sensor,
            start,
            start + hours * HOUR,
            step,
            flex_model=flex_model,
            flex_context=flex_context,
            reader=readings,
        )

    return make_it


def running(result):
    return np.flatnonzero(result.values).tolist()


def test_a_shiftable_process_runs_in_the_cheapest_block(make):
    scheduler = make()
    (result,) = scheduler.compute()
    assert running(result) == [12, 13]
    assert set(result.values[12:14]) == {0.004}
    assert (result.unit, result.start, result.resolution) == ("MW", START, HOUR)
    assert result.sensor is scheduler.sensor
    assert scheduler.info["scheduler"] == "ProcessScheduler"
    assert scheduler.info["commitment_costs"] == {
        "electricity net energy": pytest.approx(0.004 * 201)
    }
    assert scheduler.info["cost"] == pytest.approx(0.804)
    assert scheduler.info["currency"] == "EUR"
    assert scheduler.info["warnings"] == []
    assert scheduler.info["assumed"] == []


def test_it_says_why(make):
    scheduler = make()
    scheduler.compute()
    (why,) = scheduler.info["why"]
    assert scheduler.explanation["processes"] == [why]
    assert scheduler.explanation["costs"] == scheduler.info["commitment_costs"]
    assert why["runs"] == [
        {"start": "2026-03-02T13:00:00+01:00", "end": "2026-03-02T15:00:00+01:00"}
    ]
    assert why["next-best"]["runs"][0]["start"] == "2026-03-02T14:00:00+01:00"
    assert why["cost"] == pytest.approx(0.804)
    assert why["next-best"]["cost"] == pytest.approx(0.804)
    assert why["text"] == (
        "It runs from 2026-03-02T13:00:00+01:00 to 2026-03-02T15:00:00+01:00 at a cost of "
        "0.804 EUR, the least of 23 possible starts. The next best start is "
        "2026-03-02T14:00:00+01:00; it would cost 0.804 EUR (+0)."
    )
    assert json.loads(json.dumps(scheduler.info)) == scheduler.info


@pytest.mark.parametrize(
    ("change", "steps", "text"),
    [
        ({"process-type": "INFLEXIBLE"}, [0, 1], "starts as early as it may. If it were shiftable"),
        ({"process-type": "BREAKABLE"}, [12, 13], "in the 2 steps of least price among 24"),
        (
            {"process-type": "BREAKABLE", "optimization-sense": "MAX"},
            [0, 1],
            "in the 2 steps of greatest price among 24",
        ),
        ({"optimization-sense": "MAX"}, [0, 1], "the greatest of 23 possible starts"),
        ({"duration": "PT24H"}, list(range(24)), "takes the whole window"),
        ({"duration": "P3D"}, list(range(24)), "takes the whole window"),
    ],
)
def test_each_type_gives_its_reason(make, change, steps, text):
    scheduler = make({**MODEL, **change})
    (result,) = scheduler.compute()
    assert running(result) == steps
    assert text in scheduler.info["why"][0]["text"]


def test_pieces_are_told_apart_and_compared_step_by_step(make):
    restrictions = [{"start": "2026-03-02T13:00Z", "duration": "PT1H"}]
    scheduler = make({**MODEL, "process-type": "BREAKABLE", "time-restrictions": restrictions})
    scheduler.compute()
    (why,) = scheduler.info["why"]
    assert [run["start"][11:13] for run in why["runs"]] == ["13", "15"]
    assert "in 2 parts" in why["text"]
    assert (
        "The next best choice is the step at 2026-03-02T12:00:00+01:00 instead of that at "
        "2026-03-02T15:00:00+01:00; it would cost" in why["text"]
    )


def test_the_only_choice_is_called_so(make):
    restrictions = [{"start": "2026-03-02T02:00Z", "end": "2026-03-03T00:00Z"}]
    scheduler = make({**MODEL, "time-restrictions": restrictions})
    assert running(scheduler.compute()[0]) == [0, 1]
    assert scheduler.info["why"][0]["next-best"] is None
    assert scheduler.info["why"][0]["text"].endswith("There is no other choice.")


def test_a_step_that_a_restriction_touches_is_forbidden(make):
    restrictions = [{"start": "2026-03-02T12:59Z", "duration": "PT2M"}]
    (result,) = make({**MODEL, "time-restrictions": restrictions}).compute()
    assert running(result) == [14, 15]


def test_a_step_begun_runs_to_its_end_and_that_is_said(make):
    scheduler = make({**MODEL, "duration": "PT1H10M"})
    (result,) = scheduler.compute()
    assert len(running(result)) == 2
    assert scheduler.info["warnings"] == [
        "duration: the process of sensor 5 takes PT1H10M; PT2H are scheduled, because steps are "
        "PT1H long."
    ]


def test_a_process_longer_than_the_window_is_cut_and_that_is_said(make):
    scheduler = make({**MODEL, "duration": "PT30H"})
    scheduler.compute()
    assert scheduler.info["warnings"] == [
        "duration: the process of sensor 5 takes PT30H; PT24H are scheduled, because the schedule "
        "ends then."
    ]


def test_missing_prices_take_the_nearest_known_and_that_is_said(make):
    scheduler = make(start=START + 12 * HOUR)
    (result,) = scheduler.compute()
    assert running(result) == [0, 1]
    assert scheduler.info["assumed"] == [
        "consumption-price (sensor 3) has no value for 12 of 24 steps (the first at "
        "2026-03-03T00:00:00+00:00); the nearest known price is taken instead."
    ]


def test_without_any_price_there_is_no_schedule(make):
    with pytest.raises(UnknownPrices, match=r"No consumption-price \(sensor 3\) is known between"):
        make(start=START + timedelta(days=3)).compute()


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
    ],
)
def test_a_local_day_of_23_or_25_hours_is_filled_by_a_process_of_a_day(make, start, hours):
    scheduler = make({**MODEL, "duration": "P1D"}, {"consumption-price": 50}, start=start)
    scheduler.end = start + hours * HOUR
    (result,) = scheduler.compute()
    assert running(result) == list(range(hours))
    assert scheduler.info["warnings"] == []


def test_restrictions_by_the_local_clock_keep_to_it_across_the_change(make):
    """No running from midnight to 06:00, on the night when the clock skips an hour."""
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    restrictions = [{"start": "2026-03-29T00:00+01:00", "end": "2026-03-29T06:00+02:00"}]
    model = {**MODEL, "process-type": "INFLEXIBLE", "time-restrictions": restrictions}
    scheduler = make(model, {"consumption-price": 50}, start=start, hours=23)
    (result,) = scheduler.compute()
    assert running(result) == [5, 6]
    assert scheduler.info["why"][0]["runs"][0]["start"] == "2026-03-29T06:00:00+02:00"


def test_restrictions_and_a_process_that_fills_the_window_are_refused_at_once(make):
    restrictions = [{"start": "2026-03-02T12:00Z", "duration": "PT1H"}]
    scheduler = make({**MODEL, "duration": "PT24H", "time-restrictions": restrictions})
    with pytest.raises(InvalidInput, match="Cannot handle time restrictions") as caught:
        scheduler.deserialize_config()
    assert caught.value.field == "time-restrictions"


def test_restrictions_beside_the_window_do_not_matter(make):
    restrictions = [{"start": "2026-03-04T12:00Z", "duration": "PT1H"}]
    scheduler = make({**MODEL, "duration": "PT24H", "time-restrictions": restrictions})
    assert running(scheduler.compute()[0]) == list(range(24))


def test_no_room_fails_the_computation(make):
    restrictions = [{"start": "2026-03-02T01:00Z", "end": "2026-03-02T23:00Z"}]
    scheduler = make({**MODEL, "time-restrictions": restrictions})
    scheduler.deserialize_config()
    with pytest.raises(InfeasibleProblem, match="Cannot allocate a block of time"):
        scheduler.compute()


def test_a_window_shorter_than_a_step_is_refused(make):
    with pytest.raises(InvalidInput, match="shorter than one step of PT1H"):
        make(hours=0.5).compute()


def test_the_sensor_must_measure_power(make):
    with pytest.raises(UnitMismatch, match=r"Sensor with ID 5 is not a power sensor.*EUR"):
        make(unit="EUR").compute()


def test_the_flex_model_of_a_sensor_names_no_other_one(make):
    assert running(make({**MODEL, "sensor": 5}).compute()[0]) == [12, 13]
    with pytest.raises(InvalidInput, match="for sensor 5, not for 6"):
        make({**MODEL, "sensor": 6}).compute()


@pytest.fixture
def of_asset(make_asset, make_sensor, readings):
    """A scheduler for asset 1, whose child has the power sensors 5 and 6."""

    def make_it(flex_model, **stored):
        asset = make_asset(1, **stored)
        child = make_asset(2, asset)
        for number in (5, 6):
            make_sensor(child, number, step=HOUR)
        make_sensor(make_asset(9), 7, step=HOUR)
        return ProcessScheduler(
            asset,
            START,
            START + 24 * HOUR,
            HOUR,
            flex_model=flex_model,
            flex_context=PRICES,
            reader=readings,
        )

    return make_it


def test_an_asset_has_several_processes(of_asset):
    scheduler = of_asset(
        [{"sensor": 5, **MODEL}, {"sensor": 6, **MODEL, "process-type": "INFLEXIBLE"}]
    )
    first, second = scheduler.compute()
    assert (first.sensor.id, running(first)) == (5, [12, 13])
    assert (second.sensor.id, running(second)) == (6, [0, 1])
    costs = [why["cost"] for why in scheduler.info["why"]]
    assert scheduler.info["commitment_costs"]["electricity net energy"] == pytest.approx(sum(costs))


def test_the_only_power_sensor_of_an_asset_need_not_be_named(of_asset, make_sensor):
    scheduler = of_asset(MODEL)
    make_sensor(scheduler.asset, 8, step=HOUR)
    make_sensor(scheduler.asset, 11, unit="°C", step=HOUR)
    (result,) = scheduler.compute()
    assert result.sensor.id == 8


@pytest.mark.parametrize(
    ("flex_model", "field", "text"),
    [
        ([{"sensor": 5, **MODEL}, {"sensor": 5, **MODEL}], "flex-model.1.sensor", "more than once"),
        ([{"sensor": 7, **MODEL}], "flex-model.0.sensor", "7 does not belong to asset 1"),
        ([{"sensor": 99, **MODEL}], "flex-model.0.sensor", "No sensor found with ID 99"),
        ([{"sensor": "5", **MODEL}], "flex-model.0.sensor", "Not a valid integer"),
        ([MODEL], "flex-model.0.sensor", "Missing data"),
        ([{"sensor": 5, "power": 1}], "flex-model.0.duration", "Missing data"),
        ([{"sensor": 5, **MODEL, "soc-min": 1}], "flex-model.0.soc-min", "Unknown field"),
        ([], "flex-model", "list of objects"),
        ("MODEL", "flex-model", "list of objects"),
        ([3], "flex-model.0", "Not a valid mapping type"),
    ],
)
def test_a_wrong_entry_is_named_by_its_place(of_asset, flex_model, field, text):
    with pytest.raises(InvalidInput, match=text) as caught:
        of_asset(flex_model).deserialize_config()
    assert caught.value.field == field


def test_no_room_for_one_of_several_names_its_entry(of_asset):
    restrictions = [{"start": "2026-03-02T01:00Z", "end": "2026-03-02T23:00Z"}]
    entries = [{"sensor": 5, **MODEL}, {"sensor": 6, **MODEL, "time-restrictions": restrictions}]
    with pytest.raises(InfeasibleProblem) as caught:
        of_asset(entries).compute()
    assert caught.value.field == "flex-model.1.time-restrictions"
