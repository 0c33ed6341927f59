"""Devices that say the same are read once, and each as if it were the only one."""

from __future__ import annotations

import pytest

from fmhost.plugin import Asset, AssetType, InvalidInput
from fmhost_storage.alike import DeviceReader
from fmhost_storage.flex_model import read_device
from fmhost_storage.quantities import Source
from fmhost_storage.storage_schema import StorageSchema

CAR = {
    "soc-at-start": "10 kWh",
    "soc-max": "60 kWh",
    "soc-minima": [{"value": "30 kWh", "datetime": "2026-03-02T09:00:00+00:00"}],
    "power-capacity": "11 kW",
    "production-capacity": "0 kW",
}
LATER = [{"value": 20, "start": "2026-03-02T08:00:00Z", "duration": "PT1H"}]


@pytest.fixture
def car(place):
    """Makes a power sensor on a stored asset of its own."""
    kinds = {"one-way_evse": 1, "heat-storage": 2}

    def made(unit="MW", kind="heat-storage", **told):
        number = 10 + len(place.book.sensors)
        asset = Asset(
            id=number,
            name=f"car {number}",
            generic_asset_type=AssetType(name=kind),
            generic_asset_type_id=kinds[kind],
            **told,
        )
        return place.book.add(asset, unit)

    return made


def both(place, start, entries):
    """What the reader makes of entries one after the other, and what each is by itself."""
    reader = DeviceReader(start)
    source = Source(place.book, "Europe/Amsterdam")
    shared = [reader.read(given, sensor, source, prefix="p.") for sensor, given in entries]
    alone = [
        read_device(given, sensor, StorageSchema(source), start, prefix="p.")
        for sensor, given in entries
    ]
    return shared, alone


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"soc-at-start": 0.02},
        {"soc-at-start": "20 kWh", "soc-minima": LATER},
        {"soc-maxima": LATER},
        {"soc-minima": {"sensor": 3}},
        {"soc-max": "50 kWh"},
        {"soc-max": 1},
        {"soc-max": 1.0},
        {"soc-unit": "kWh"},
        {"soc-targets": LATER},
        {"power-capacity": {"sensor": 1}},
        {"prefer-charging-sooner": False},
        {"storage-efficiency": 0.99},
        {"roundtrip-efficiency": "90%"},
        {"group": {"asset": 1}},
    ],
)
def test_a_device_is_read_as_if_there_were_no_other(place, start, car, other):
    assert place.book.add(place.building, "MWh").id == 3
    entries = [
        (car(), CAR),
        (car(), {**CAR, **other}),
        (car("kW"), {**CAR, **other}),
        (car("kW"), {**CAR, **other, "soc-at-start": 5}),
        (car(kind="one-way_evse"), {**CAR, **other}),
        (car(attributes={"is_producer": False}), {**CAR, **other}),
        (car(flex_model={"soc-min": "5 kWh"}), {**CAR, **other}),
        (car(), CAR),
    ]
    shared, alone = both(place, start, entries)
    assert shared == alone


def test_the_rest_of_a_device_that_says_the_same_is_not_read_again(place, start, car):
    (one, other), _ = both(place, start, [(car(), CAR), (car(), {**CAR, "soc-at-start": "1 kWh"})])
    assert other.power_capacity is one.power_capacity
    assert (one.soc_at_start, other.soc_at_start) == (0.01, 0.001)


def test_one_that_leaves_out_its_start_does_not_take_that_of_another(place, start, car):
    without = {name: value for name, value in CAR.items() if name != "soc-at-start"}
    shared, alone = both(place, start, [(car(), CAR), (car(), without), (car(), CAR)])
    assert shared == alone
    assert shared[1].soc_at_start == 0
    assert shared[1].assumed


def test_what_is_wrong_with_the_second_is_told_of_the_second(place, start, car):
    reader, source = DeviceReader(start), Source(place.book, "Europe/Amsterdam")
    reader.read(CAR, car(), source, prefix="flex-model.0.")
    wrong = {**CAR, "soc-at-start": "much"}
    with pytest.raises(InvalidInput) as raised:
        reader.read(wrong, car(), source, prefix="flex-model.1.")
    assert raised.value.field == "flex-model.1.soc-at-start"
