"""What is stored, what is not, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from fmhost.beliefs import Beliefs, Query, Saved, read, save
from fmhost.domain.arrays import duration64, moment64
from fmhost.errors import InvalidInput, NotFound, ReplacementNotAllowed
from fmhost.model import Sensor, Source, beliefs
from fmhost.model.database import Database

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HOUR = 4 * QUARTER
NAN = float("nan")


def some(
    source: Source,
    values: list[float],
    horizon: timedelta = timedelta(0),
    *,
    start: datetime = TEN,
    probability: float = 0.5,
) -> Beliefs:
    steps = np.arange(len(values)) * duration64(QUARTER)
    return Beliefs.of(
        moment64(start) + steps, duration64(horizon), source.id, np.array(values), probability
    )


def distribution(source: Source, values: list[float], horizon: timedelta) -> Beliefs:
    """One event with a quantile for each value."""
    probabilities = np.arange(1, len(values) + 1) / (len(values) + 1)
    starts = np.full(len(values), moment64(TEN))
    return Beliefs.of(
        starts,
        duration64(horizon),
        source.id,
        np.array(values),
        cumulative_probability=probabilities,
    )


def stored(place: Any, sensor: Sensor) -> list[float | None]:
    """The values of a sensor in the order of the key."""
    key = [beliefs.c[name] for name in beliefs.primary_key.columns.keys()]  # noqa: SIM118
    query = select(beliefs.c.event_value).where(beliefs.c.sensor_id == sensor.id).order_by(*key)
    return list(place.session.scalars(query))


def test_the_key_begins_with_sensor_and_event_so_that_a_window_is_one_range() -> None:
    assert [column.name for column in beliefs.primary_key] == [
        "sensor_id",
        "event_start",
        "source_id",
        "belief_horizon",
        "cumulative_probability",
    ]


def test_everything_new_is_stored(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    assert save(place.session, sensor, some(source, [1, 2])) == Saved(stored=2)
    assert stored(place, sensor) == [1, 2]
    assert save(place.session, sensor, Beliefs.empty()) == Saved()


def test_a_repetition_is_not_stored(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, some(source, [1, 2], QUARTER))
    assert save(place.session, sensor, some(source, [1, 2], QUARTER)) == Saved(unchanged=2)
    sooner = timedelta(minutes=5)
    assert save(place.session, sensor, some(source, [1, 3], sooner)) == Saved(1, 1)
    assert stored(place, sensor) == [1, 3, 2]


def test_a_first_measurement_is_stored_even_if_the_forecast_said_so(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, some(source, [1], QUARTER))
    assert save(place.session, sensor, some(source, [1], timedelta(0))) == Saved(stored=1)
    assert save(place.session, sensor, some(source, [1], -QUARTER)) == Saved(unchanged=1)


def test_the_belief_right_before_counts_and_not_older_or_later_ones(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    for horizon, value in ((3 * HOUR, 1.0), (HOUR, 2.0)):
        save(place.session, sensor, some(source, [value], horizon))
    # After the belief of 2: saying 1 again is news. Before it: it is not.
    assert save(place.session, sensor, some(source, [1], QUARTER)) == Saved(stored=1)
    assert save(place.session, sensor, some(source, [1], 2 * HOUR)) == Saved(unchanged=1)
    # A belief that was formed before all others is news, although later ones say the same.
    assert save(place.session, sensor, some(source, [1], 4 * HOUR)) == Saved(stored=1)


def test_sources_and_sensors_do_not_interfere(place: Any) -> None:
    sensor, other_sensor = place.sensor(), place.sensor()
    source, other_source = place.source(), place.source("second meter")
    save(place.session, sensor, some(source, [1], QUARTER))
    assert save(place.session, sensor, some(other_source, [1], QUARTER)).stored == 1
    assert save(place.session, other_sensor, some(source, [1], QUARTER)).stored == 1


def test_repetitions_within_a_batch_are_found_as_well(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    batch = Beliefs.joined(
        [some(source, [1], HOUR), some(source, [1], QUARTER), some(source, [2], timedelta(0))]
    )
    assert save(place.session, sensor, batch) == Saved(2, 1)
    again = Beliefs.joined([some(source, [5], 2 * HOUR), some(source, [5], 90 * QUARTER)])
    assert save(place.session, sensor, again) == Saved(1, 1)


def test_identical_rows_of_a_batch_are_one(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    twice = Beliefs.joined([some(source, [1, 2, NAN]), some(source, [1, 2, NAN])])
    assert save(place.session, sensor, twice) == Saved(3, 3)


def test_contradictory_rows_of_a_batch_are_refused_by_name(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    twice = Beliefs.joined([some(source, [1, 2]), some(source, [1, 3])])
    with pytest.raises(InvalidInput, match=r"two different values.*2026-03-01T10:15:00"):
        save(place.session, sensor, twice)
    assert stored(place, sensor) == []


def test_another_value_for_the_same_key_is_refused_and_nothing_stored(place: Any) -> None:
    sensor = place.sensor(timezone="Europe/Amsterdam")
    source = place.source()
    save(place.session, sensor, some(source, [1, 2]))
    with pytest.raises(ReplacementNotAllowed, match=r"2026-03-01T11:15:00\+01:00"):
        save(place.session, sensor, some(source, [1, 9, 3]))
    assert stored(place, sensor) == [1, 2]
    # The session remains usable.
    assert save(place.session, sensor, some(source, [1, 2, 3])) == Saved(1, 2)


def test_another_value_for_the_same_key_is_refused_even_if_it_was_said_before(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, some(source, [1], HOUR))
    save(place.session, sensor, some(source, [2], QUARTER))
    with pytest.raises(ReplacementNotAllowed):
        save(place.session, sensor, some(source, [1], QUARTER))


def test_values_are_replaced_on_request(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, some(source, [1, 2, NAN, 4]))
    saved = save(place.session, sensor, some(source, [1, 9, 3, NAN, 5]), overwrite=True)
    assert saved == Saved(stored=1, unchanged=1, replaced=3)
    assert stored(place, sensor) == [1, 9, 3, None, 5]


def test_a_missing_value_repeats_a_missing_value_only(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, some(source, [NAN, 2], QUARTER))
    assert save(place.session, sensor, some(source, [NAN, NAN], timedelta(minutes=5))) == Saved(
        1, 1
    )
    found = read(place.session, Query(sensor=sensor))
    assert np.isnan(found.event_value).tolist() == [True, True]


def test_probabilistic_beliefs_are_compared_as_a_whole(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, distribution(source, [1, 2, 3], 2 * HOUR))
    same = distribution(source, [1, 2, 3], HOUR)
    assert save(place.session, sensor, same) == Saved(unchanged=3)
    other = distribution(source, [1, 2, 4], HOUR)
    assert save(place.session, sensor, other) == Saved(stored=3)


def test_a_single_value_does_not_repeat_the_distribution_of_which_it_is_part(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    save(place.session, sensor, distribution(source, [1, 2, 3], 2 * HOUR))
    assert save(place.session, sensor, some(source, [2], HOUR)) == Saved(stored=1)
    shorter = distribution(source, [2], QUARTER)
    assert save(place.session, sensor, shorter) == Saved(unchanged=1)
    assert save(place.session, sensor, distribution(source, [1, 2, 3], QUARTER)) == Saved(3)


@pytest.mark.parametrize(
    ("values", "probability", "message"),
    [([1, float("inf")], 0.5, "finite"), ([1], 1.5, "between 0 and 1"), ([1], NAN, "between")],
)
def test_impossible_beliefs_are_refused(
    place: Any, values: list[float], probability: float, message: str
) -> None:
    sensor, source = place.sensor(), place.source()
    with pytest.raises(InvalidInput, match=message):
        save(place.session, sensor, some(source, values, probability=probability))
    with pytest.raises(InvalidInput, match="event start"):
        save(
            place.session,
            sensor,
            Beliefs.of(np.array(["NaT"], "M8[us]"), duration64(HOUR), source.id, np.ones(1)),
        )


@pytest.mark.parametrize("already", [False, True])
def test_beliefs_of_nobody_are_refused(place: Any, already: bool) -> None:
    sensor, source = place.sensor(), place.source()
    if already:
        save(place.session, sensor, some(source, [1]))
    nobody = Source(id=source.id + 999, name="nobody", type="user")
    with pytest.raises(NotFound, match="source"):
        save(place.session, sensor, some(nobody, [1]))


def test_moments_far_from_now_keep_their_microseconds(place: Any) -> None:
    sensor, source = place.sensor(), place.source()
    for start in (datetime(1901, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(2250, 1, 1, tzinfo=UTC)):
        batch = some(source, [1.1, NAN, -1e-9], timedelta(microseconds=-1), start=start)
        for _ in range(2):  # straight into the table, and by way of the batch
            save(place.session, sensor, batch)
        found = read(place.session, Query(sensor=sensor, start=start, end=start + HOUR))
        for ours, theirs in zip(found.columns, batch.columns, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_sensors_and_sources_need_not_be_flushed(place: Any) -> None:
    source = place.source()
    sensor = Sensor(name="new", unit="kW", event_resolution=QUARTER, generic_asset=place.asset)
    place.session.add(sensor)
    assert sensor in place.session.new
    assert save(place.session, sensor, some(source, [1])).stored == 1


def test_what_fails_later_leaves_nothing(database: Database, committed: Any) -> None:
    sensor, source = committed

    def store_and_fail() -> None:
        with database.transaction() as session:
            save(session, sensor, some(source, [1, 2]))
            save(session, sensor, some(source, [3, 4], -QUARTER))
            save(session, sensor, some(source, [9], -QUARTER))

    with pytest.raises(ReplacementNotAllowed):
        store_and_fail()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(beliefs)) == 0
    with database.transaction() as session:
        assert save(session, sensor, some(source, [1, 2])).stored == 2
        assert save(session, sensor, some(source, [1, 2], -QUARTER)).unchanged == 2
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(beliefs)) == 2
