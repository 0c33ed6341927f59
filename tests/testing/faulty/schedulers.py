"""A sound scheduler, and others that are the same but for one fault each."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import object_session

from fmhost.beliefs import series
from fmhost.plugin import (
    ComputationFailed,
    InvalidInput,
    Scheduler,
    ScheduleResult,
    UnknownPrices,
    units,
)
from fmhost.testing import SchedulerConformance, Storage

FIELDS = ("amount",)
HOURS = 0.25


class Sound(Scheduler):
    """Buys an amount of energy in the cheaper half of the steps, and sells it in the others."""

    __author__ = "Acme"
    __version__ = "3"

    def deserialize_flex_config(self):
        for field in self.flex_model:
            if field not in FIELDS:
                raise InvalidInput("Unknown field.", field=field)
        self.amount = self.read_amount(self.flex_model["amount"])
        sensor = self.flex_context["consumption-price"]["sensor"]
        self.price_sensor = self.reader.sensor(sensor, field="consumption-price")

    def read_amount(self, given):
        return units.quantity(given, "kWh", "kWh", field="amount")

    def compute(self):
        if self.amount > 4:
            self.refuse()
        values = self.power(self.known_prices())
        return [ScheduleResult(self.sensor, self.start, self.resolution, values, unit="kW")]

    def refuse(self):
        raise ComputationFailed("The storage takes 4 kWh at most.", field="amount")

    def read_prices(self):
        window = (self.start, self.end)
        return self.reader.values(
            self.price_sensor, *window, resolution=self.resolution, unit="EUR/MWh"
        )

    def known_prices(self):
        prices = self.read_prices()
        if np.isnan(prices).any():
            raise UnknownPrices("Some prices are not known.", field="consumption-price")
        return prices

    def power(self, prices):
        half = len(prices) // 2
        order = np.argsort(prices, kind="stable")
        power = np.zeros(len(prices))
        power[order[:half]] = self.amount / (half * HOURS)
        power[order[half : 2 * half]] = -self.amount / (half * HOURS)
        return power


class Suite(SchedulerConformance):
    flex_model = {"amount": "4 kWh"}
    storage = Storage(5.0, 1.0, 9.0)
    bad_fields = {"amount": "a lot", "no-such-field": 1}

    def infeasible_flex_model_for(self, site, day):
        return {"amount": "100 kWh"}


class TestSound(Suite):
    scheduler = Sound


class TestProductionPositive(Suite):
    class scheduler(Sound):
        def power(self, prices):
            return -super().power(prices)


class TestTurnsTheSignOfTheSensor(Suite):
    class scheduler(Sound):
        def power(self, prices):
            positive = self.sensor.get_attribute("consumption_is_positive", False)
            return super().power(prices) * (-1 if positive else 1)


class TestRolledDice(Suite):
    class scheduler(Sound):
        def power(self, prices):
            return super().power(prices) + np.random.default_rng().normal(0, 1e-9)


class TestPeeks(Suite):
    class scheduler(Sound):
        def read_prices(self):
            session = object_session(self.sensor)
            window = (self.start, self.end)
            return series(session, self.price_sensor, *window, resolution=self.resolution).values


class TestForgetsTheLastStep(Suite):
    class scheduler(Sound):
        def power(self, prices):
            return super().power(prices)[:-1]


class TestEveryDayHas24Hours(Suite):
    class scheduler(Sound):
        def power(self, prices):
            return np.resize(super().power(prices), 96)


class TestTypeErrorForBadInput(Suite):
    class scheduler(Sound):
        def read_amount(self, given):
            return float(given.removesuffix(" kWh"))


class TestMissingPricesAreZero(Suite):
    class scheduler(Sound):
        def known_prices(self):
            return np.nan_to_num(self.read_prices())


class TestTooMuchPower(Suite):
    class scheduler(Sound):
        def power(self, prices):
            ends = np.zeros(len(prices))
            ends[0], ends[-1] = 4.5, -4.5
            return ends


class TestTooMuchEnergy(Suite):
    class scheduler(Sound):
        def power(self, prices):
            return 3 * super().power(prices)


class TestKilowattsAreMegawatts(Suite):
    class scheduler(Sound):
        def compute(self):
            (result,) = super().compute()
            return result.values


class TestCrashesWhereThereIsNoSolution(Suite):
    class scheduler(Sound):
        def refuse(self):
            raise ZeroDivisionError("division by zero")


class TestHasAlwaysASolution(Suite):
    class scheduler(Sound):
        def refuse(self):
            self.amount = 4


class TestHasNoReason(Suite):
    class scheduler(Sound):
        def refuse(self):
            raise ComputationFailed("")


class TestDoesNotApply(Suite):
    scheduler = Sound
    storage = None
    does_not_apply = {"state_of_charge_keeps_to_its_bounds": "It stores nothing."}
