"""The lines of a chart, and what it shows where nobody has chosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.beliefs.timing import knowledge_of
from fmhost.domain.arrays import moment64
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput
from fmhost.model import Annotation, Asset, Sensor, User
from fmhost.services import annotations, charted, plots, plotted, sources

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
AMSTERDAM = time_zone("Europe/Amsterdam")


@pytest.fixture
def store(installation: Any) -> Callable[..., None]:
    """``store(sensor, values, at, by, start, probability)``: as believed at a time."""

    def store_it(
        sensor: Any,
        values: list[float],
        *,
        at: datetime = START,
        by: str = "user",
        start: datetime = START,
        probability: float = 0.5,
    ) -> None:
        with installation.database.transaction() as session:
            own = session.get_one(Sensor, sensor.id)
            source = sources.create_source(session, name=f"some {by}", source_type=by)
            step = np.timedelta64(own.event_resolution or QUARTER)
            starts = moment64(start) + np.arange(len(values)) * step
            known = knowledge_of(own, starts)
            column = np.array(values, dtype=np.float64)
            horizons = known - moment64(at)
            save(session, own, Beliefs.of(starts, horizons, source.id, column, probability))

    return store_it


@pytest.fixture
def lines(installation: Any) -> Callable[..., list[plots.Line]]:
    """The lines of some sensors, from START on."""

    def read(*sensors: Any, hours: float = 24, **frame: Any) -> list[plots.Line]:
        window = plots.Frame(START, START + timedelta(hours=hours), **frame)
        with installation.database.reading() as session:
            loaded = [session.get_one(Sensor, sensor.id) for sensor in sensors]
            return plots.lines_of(session, loaded, {each.id: 1.0 for each in loaded}, window)

    return read


def test_each_source_has_a_line_of_its_kind(tenant: Any, store: Any, lines: Any) -> None:
    store(tenant.power, [1.0, 2.0])
    store(tenant.power, [3.0], by="scheduler")
    store(tenant.power, [4.0], by="forecaster")
    found = {line.kind: line.values.tolist() for line in lines(tenant.power)}
    assert found == {"recorded": [1.0, 2.0], "scheduled": [3.0], "forecast": [4.0]}


def test_what_was_known_then(tenant: Any, store: Any, lines: Any) -> None:
    store(tenant.power, [1.0], at=START - timedelta(hours=2))
    store(tenant.power, [2.0], at=START - timedelta(hours=1))
    (line,) = lines(tenant.power)
    assert line.values.tolist() == [2.0]
    assert line.horizons.tolist() == [timedelta(hours=1, minutes=15)]  # known when it has ended
    (line,) = lines(tenant.power, prior=START - timedelta(minutes=90))
    assert line.values.tolist() == [1.0]
    assert line.formed.tolist() == [(START - timedelta(hours=2)).replace(tzinfo=None)]
    assert lines(tenant.power, prior=START - timedelta(hours=3)) == []


def test_missing_events_are_gaps(tenant: Any, store: Any, lines: Any) -> None:
    store(tenant.power, [1.0, 2.0, float("nan"), 4.0])
    (line,) = lines(tenant.power)
    assert line.values.tolist() == [1.0, 2.0, 4.0]
    assert line.breaks.tolist() == [False, True, True]


def test_moments_are_joined_unless_a_source_says_that_there_is_no_value(
    tenant: Any, store: Any, lines: Any
) -> None:
    store(tenant.level, [1.0, 2.0, float("nan"), 4.0, 5.0])
    store(tenant.level, [6.0], start=START + timedelta(hours=9))
    (line,) = lines(tenant.level)
    assert line.values.tolist() == [1.0, 2.0, 4.0, 5.0, 6.0]
    assert line.breaks.tolist() == [False, True, False, False, True]


def test_a_long_line_keeps_extremes_and_gaps_in_few_points(
    tenant: Any, store: Any, lines: Any
) -> None:
    values = np.sin(np.arange(3000.0))
    values[1234] = 50.0
    values[2000:2100] = np.nan
    store(tenant.power, values.tolist())
    (line,) = lines(tenant.power, hours=750, pixels=100)
    assert line.events == 2900
    assert len(line.values) <= 400
    assert line.values.max() == 50.0
    assert line.values.min() == np.nanmin(values)
    assert np.flatnonzero(line.breaks[:-1]).size == 1
    gap = int(np.flatnonzero(line.breaks)[0])
    assert line.ends[gap] == moment64(START + 2000 * QUARTER)
    assert line.starts[gap + 1] == moment64(START + 2100 * QUARTER)


def test_quantiles_make_bands_around_the_median(tenant: Any, store: Any, lines: Any) -> None:
    for probability, value in ((0.1, 1.0), (0.5, 5.0), (0.9, 8.0)):
        store(tenant.power, [value], by="forecaster", probability=probability)
    (line,) = lines(tenant.power)
    assert line.values.tolist() == [5.0]
    (band,) = line.bands
    assert (band.low, band.high) == (0.1, 0.9)
    assert (band.lower.tolist(), band.upper.tolist()) == ([1.0], [8.0])


def test_without_pixels_there_is_a_limit(
    tenant: Any, store: Any, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tenant.power, [1.0, 2.0, 3.0])
    monkeypatch.setattr(plots, "MOST_WHOLE", 2)
    assert len(lines(tenant.power, pixels=2)) == 1
    with pytest.raises(InvalidInput, match="more than 2 values"):
        lines(tenant.power)


def test_when_something_was_recorded(installation: Any, tenant: Any, store: Any) -> None:
    for hours in (3, 2, 1):
        store(tenant.power, [float(hours)], at=START - timedelta(hours=hours))
    frame = plots.Frame(START, START + QUARTER)
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        every = plots.recorded_when(session, [sensor], frame, at_most=10)
        some = plots.recorded_when(session, [sensor], frame, at_most=2)
    assert every == [START - timedelta(hours=hours) for hours in (3, 2, 1)]
    assert some == [every[0], every[-1]]


def test_prices_powers_and_levels_are_shown_where_nobody_has_chosen(
    installation: Any, tenant: Any
) -> None:
    with installation.database.transaction() as session:
        battery = session.get_one(Asset, tenant.battery.id)
        battery.flex_context = {"consumption-price": {"sensor": tenant.prices.id}}
        battery.flex_model = {"soc-min": "1 kWh", "soc-max": 9000, "soc-unit": "Wh"}
        user = session.get_one(User, tenant.member.id)
        shown = plotted.plotted_of_asset(session, user, battery)
        rows = [list(row.sensors) for row in shown.rows]
        assert rows == [[tenant.prices.id], [tenant.power.id], [tenant.level.id]]
        limits = [(each.label, each.value, each.unit) for each in shown.rows[2].fixed]
        assert limits == [("soc-min", 1.0, "kWh"), ("soc-max", 9.0, "kWh")]
        assert shown.rows[1].fixed == ()


def test_the_usual_window_is_yesterday_to_tomorrow_or_what_is_known_last(
    installation: Any, tenant: Any, store: Any
) -> None:
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        first = plotted.usual_window(session, [sensor], START, AMSTERDAM)
    assert [each.isoformat() for each in first] == [
        "2026-03-01T00:00:00+01:00",
        "2026-03-04T00:00:00+01:00",
    ]
    store(tenant.power, [1.0], start=START - timedelta(days=30))
    with installation.database.reading() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        last = plotted.usual_window(session, [sensor], START, AMSTERDAM)
    assert last[1] - last[0] == plotted.LAST_KNOWN
    assert last[1] == datetime.fromisoformat("2026-02-01T00:00:00+01:00")


def test_remarks_are_those_that_the_user_may_read(installation: Any, tenant: Any) -> None:
    remark = annotations.Remark("a secret", START, START + QUARTER)
    window = charted.ChartWindow(START, START + QUARTER)

    def read(session: Any, person: Any) -> list[str]:
        user = session.get_one(User, person.id)
        found = plotted.remarks_on(session, user, session.get_one(Sensor, sensor_id), window)
        return [each.content for each in found]

    sensor_id = tenant.power.id
    with installation.database.transaction() as session:
        source = sources.create_source(session, name="x", source_type="user")
        account = session.get_one(Asset, tenant.battery.id).account
        annotations.annotate(session, account, remark, source)
        session.flush()
        assert read(session, tenant.member) == ["a secret"]
        assert read(session, tenant.other_member) == []
        assert session.query(Annotation).count() == 1


def test_the_sensors_to_choose_from_are_those_of_the_family_and_public_ones(
    installation: Any, tenant: Any
) -> None:
    with installation.database.reading() as session:
        inverter = session.get_one(Asset, tenant.inverter.id)

        def choices(person: Any) -> list[int]:
            user = session.get_one(User, person.id)
            return [each.id for each in plotted.choices_of(session, user, inverter)]

        of_family = [tenant.status.id, tenant.power.id, tenant.level.id]
        assert choices(tenant.member) == [*of_family, tenant.prices.id]
        assert choices(tenant.other_member) == [tenant.prices.id]
