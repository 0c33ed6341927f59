"""The store compared with a slow model that is obviously right, on random writes and queries."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, Saved, read, save
from fmhost.domain.arrays import duration64, moment64, to_datetime, to_timedelta
from fmhost.errors import InvalidInput, ReplacementNotAllowed
from fmhost.model import Asset, AssetType, Sensor, Source
from fmhost.model.database import Database

#: Random writes and queries of the walks on each engine.
STEPS = int(os.environ.get("FMHOST_TEST_EXAMPLES", "10000"))
STEPS_OF_A_WALK = 25
#: Examples of the test that draws each value, so that a failure shrinks to little.
EXAMPLES = 60
QUARTER = timedelta(minutes=15)
MIDNIGHT = datetime(2026, 3, 29, tzinfo=UTC)
STARTS = [MIDNIGHT + hours * timedelta(hours=1) for hours in (-2, -1, 0, 1, 22, 23)]
HORIZONS = [timedelta(minutes=m) for m in (-45, -30, -15, 0, 15, 60, 2880)]
PRICES = ("x_days_ago_at_y_oclock", {"x": 1, "y": 12, "z": "Europe/Amsterdam"})
KNOWLEDGE: list[tuple[str, dict[str, Any]]] = [
    ("ex_post", {"ex_post_horizon": 0}),
    ("ex_ante", {"ex_ante_horizon": "PT1H"}),
    PRICES,
]


@dataclass(frozen=True, order=True)
class Row:
    """A belief, or one quantile of it."""

    start: datetime
    source: int
    horizon: timedelta
    probability: float
    value: float = field(compare=False)

    @property
    def belief(self) -> tuple[datetime, int, timedelta]:
        return self.start, self.source, self.horizon


def same(ours: float, theirs: float) -> bool:
    return ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def says(rows: Iterable[Row]) -> list[tuple[float, str]]:
    """What a distribution says, comparable although NaN differs from itself."""
    return [(row.probability, repr(row.value)) for row in sorted(rows)]


@dataclass
class Reference:
    """Beliefs in a list, written and read row by row."""

    sensor: Sensor
    sources: dict[int, Source]
    rows: list[Row] = field(default_factory=list)

    def at(self, row: Row) -> Row | None:
        return next((r for r in self.rows if r == row), None)

    def save(self, batch: list[Row], overwrite: bool) -> Saved:
        distinct: list[Row] = []
        for row in batch:
            twin = next((r for r in distinct if r == row), None)
            if twin is None:
                distinct.append(row)
            elif not same(twin.value, row.value):
                raise InvalidInput("two values")
        contradicted = [r for r in distinct if (old := self.at(r)) and not same(old.value, r.value)]
        if contradicted and not overwrite:
            raise ReplacementNotAllowed("another value")
        for row in contradicted:
            self.rows.remove(row)
            self.rows.append(row)
        stored = 0
        # Beliefs are formed one after the other: the longest horizon comes first.
        ordered = sorted(distinct, key=lambda row: (row.start, row.source, -row.horizon))
        for _, group in groupby(ordered, key=lambda row: row.belief):
            rows = list(group)
            if says(rows) != says(self.previous(rows[0])):
                news = [row for row in rows if self.at(row) is None]
                self.rows += news
                stored += len(news)
        return Saved(stored, len(batch) - stored - len(contradicted), len(contradicted))

    def previous(self, row: Row) -> list[Row]:
        """The most recent earlier belief of the same event, source and class."""
        earlier = [
            r
            for r in self.rows
            if (r.start, r.source) == (row.start, row.source)
            and r.horizon > row.horizon
            and (r.horizon > timedelta(0)) == (row.horizon > timedelta(0))
        ]
        nearest = min((r.horizon for r in earlier), default=None)
        return [r for r in earlier if r.horizon == nearest]

    def known(self, start: datetime) -> datetime:
        name, parameters = self.sensor.knowledge_horizon_fnc, self.sensor.knowledge_horizon_par
        if name == "ex_post":
            return start + self.sensor.event_resolution
        if name == "ex_ante":
            return start - timedelta(hours=1)
        from zoneinfo import ZoneInfo

        local = start.astimezone(ZoneInfo(parameters["z"]))
        noon = local.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
        known = (noon - timedelta(days=1)).replace(tzinfo=ZoneInfo(parameters["z"]))
        return known.astimezone(UTC)  # subtracting within a zone would follow its clock

    def read(self, query: Query) -> list[Row]:
        found = [row for row in self.rows if self.wanted(row, query)]
        if query.latest_versions:
            found = [row for row in found if not any(self.outdates(o, row) for o in found)]
        if query.most_recent:
            found = [r for r in found if not any(self.follows(o, r) for o in found)]
        if query.most_recent and query.one_source:
            found = [r for r in found if not any(self.beats(o, r) for o in found)]
        return sorted(found)

    def wanted(self, row: Row, query: Query) -> bool:
        source = self.sources[row.source]
        end = row.start + self.sensor.event_resolution
        formed = self.known(row.start) - row.horizon
        after_start = query.start is None or end > query.start
        if self.sensor.event_resolution == timedelta(0) and query.start is not None:
            after_start = row.start >= query.start
        return (
            after_start
            and (query.end is None or row.start < query.end)
            and (query.prior is None or formed <= query.prior)
            and (query.since is None or formed >= query.since)
            and (query.horizon is None or row.horizon >= query.horizon)
            and (query.horizon_at_most is None or row.horizon <= query.horizon_at_most)
            and (query.source_ids is None or row.source in query.source_ids)
            and (query.source_types is None or source.kind in query.source_types)
            and (
                query.exclude_source_types is None or source.kind not in query.exclude_source_types
            )
        )

    def outdates(self, other: Row, row: Row) -> bool:
        ours, theirs = self.sources[row.source], self.sources[other.source]
        family = (ours.name, ours.kind, ours.model) == (theirs.name, theirs.kind, theirs.model)
        newer = (theirs.version or "") > (ours.version or "")
        return other.start == row.start and family and newer

    def follows(self, other: Row, row: Row) -> bool:
        return (other.start, other.source) == (
            row.start,
            row.source,
        ) and other.horizon < row.horizon

    def beats(self, other: Row, row: Row) -> bool:
        ours, theirs = (row.horizon, -row.source), (other.horizon, -other.source)
        return other.start == row.start and theirs < ours


def columns(rows: list[Row]) -> Beliefs:
    return Beliefs(
        np.array([moment64(row.start) for row in rows], dtype="datetime64[us]"),
        np.array([duration64(row.horizon) for row in rows], dtype="timedelta64[us]"),
        np.array([row.source for row in rows], dtype=np.int64),
        np.array([row.probability for row in rows]),
        np.array([row.value for row in rows]),
    )


def rows_of(beliefs: Beliefs) -> list[tuple[Row, str]]:
    found = [
        Row(to_datetime(start), int(source), to_timedelta(horizon), float(p), float(value))
        for start, horizon, source, p, value in zip(*beliefs.columns, strict=True)
    ]
    return [(row, repr(row.value)) for row in found]


# Few different values and events, so that beliefs repeat and follow each other often.
values = st.sampled_from([0.0, 0.0, 1.0, float("nan")])


@st.composite
def batches(
    draw: st.DrawFn, starts: list[datetime]
) -> list[tuple[datetime, int, timedelta, float, float]]:
    """Beliefs by the number of their source: 0 and 1 deterministic, 2 and 3 not always."""
    rows = []
    stories = st.tuples(
        st.sampled_from(starts), st.integers(0, 3), st.sets(st.sampled_from(HORIZONS), max_size=4)
    )
    for start, source, horizons in draw(st.lists(stories, max_size=3)):
        for horizon in sorted(horizons):
            probabilistic = source >= 2 and (source == 2 or horizon > timedelta(minutes=15))
            probabilities = (0.1, 0.5, 1.0) if probabilistic else (0.5,)
            rows += [(start, source, horizon, p, draw(values)) for p in probabilities]
    return rows


times = st.sampled_from([MIDNIGHT + timedelta(minutes=m) for m in range(-2880, 1500, 15)])
queries = st.fixed_dictionaries(
    {},
    optional={
        "start": times,
        "end": times,
        "prior": times,
        "since": times,
        "horizon": st.sampled_from(HORIZONS),
        "horizon_at_most": st.sampled_from(HORIZONS),
        "source_numbers": st.lists(st.integers(0, 3)),
        "source_types": st.lists(st.sampled_from(["user", "forecaster", "nobody"])),
        "exclude_source_types": st.lists(st.sampled_from(["user", "forecaster", "nobody"])),
        "most_recent": st.booleans(),
        "one_source": st.booleans(),
        "latest_versions": st.booleans(),
    },
)


def four_sources() -> list[Source]:
    return [
        Source(name="meter", type="user"),
        Source(name="acme", type="forecaster", model="naive", version="1"),
        Source(name="acme", type="forecasting script", model="naive", version="2"),
        Source(name="acme", type="forecaster", model="clever", version="1"),
    ]


def check(session: Session, asset: Asset, data: st.DataObject) -> None:
    name, parameters = data.draw(st.sampled_from(KNOWLEDGE))
    sensor = Sensor(
        name="sensor",
        unit="kW",
        event_resolution=data.draw(st.sampled_from([QUARTER, timedelta(hours=1), timedelta(0)])),
        knowledge_horizon_fnc=name,
        knowledge_horizon_par=parameters,
        generic_asset=asset,
    )
    sources = four_sources()
    session.add_all([sensor, *sources])
    session.flush()
    starts = data.draw(st.lists(st.sampled_from(STARTS), min_size=1, max_size=3, unique=True))
    reference = Reference(sensor, {source.id: source for source in sources})
    for numbered in data.draw(st.lists(batches(starts), min_size=1, max_size=6)):
        batch = [Row(start, sources[n].id, h, p, value) for start, n, h, p, value in numbered]
        overwrite = data.draw(st.booleans())
        try:
            expected = reference.save(batch, overwrite)
        except (InvalidInput, ReplacementNotAllowed) as refusal:
            with pytest.raises(type(refusal)):
                save(session, sensor, columns(batch), overwrite=overwrite)
        else:
            assert save(session, sensor, columns(batch), overwrite=overwrite) == expected
    for options in [{"most_recent": False}, *data.draw(st.lists(queries, max_size=4))]:
        numbers = options.pop("source_numbers", None)
        ids = None if numbers is None else [sources[number].id for number in numbers]
        query = Query(sensor=sensor, source_ids=ids, **options)
        expected_rows = [(row, repr(row.value)) for row in reference.read(query)]
        assert rows_of(read(session, query)) == expected_rows


@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_store_does_what_the_reference_does(database: Database, data: st.DataObject) -> None:
    with database.engine.connect() as connection, Session(connection) as session:
        asset = Asset(name="battery", generic_asset_type=AssetType(name="battery"))
        session.add(asset)
        check(session, asset, data)
        session.rollback()


def random_rows(random: Random, starts: list[datetime], sources: list[Source]) -> list[Row]:
    rows = []
    for _ in range(random.randint(0, 3)):
        start, number = random.choice(starts), random.randint(0, 3)
        for horizon in random.sample(HORIZONS, random.randint(0, 3)):
            probabilistic = number >= 2 and (number == 2 or horizon > timedelta(minutes=15))
            for p in (0.1, 0.5, 1.0) if probabilistic else (0.5,):
                value = random.choice([0.0, 0.0, 1.0, math.nan])
                rows.append(Row(start, sources[number].id, horizon, p, value))
    return rows


def random_query(random: Random, sensor: Sensor, sources: list[Source]) -> Query:
    types = ["user", "forecaster", "nobody"]

    def moment() -> datetime:
        return MIDNIGHT + 15 * random.randint(-192, 100) * timedelta(minutes=1)

    makers: dict[str, Any] = {
        **dict.fromkeys(("start", "end", "prior", "since"), moment),
        **dict.fromkeys(("horizon", "horizon_at_most"), lambda: random.choice(HORIZONS)),
        "source_ids": lambda: [source.id for source in random.sample(sources, 2)],
        "source_types": lambda: random.sample(types, 2),
        "exclude_source_types": lambda: random.sample(types, 1),
        **dict.fromkeys(
            ("most_recent", "one_source", "latest_versions"), lambda: random.random() < 0.5
        ),
    }
    chosen = random.sample(sorted(makers), random.randint(0, 5))
    return Query(sensor=sensor, **{name: makers[name]() for name in chosen})


def walk(session: Session, asset: Asset, random: Random, steps: int) -> None:
    name, parameters = random.choice(KNOWLEDGE)
    sensor = Sensor(
        name="sensor",
        event_resolution=random.choice([QUARTER, timedelta(hours=1), timedelta(0)]),
        knowledge_horizon_fnc=name,
        knowledge_horizon_par=parameters,
        generic_asset=asset,
    )
    sources = four_sources()
    session.add_all([sensor, *sources])
    session.flush()
    starts = random.sample(STARTS, random.randint(1, 4))
    reference = Reference(sensor, {source.id: source for source in sources})
    for _ in range(steps):
        if random.random() < 0.5:
            query = random_query(random, sensor, sources)
            expected = [(row, repr(row.value)) for row in reference.read(query)]
            assert rows_of(read(session, query)) == expected
            continue
        batch, overwrite = random_rows(random, starts, sources), random.random() < 0.3
        try:
            saved = reference.save(batch, overwrite)
        except (InvalidInput, ReplacementNotAllowed) as refusal:
            with pytest.raises(type(refusal)):
                save(session, sensor, columns(batch), overwrite=overwrite)
        else:
            assert save(session, sensor, columns(batch), overwrite=overwrite) == saved


@given(seed=st.integers(0, 2**32), steps=st.just(STEPS_OF_A_WALK))
@settings(
    max_examples=max(STEPS // STEPS_OF_A_WALK, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(3600)
def test_long_walks_of_writes_and_queries(database: Database, seed: int, steps: int) -> None:
    with database.engine.connect() as connection, Session(connection) as session:
        asset = Asset(name="battery", generic_asset_type=AssetType(name="battery"))
        session.add(asset)
        walk(session, asset, Random(seed), steps)
        session.rollback()
