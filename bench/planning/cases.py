"""Sites to plan for: series, and the JSON of a trigger that refers to them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

START = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    """A series that the site knows, from `START` on."""

    unit: str
    minutes: int
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A schedule to ask for.

    ``{"sensor": "prices"}`` in the trigger stands for the sensor of the series of that name, and
    each device gets a power sensor of its own.

    :param minutes: length of a step.
    :param devices: flex-models, without their sensors.
    """

    name: str
    hours: float
    minutes: int
    devices: tuple[Mapping[str, Any], ...]
    context: Mapping[str, Any]
    series: Mapping[str, Given] = field(default_factory=dict)

    @property
    def duration(self) -> timedelta:
        return timedelta(hours=self.hours)

    def filled(self, value: Any, ids: Mapping[str, int]) -> Any:
        """Part of the trigger with ids for names."""
        if isinstance(value, Mapping):
            if "sensor" in value and len(value) == 1:
                return {"sensor": ids[value["sensor"]]}
            return {name: self.filled(each, ids) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.filled(each, ids) for each in value]
        return value


def battery(days: float, minutes: int, name: str) -> Case:
    """A battery of 0.5 MW against day-ahead prices with two peaks a day."""
    model = {
        "soc-at-start": "225 kWh",
        "soc-min": "50 kWh",
        "soc-max": "450 kWh",
        "roundtrip-efficiency": "90%",
        "power-capacity": "0.5 MW",
    }
    context = {"consumption-price": {"sensor": "prices"}}
    return Case(name, days * 24, minutes, (model,), context, {"prices": day_ahead(days * 24)})


def day_ahead(hours: float) -> Given:
    """Hourly prices with two peaks a day."""
    hour = np.arange(int(hours))
    noise = np.random.default_rng(1).normal(0, 8, len(hour))
    return Given("EUR/MWh", 60, 70 + 30 * np.sin(hour / 24 * 4 * np.pi) + noise)


def charger(random: np.random.Generator, hours: float, minutes: int) -> dict[str, Any]:
    """A car that comes with some energy and wants more in time."""
    steps = round(hours * 60 / minutes)
    until = START + timedelta(minutes=minutes * int(random.integers(steps // 2, steps) + 1))
    return {
        "soc-at-start": f"{random.uniform(0, 20):.3f} kWh",
        "soc-min": "0 kWh",
        "soc-max": "60 kWh",
        "soc-minima": [
            {"value": f"{random.uniform(30, 60):.3f} kWh", "datetime": until.isoformat()}
        ],
        "power-capacity": "11 kW",
        "production-capacity": "0 kW",
    }


def mixed_site(name: str, *, committed: bool = False) -> Case:
    """A battery, a roof that can be curtailed, two cars, and a load, over 48 hours.

    :param committed: with a soft capacity and a charge on the peak of consumption.
    """
    hours, minutes = 48.0, 15
    random = np.random.default_rng(2)
    hour = np.arange(round(hours * 60 / minutes)) * minutes / 60 % 24
    store = {
        "soc-at-start": "200 kWh",
        "soc-min": "0 kWh",
        "soc-max": "400 kWh",
        "charging-efficiency": "95%",
        "discharging-efficiency": "95%",
        "power-capacity": "0.2 MW",
    }
    roof = {
        "power-capacity": "0.3 MW",
        "consumption-capacity": "0 MW",
        "production-capacity": {"sensor": "sun"},
    }
    context: dict[str, Any] = {
        "consumption-price": {"sensor": "prices"},
        "production-price": {"sensor": "feed-in"},
        "site-power-capacity": "0.5 MW",
        "inflexible-device-sensors": [{"sensor": "load"}],
    }
    if committed:
        context |= {
            "site-consumption-capacity": "0.1 MW",
            "site-consumption-breach-price": "10000 EUR/kW",
            "site-peak-consumption-price": "3 EUR/kW",
        }
    prices = day_ahead(hours)
    load = 0.05 + 0.03 * np.sin(hour / 24 * 2 * np.pi)
    series = {
        "prices": prices,
        "feed-in": Given(prices.unit, prices.minutes, prices.values - 20),
        "sun": Given("MW", minutes, 0.3 * np.maximum(0.0, np.sin((hour - 6) / 12 * np.pi))),
        "load": Given("MW", minutes, -load),  # consumption is stored negative
    }
    cars = [charger(random, hours, minutes) for _ in range(2)]
    return Case(name, hours, minutes, (store, roof, *cars), context, series)


def fleet(cars: int, name: str) -> Case:
    """Cars for a day, under one capacity of the site: 30 % of what all of them could draw."""
    random = np.random.default_rng(3)
    context = {
        "consumption-price": {"sensor": "prices"},
        "site-power-capacity": f"{0.3 * 11 * cars + 20:.3f} kW",
    }
    devices = tuple(charger(random, 24, 15) for _ in range(cars))
    return Case(name, 24, 15, devices, context, {"prices": day_ahead(24)})


#: By the word that chooses them.
CASES: dict[str, Callable[[], Case]] = {
    "battery": lambda: battery(2, 15, "battery 48 h @ 15 min"),
    "week": lambda: battery(7, 15, "battery 7 d @ 15 min"),
    "fine-week": lambda: battery(7, 5, "battery 7 d @ 5 min"),
    "site": lambda: mixed_site("battery, PV, 2 EVs, 48 h"),
    "soft-site": lambda: mixed_site("the same, soft, peak", committed=True),
    "10-cars": lambda: fleet(10, "10 EVs, 24 h"),
    "50-cars": lambda: fleet(50, "50 EVs, 24 h"),
    "200-cars": lambda: fleet(200, "200 EVs, 24 h"),
    "1000-cars": lambda: fleet(1000, "1,000 EVs, 24 h"),
    "5000-cars": lambda: fleet(5000, "5,000 EVs, 24 h"),
}
