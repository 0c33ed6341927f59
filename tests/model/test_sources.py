"""Rules of data sources and annotations."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from fmhost.errors import InvalidInput
from fmhost.model import Annotation, Source, User
from fmhost.model.annotations import get_or_create_annotation
from fmhost.model.database import Database
from fmhost.model.sources import (
    attributes_hash,
    get_or_create_source,
    latest_versions,
    version_key,
)

if TYPE_CHECKING:
    from tests.model.conftest import World


@pytest.mark.parametrize(
    ("values", "description"),
    [
        ({"name": "Acme", "type": "forecaster"}, "Acme"),
        ({"name": "Acme", "type": "forecaster", "version": "1"}, "Acme"),
        ({"name": "Acme", "type": "forecaster", "model": "naive"}, "Acme's naive forecaster"),
        (
            {"name": "Acme", "type": "forecaster", "model": "naive", "version": "1.2"},
            "Acme's naive forecaster v1.2",
        ),
        (
            {"name": "Acme", "type": "scheduler", "model": "StorageScheduler", "version": "2"},
            "Acme's StorageScheduler model v2",
        ),
    ],
)
def test_descriptions(values: dict[str, str], description: str) -> None:
    assert Source(**values).description == description


@pytest.mark.parametrize(
    ("source_type", "label", "chart_type"),
    [
        ("user", "data entered by user Acme", "other"),
        ("forecaster", "forecast by Acme", "forecaster"),
        ("forecasting script", "forecast by Acme", "forecaster"),
        ("scheduler", "schedule by Acme", "scheduler"),
        ("scheduling script", "schedule by Acme", "scheduler"),
        ("reporter", "report by Acme", "other"),
        ("crawling script", "data retrieved from Acme", "other"),
        ("demo script", "demo data entered by Acme", "other"),
        ("CLI script", "demo data entered by Acme", "other"),
        ("gateway", "data from Acme", "other"),
    ],
)
def test_labels(source_type: str, label: str, chart_type: str) -> None:
    source = Source(name="Acme", type=source_type)
    assert (source.label, source.chart_type) == (label, chart_type)


def test_versions_in_order() -> None:
    ordered = [
        *(None, "abc", "xyz", "0.9", "1.0.dev3", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1"),
        *("1.0.1", "v1.9", "1.10", "2"),
    ]
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=version_key) == ordered
    assert version_key("") == version_key(None)
    assert version_key("v1.0") == version_key("1")


@given(st.none() | st.text(max_size=17), st.none() | st.text(max_size=17))
def test_any_two_texts_can_be_ordered_as_versions(one: str | None, other: str | None) -> None:
    key, other_key = version_key(one), version_key(other)
    assert [key < other_key, key == other_key, key > other_key].count(True) == 1


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4)))
def test_versions_of_numbers_are_ordered_as_numbers(versions: list[list[int]]) -> None:
    texts = [".".join(map(str, version)) for version in versions]
    found = [[int(part) for part in text.split(".")] for text in sorted(texts, key=version_key)]
    without_zeros = [_strip(version) for version in found]
    assert without_zeros == sorted(without_zeros)


def _strip(version: list[int]) -> list[int]:
    while version and version[-1] == 0:
        version = version[:-1]
    return version


def test_only_the_latest_version_counts() -> None:
    same = {"name": "Acme", "type": "scheduler", "model": "S"}
    sources = [
        Source(id=1, **same, version="1.10"),
        Source(id=2, **same, version="1.9"),
        Source(id=3, **same, version="1.9", account_id=5),
        Source(id=4, **{**same, "model": "T"}, version="0.1"),
        Source(id=5, **{**same, "type": "scheduling script"}, version="1.2"),
        Source(id=6, **{**same, "name": "Beta"}),
    ]
    assert [source.id for source in latest_versions(sources)] == [1, 3, 4, 6]


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.booleans())))
def test_the_hash_does_not_depend_on_the_order_of_attributes(attributes: dict[str, Any]) -> None:
    reverse = dict(reversed(attributes.items()))
    assert attributes_hash(attributes) == attributes_hash(reverse)
    assert (attributes_hash(attributes) is None) == (not attributes)
    assert Source(attributes=attributes).attributes_hash == attributes_hash(attributes)


def test_a_source_is_created_once(database: Database) -> None:
    wanted: dict[str, Any] = {"source_type": "forecaster", "model": "naive", "version": "1"}
    with database.transaction() as session:
        first = get_or_create_source(session, "Acme", **wanted)
        assert get_or_create_source(session, "Acme", **wanted) is first
        others = [
            get_or_create_source(session, "Acme", **{**wanted, "version": "2"}),
            get_or_create_source(session, "Acme", **{**wanted, "model": None}),
            get_or_create_source(session, "Acme", **wanted, attributes={"a": 1}),
            get_or_create_source(session, "Acme", **wanted, account_id=1),
            get_or_create_source(session, "Beta", **wanted),
        ]
        assert len({first.id, *(other.id for other in others)}) == 6


def test_a_name_needs_a_type(database: Database) -> None:
    with database.transaction() as session, pytest.raises(InvalidInput, match="needs a type"):
        get_or_create_source(session, "Acme")


def test_the_source_of_a_user_follows_the_user(database: Database, world: World) -> None:
    with database.transaction() as session:
        user = session.get_one(User, world.user)
        source = get_or_create_source(session, user)
        assert (source.name, source.type, source.user_id) == ("ann", "user", user.id)
        assert source.account_id == user.account_id
        user.username = "anna"
        assert get_or_create_source(session, user) is source
        assert get_or_create_source(session, user, model="sheet") is not source
        session.flush()
        session.refresh(source)
        assert source.user is user
        assert source.account is user.account


def test_threads_that_create_the_same_source_share_it(database: Database) -> None:
    together = threading.Barrier(4)
    found: list[int | BaseException] = []

    def create() -> None:
        together.wait(timeout=30)
        try:
            with database.transaction() as session:
                found.append(get_or_create_source(session, "Acme", source_type="market").id)
        except BaseException as error:
            found.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [found[0]] * 4
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Source)) == 1


def test_an_annotation_is_created_once(database: Database, world: World) -> None:
    hour = timedelta(hours=1)
    with database.transaction() as session:
        source = session.get_one(Source, world.source)
        wanted: dict[str, Any] = {
            "content": "holiday",
            "start": world.now,
            "end": world.now + hour,
            "type": "holiday",
        }
        first = get_or_create_annotation(session, source, **wanted)
        assert get_or_create_annotation(session, source, **wanted) is first
        later_end = get_or_create_annotation(
            session, source, **{**wanted, "end": world.now + 2 * hour}
        )
        assert later_end is first
        assert first.end == world.now + hour
        dated = get_or_create_annotation(session, source, **wanted, belief_time=world.now)
        assert dated is not first
        assert get_or_create_annotation(session, source, **wanted, belief_time=world.now) is dated


def test_an_impossible_annotation_is_an_error(database: Database, world: World) -> None:
    with database.transaction() as session:
        source = session.get_one(Source, world.source)
        with pytest.raises(IntegrityError):
            get_or_create_annotation(
                session, source, content="x", start=world.now, end=world.now - timedelta(1)
            )
        session.rollback()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Annotation)) == 1
