"""Reading a value from the text that was written of it gives the value again."""

from __future__ import annotations

import string
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fmhost.settings import DECLARATIONS, Setting
from fmhost.settings.container_types import (
    BoundingBox,
    Dictionary,
    ListOf,
    NameForRoles,
    NamesForRoles,
    Pair,
    copied,
)
from fmhost.settings.network_types import Network
from fmhost.settings.time_types import Duration, TimeZoneName
from fmhost.settings.value_types import (
    Boolean,
    ImportPath,
    Integer,
    LogLevel,
    Number,
    OneOf,
    OrNone,
    Text,
    ValueType,
)

finite = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
names = st.text(min_size=1)
entries = names | st.tuples(names, st.lists(st.text()))
corners = st.tuples(st.floats(-90, 90), st.floats(-180, 180))

CANONICAL: list[tuple[ValueType, st.SearchStrategy[Any]]] = [
    (Text(), st.text()),
    (Text("inline", "rq"), st.sampled_from(["inline", "rq"])),
    (Boolean(), st.booleans()),
    (Integer(), st.integers(-(10**18), 10**18)),
    (Integer(1), st.integers(1, 10**9)),
    (Number(), finite),
    (Duration(), st.timedeltas()),
    (LogLevel(), st.integers(0, 100)),
    (TimeZoneName(), st.sampled_from(["UTC", "Europe/Amsterdam", "America/Argentina/Ushuaia"])),
    (ImportPath(), st.just("package.module:Class")),
    (OrNone(Text()), st.none() | st.text().filter(lambda t: t.strip() not in ("", "None"))),
    (OrNone(Boolean()), st.none() | st.booleans()),
    (OneOf(Integer(1), Duration()), st.integers(1, 10**9) | st.timedeltas()),
    (ListOf(), st.lists(st.text())),
    (Network(), st.ip_addresses().map(lambda address: f"{address}/{address.max_prefixlen}")),
    (ListOf(Text("a", "b")), st.lists(st.sampled_from(["a", "b"]))),
    (Pair("a", "b", example="a,b"), st.tuples(st.text(), st.text())),
    (Dictionary(), st.dictionaries(st.text(), json_values)),
    (Dictionary(Integer()), st.dictionaries(st.text(), st.integers(-1000, 1000))),
    (Dictionary(Text()), st.dictionaries(st.text(), st.text())),
    (NamesForRoles(), st.lists(entries)),
    (NameForRoles(), st.text().filter(lambda t: not t.strip().startswith("[")) | st.lists(entries)),
    (BoundingBox(), st.tuples(corners, corners)),
]


@pytest.mark.parametrize(("value_type", "values"), CANONICAL, ids=lambda each: str(type(each)))
@given(source=st.data())
def test_reading_what_was_written_gives_the_value_again(
    value_type: ValueType, values: st.SearchStrategy[Any], source: st.DataObject
) -> None:
    value = source.draw(values)
    read = value_type.parse(value_type.format(value))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(("value_type", "values"), CANONICAL, ids=lambda each: str(type(each)))
@given(source=st.data())
def test_a_canonical_value_stays_as_it_is(
    value_type: ValueType, values: st.SearchStrategy[Any], source: st.DataObject
) -> None:
    value = source.draw(values)
    assert value_type.convert(value) == value


@given(text=st.text())
@example(text=",")
def test_any_text_is_read_or_refused_with_a_value_error(text: str) -> None:
    for setting in DECLARATIONS.values():
        try:
            value = setting.type.convert(text)
        except ValueError:
            continue
        assert setting.type.convert(setting.type.format(value)) == value


@given(seconds=finite.filter(lambda number: abs(number) < 1e12))
def test_a_number_is_a_duration_in_seconds(seconds: float) -> None:
    assert Duration().parse(repr(seconds)) == timedelta(seconds=seconds)
    assert Duration().check(seconds) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P1D", timedelta(days=1)),
        ("P2W", timedelta(weeks=2)),
        ("PT90M", timedelta(minutes=90)),
        ("P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("-P7D", timedelta(days=-7)),
        ("+PT0,25S", timedelta(milliseconds=250)),
        ("3600", timedelta(hours=1)),
        (" PT1H ", timedelta(hours=1)),
    ],
)
def test_durations_follow_iso_8601(text: str, length: timedelta) -> None:
    assert Duration().parse(text) == length


