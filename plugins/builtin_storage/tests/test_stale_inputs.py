"""Inputs that are old, or stand in for missing ones, are named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost_storage.why import written_out

HOUR = timedelta(hours=1)


def told(place, context, flex_model=None, **options):
    made = place.scheduler(flex_model or {"soc-at-start": "1 MWh"}, context, **options)
    made.compute()
    explained = written_out(made.explanation)
    for name in ("assumed", "stale", "warnings"):
        assert explained[name] == made.info[name]
    return explained


@pytest.mark.parametrize(
    ("hours", "specs", "old"),
    [
        (23, None, False),
        (25, None, True),
        (3, {"max_staleness": "PT2H"}, True),
        (1, {"max_staleness": "PT2H"}, False),
        (100, {"max_staleness": "PT200H"}, False),
        (25, {"max_staleness": "soon"}, True),
    ],
)
def test_prices_that_are_older_than_expected_are_named(place, start, hours, specs, old):
    place.book.stamps[place.prices.id] = start - hours * HOUR
    place.prices.attributes = {} if specs is None else {"status_specs": specs}
    found = told(place, {"consumption-price": {"sensor": place.prices.id}})
    assert len(found["stale"]) == old
    if old:
        (text,) = found["stale"]
        assert text.startswith(f"consumption-price: the newest value of sensor {place.prices.id}")


def test_loads_and_states_of_charge_are_named_too(place, start):
    load = place.book.write(place.book.add(place.building), [0.1] * 16)
    level = place.book.add(place.battery, "kWh", timedelta(0))
    place.book.write(level, [800.0], start=start)
    for sensor in (load, level):
        place.book.stamps[sensor.id] = start - timedelta(days=3)
    found = told(
        place,
        {
            "consumption-price": {"sensor": place.prices.id},
            "inflexible-consumption": [{"sensor": load.id}],
        },
        {"state-of-charge": {"sensor": level.id}},
    )
    assert [text.partition(": the")[0] for text in found["stale"]] == [
        "inflexible-consumption",
        f"battery (sensor {place.power.id}): state-of-charge",
    ]


def test_a_default_that_steps_in_is_named(place):
    price = {"sensor": place.prices.id, "default": "70 EUR/MWh"}
    assert told(place, {"consumption-price": price})["assumed"] == []
    (text,) = told(place, {"consumption-price": price}, hours=5)["assumed"]
    assert "no value for 4 of 20 steps" in text
    assert text.endswith("the default (70 EUR/MWh) is taken instead.")


def test_a_missing_load_is_zero_but_not_silently(place):
    load = place.book.add(place.building)
    context = {
        "consumption-price": {"sensor": place.prices.id},
        "inflexible-consumption": [{"sensor": load.id}],
    }
    (text,) = told(place, context)["assumed"]
    assert text.startswith("inflexible-consumption: ")
    assert text.endswith("0 MW is assumed.")
