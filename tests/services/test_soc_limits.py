"""Limits of the state of charge as charts show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from fmhost.domain.arrays import to_datetime
from fmhost.model import Asset, Job, Sensor, User
from fmhost.model.job import request_job
from fmhost.services import plots, recording, shown, soc_limits, sources
from fmhost.services.schedule_requests import Request

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: Who holds when, in hours after START, and how much.
Parts = Sequence[tuple[float, float, float]]


@pytest.fixture
def database_kind() -> str:
    """What is read here is read by services that are tested on either database."""
    return "sqlite"


@pytest.fixture
def store_flex_model(installation: Any, tenant: Any) -> Callable[..., None]:
    """Give the battery a flex-model."""

    def store(flex_model: dict[str, Any]) -> None:
        with installation.database.transaction() as session:
            session.get_one(Asset, tenant.battery.id).flex_model = flex_model

    return store


@pytest.fixture
def ask_for_schedule(installation: Any, tenant: Any) -> Callable[..., None]:
    """``ask_for_schedule(flex_model, at=START)``: one that finished, of a day from START on."""

    def ask(flex_model: Any, at: datetime = START, *, about: str = "sensor") -> None:
        request = Request(
            START, START + 24 * HOUR, HOUR, None, flex_model=flex_model, flex_context=None
        )
        with installation.database.transaction() as session:
            job = request_job(
                session,
                kind="schedule",
                queue="scheduling",
                arguments=request.as_arguments(),
                sensor_id=tenant.power.id if about == "sensor" else None,
                asset_id=tenant.battery.id,
                now=at,
            )
            session.get_one(Job, job.id).state = "finished"

    return ask


@pytest.fixture
def limits(installation: Any, tenant: Any) -> Callable[..., dict[str, Parts]]:
    """The limits in time around the level of the battery, by their fields."""

    def read(person: Any = None, **frame: Any) -> dict[str, Parts]:
        window = plots.Frame(START, START + 24 * HOUR, **frame)
        with installation.database.reading() as session:
            user = session.get_one(User, (person or tenant.member).id)
            drawn = shown.shown_of(session.get_one(Sensor, tenant.level.id))
            found = soc_limits.limits_over_time(session, user, drawn, window, START + 9 * HOUR)
            assert {each.unit for each in found} <= {"kWh"}
            return {each.label: _parts(each) for each in found}

    return read


def _parts(line: soc_limits.LimitLine) -> Parts:
    hours = [
        [(to_datetime(each) - START) / HOUR for each in column]
        for column in (line.starts, line.ends)
    ]
    return list(zip(*hours, line.values.tolist(), strict=True))


def test_a_sensor_limits_what_is_stored_as_it_was_known_then(
    installation: Any, tenant: Any, store_flex_model: Any, limits: Any
) -> None:
    store_flex_model({"soc-minima": {"sensor": tenant.status.id}, "soc-max": "10 kWh"})
    with installation.database.transaction() as session:
        own = session.get_one(Sensor, tenant.status.id)
        own.unit, own.event_resolution = "MWh", HOUR
        recording.record(
            installation,
            session,
            own,
            sources.create_source(session, name="somebody", source_type="user"),
            start=START - HOUR,
            values=[0.001, 0.001, 0.001, 0.002],
            belief_time=START,
        )
    assert limits() == {"soc-minima": [(0, 2, 1.0), (2, 3, 2.0)]}
    assert limits(prior=START - HOUR) == {}
    assert limits(tenant.other_member) == {}


def test_the_newest_schedule_was_asked_to_keep_to_limits(
    store_flex_model: Any, ask_for_schedule: Any, limits: Any
) -> None:
    store_flex_model({"soc-unit": "kWh", "soc-min": 1, "soc-max": 10})
    late = (START + 5 * HOUR).isoformat()
    ask_for_schedule({"soc-targets": [{"value": 3, "datetime": late}]})
    ask_for_schedule(
        {
            "soc_targets": [{"value": "90%", "datetime": late}],
            "soc-maxima": [{"value": "8 kWh", "start": late, "duration": "P2D"}],
            "soc-min": "2 kWh",
            "soc-max": "0.01 MWh",
        },
        START + HOUR,
    )
    assert limits() == {
        "soc-targets": [(5, 5, 9.0)],
        "soc-maxima": [(5, 24, 8.0)],
        "soc-min": [(0, 24, 2.0)],
    }
    assert limits(prior=START) == {"soc-targets": [(5, 5, 3.0)]}


def test_a_schedule_of_several_devices_speaks_of_each(
    tenant: Any, ask_for_schedule: Any, limits: Any
) -> None:
    def entry(sensor: Any, value: int, **more: Any) -> dict[str, Any]:
        target = {"value": f"{value} kWh", "datetime": START.isoformat()}
        return {"sensor": sensor.id, "soc-targets": [target], **more}

    ask_for_schedule([entry(tenant.other_power, 7), entry(tenant.power, 4)], about="asset")
    assert limits() == {"soc-targets": [(0, 0, 4.0)]}
    level = {"sensor": tenant.status.id}
    ask_for_schedule(
        [entry(tenant.power, 5, **{"state-of-charge": level})], START + HOUR, about="asset"
    )
    assert limits() == {"soc-targets": [(0, 0, 4.0)]}


def test_many_values_are_drawn_in_few_parts(
    installation: Any, tenant: Any, store_flex_model: Any, limits: Any
) -> None:
    store_flex_model({"soc-maxima": {"sensor": tenant.status.id}})
    with installation.database.transaction() as session:
        own = session.get_one(Sensor, tenant.status.id)
        own.unit, own.event_resolution = "kWh", HOUR / 60
        recording.record(
            installation,
            session,
            own,
            sources.create_source(session, name="somebody", source_type="user"),
            start=START,
            values=[float(each % 7) for each in range(24 * 60)],
            belief_time=START,
        )
    parts = limits(pixels=50)["soc-maxima"]
    assert len(parts) <= 200
    assert (min(value for *_, value in parts), max(value for *_, value in parts)) == (0, 6)
    assert all(end == start for (_, end, _), (start, _, _) in pairwise(parts))


def test_shares_are_of_what_is_full(installation: Any, tenant: Any, store_flex_model: Any) -> None:
    store_flex_model({"soc-min": "20%", "soc-max": "10 kWh"})
    with installation.database.transaction() as session:
        level = session.get_one(Sensor, tenant.level.id)
        (row,) = soc_limits.with_fixed_limits(shown.shown_of(level)).rows
        assert [(each.label, each.value) for each in row.fixed] == [
            ("soc-min", 2.0),
            ("soc-max", 10.0),
        ]
        level.unit, level.generic_asset.flex_model = (
            "%",
            {**level.generic_asset.flex_model, "state-of-charge": {"sensor": level.id}},
        )
        (row,) = soc_limits.with_fixed_limits(shown.shown_of(level)).rows
        assert [each.value for each in row.fixed] == [20.0, 100.0]