@pytest.mark.parametrize("word", ["True", "true", "1", "yes", "on", "YES", " On "])
def test_words_for_true(word: str) -> None:
    assert Boolean().parse(word) is True


@pytest.mark.parametrize("word", ["False", "false", "0", "no", "off", "NO"])
def test_words_for_false(word: str) -> None:
    assert Boolean().parse(word) is False


@pytest.mark.parametrize(
    ("value_type", "value"),
    [
        (Text(), 5),
        (Text("inline", "rq"), "celery"),
        (Boolean(), "maybe"),
        (Boolean(), 2),
        (Boolean(), None),
        (Integer(), "1.5"),
        (Integer(), 1.5),
        (Integer(), True),
        (Integer(1), 0),
        (Integer(), float("nan")),
        (Integer(), float("inf")),
        (Number(), "nan"),
        (Number(0), -0.1),
        (Number(), False),
        (Duration(), "P1Y"),
        (Duration(), "P1M"),
        (Duration(), "P"),
        (Duration(), "PT"),
        (Duration(), "tomorrow"),
        (Duration(), "inf"),
        (Duration(), "P9999999999D"),
        (Duration(), True),
        (LogLevel(), "LOUD"),
        (LogLevel(), -1),
        (TimeZoneName(), "Mars/Olympus"),
        (TimeZoneName(), "../../etc/passwd"),
        (TimeZoneName(), "Europe"),
        (TimeZoneName(), "leapseconds"),
        (ImportPath(), "os.system"),
        (ImportPath(), "/tmp/file.py:Class"),
        (ListOf(), 5),
        (ListOf(), {"a": 1}),
        (ListOf(), '["a", 1]'),
        (ListOf(), "[a"),
        (Pair("a", "b", example="a,b"), "one"),
        (Pair("a", "b", example="a,b"), ("one", 2)),
        (Dictionary(), "[]"),
        (Dictionary(), "{"),
        (Dictionary(Integer()), {"key": "x"}),
        (Dictionary(), {(1, 2): "x"}),
        (NamesForRoles(), [5]),
        (NamesForRoles(), [("name", [5])]),
        (NameForRoles(), 5),
        (BoundingBox(), ((54, 2),)),
        (BoundingBox(), ((54, 2), (50, "east"))),
        (BoundingBox(), ((91, 2), (50, 7))),
        (BoundingBox(), "[[54, 2], 50]"),
    ],
)
def test_values_of_another_type_are_refused(value_type: ValueType, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the evaluation words the message
        value_type.convert(value)


def test_names_for_roles_accept_the_forms_that_hosts_write() -> None:
    check = NamesForRoles().convert
    assert check((["MyMDCApp"], ["MDC"])) == [("MyMDCApp", ["MDC"])]
    assert check(((["MyMDCApp"], ["MDC"]), ["MyApp"])) == [("MyMDCApp", ["MDC"]), "MyApp"]
    assert check([("metering", ["MDC", "Prosumer"]), "default"]) == [
        ("metering", ["MDC", "Prosumer"]),
        "default",
    ]
    assert check("dashboard, assets") == ["dashboard", "assets"]


def test_dictionary_keys_are_text() -> None:
    assert Dictionary(Text()).convert({1: "old", "2": "new"}) == {"1": "old", "2": "new"}


def test_checked_containers_are_copies() -> None:
    given_options: dict[str, Any] = {
        "connect_args": {"options": "-c timezone=utc"},
        "hosts": [("a", ["b"])],
    }
    kept = Dictionary().convert(given_options)
    given_options["connect_args"]["options"] = "changed"
    given_options["hosts"][0][1].append("changed")
    assert kept == {"connect_args": {"options": "-c timezone=utc"}, "hosts": [("a", ["b"])]}
    assert copied(kept) is not kept


@pytest.mark.parametrize("setting", DECLARATIONS.values(), ids=lambda setting: setting.name)
def test_examples_and_defaults_are_values_of_the_type(setting: Setting) -> None:
    value_type = setting.type
    example = value_type.convert(value_type.example)
    assert value_type.convert(example) == example
    assert value_type.literal
    assert value_type.title.split()[0].strip(string.punctuation)
    for default in (setting.default, *setting.by_environment.values()):
        assert value_type.convert(default) == default
        assert type(value_type.convert(default)) is type(default)
        if default not in ("", "None"):
            assert value_type.parse(value_type.format(default)) == default
