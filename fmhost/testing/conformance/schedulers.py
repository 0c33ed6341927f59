"""The checks that every scheduler has to pass."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pytest
from sqlalchemy.orm import Session

from fmhost.domain.flexibility import Scheduler, ScheduleResult
from fmhost.errors import FmhostError, InvalidInput
from fmhost.model import Source
from fmhost.services.installation import Installation
from fmhost.testing.clock import Clock
from fmhost.testing.conformance.days import CLOCK_CHANGES, ORDINARY, Day
from fmhost.testing.conformance.storage import Storage
from fmhost.testing.conformance.suite import Conformance
from fmhost.testing.conformance.trials import ScheduleTrial, Stored
from fmhost.testing.sites import HOUR, QUARTER, BatterySite, record_series

#: Differences of power up to this size are rounding [kW]; of energy as well [kWh].
TOLERANCE = 1e-3


class SchedulerConformance(Conformance):
    """Inherit it in a test module, as ``class TestMine(SchedulerConformance)``.

    The attributes describe the scheduler and the device that it is tried with; what stands here
    is a battery, so that a scheduler of batteries needs the first attribute only. A day is
    scheduled in steps of 15 minutes, for a power sensor with hourly prices.

    :cvar scheduler: the class. Where an installed plugin brings it, it is used as that plugin's.
    :cvar config: the configuration that ``custom-scheduler`` gives next to the name.
    :cvar flex_model: a feasible request.
    :cvar power_bounds: least and greatest power that it allows [kW, consumption positive].
    :cvar storage: the store of energy that it describes; None where there is none.
    :cvar bad_fields: for each of some fields of the flex-model a value that has to be refused.
    :cvar price_field: the field of the flex-context that names the prices.
    """

    scheduler: ClassVar[type[Scheduler]]
    config: ClassVar[Mapping[str, Any]] = {}
    flex_model: ClassVar[Any] = {
        "soc-at-start": "5 kWh",
        "soc-min": "1 kWh",
        "soc-max": "9 kWh",
        "roundtrip-efficiency": "81%",
        "power-capacity": "4 kW",
    }
    power_bounds: ClassVar[tuple[float, float]] = (-4.0, 4.0)
    storage: ClassVar[Storage | None] = Storage(5.0, 1.0, 9.0, 0.9, 0.9)
    bad_fields: ClassVar[Mapping[str, Any]] = {
        "soc-at-start": "full",
        "soc-max": "9 EUR",
        "power-capacity": [],
        "no-such-field": 1,
    }
    price_field: ClassVar[str] = "consumption-price"

    def flex_model_for(self, site: BatterySite, day: Day) -> Any:
        """The flex-model of a feasible request; override it where it depends on site or day."""
        return self.flex_model

    def flex_context_for(self, site: BatterySite, day: Day) -> Any:
        """The flex-context of a feasible request: the prices of the site's market."""
        return {self.price_field: {"sensor": site.prices.id}}

    def infeasible_flex_model_for(self, site: BatterySite, day: Day) -> Any:
        """The flex-model of a request that cannot be satisfied: full within 15 minutes."""
        full = {"value": "9 kWh", "datetime": (day.start + QUARTER).isoformat()}
        return {**self.flex_model_for(site, day), "soc-targets": [full]}

    def prepare(
        self, installation: Installation, session: Session, site: BatterySite, day: Day
    ) -> None:
        """Store what else the scheduler reads, known :data:`AHEAD` of the day; nothing here."""

    @pytest.fixture
    def trial(self, installation: Installation, clock: Clock) -> ScheduleTrial:
        """The scheduler in an installation."""
        return ScheduleTrial(installation, clock, self.scheduler, self.config)

    def test_every_step_has_a_value(self, trial: ScheduleTrial) -> None:
        """Each step of the day has one value, and there are none beyond the day."""
        _assert_covers(self._schedule(trial, ORDINARY), ORDINARY)

    def test_power_keeps_to_its_bounds(self, trial: ScheduleTrial) -> None:
        """Whatever the prices, power stays within ``power_bounds``."""
        lowest, highest = self.power_bounds
        for name, prices in _profiles(ORDINARY).items():
            power = self._schedule(trial, ORDINARY, prices).values
            assert _within(power, lowest, highest), (
                f"With {name} prices it plans {power.min():g} kW to {power.max():g} kW, and may "
                f"plan {lowest:g} kW to {highest:g} kW (consumption positive)."
            )

    def test_state_of_charge_keeps_to_its_bounds(self, trial: ScheduleTrial) -> None:
        """Whatever the prices, the state of charge stays within the bounds of ``storage``."""
        storage = self.storage
        assert storage is not None, (
            "Describe the storage, or say in does_not_apply why there is none."
        )
        for name, prices in _profiles(ORDINARY).items():
            levels = storage.levels(self._schedule(trial, ORDINARY, prices).values, QUARTER)
            assert _within(levels, storage.lowest, storage.highest), (
                f"With {name} prices the state of charge runs from {levels.min():g} kWh to "
                f"{levels.max():g} kWh; allowed are {storage.lowest:g} to {storage.highest:g} kWh."
            )

    def test_units_do_not_matter(self, trial: ScheduleTrial) -> None:
        """A sensor in MW gets the same schedule as one in kW."""
        in_kw = self._schedule(trial, ORDINARY).values
        in_mw = self._schedule(trial, ORDINARY, unit="MW").values
        np.testing.assert_allclose(
            in_mw,
            in_kw,
            atol=TOLERANCE,
            err_msg="The schedules [kW] of a sensor in MW and of one in kW differ.",
        )

    def test_consumption_is_positive(self, trial: ScheduleTrial) -> None:
        """It consumes when energy is cheap rather than when it is dear, whatever the sensor says.

        The host turns the sign for the sensor; a scheduler that turns it as well is found out.
        """
        plain = self._schedule(trial, ORDINARY)
        cheap = plain.moments < ORDINARY.events(QUARTER)[48]
        assert plain.values[cheap].sum() >= plain.values[~cheap].sum() - TOLERANCE, (
            "It consumes less in the cheap half of the day than in the dear one. Is its power "
            "production positive?"
        )
        turned = self._schedule(trial, ORDINARY, consumption_is_positive=True)
        np.testing.assert_allclose(
            turned.values,
            plain.values,
            atol=TOLERANCE,
            err_msg="The attribute consumption_is_positive changes the schedule; leave it to the "
            "host.",
        )

    def test_days_of_clock_changes(self, trial: ScheduleTrial) -> None:
        """Days of 23 and 25 hours, in zones of full and of half hours, have all their steps."""
        for day in CLOCK_CHANGES:
            _assert_covers(self._schedule(trial, day), day)

    def test_missing_prices_are_told(self, trial: ScheduleTrial) -> None:
        """Where prices are missing it gives up with a message, or tells what it assumed.

        Once all prices are missing, and once those of six hours. ``info["assumed"]`` must name
        the price field.
        """
        some = _profiles(ORDINARY)["rising"]
        some[6:12] = np.nan
        for name, prices in (("all", np.full(24, np.nan)), ("some", some)):
            site, request = self._request(trial, ORDINARY, prices)
            if trial.refusal(site, ORDINARY, **request) is None:
                told = trial.schedule(site, ORDINARY, **request).info.get("assumed", [])
                assert any(self.price_field in str(sentence) for sentence in told), (
                    f"With {name} prices missing it plans without a word: info['assumed'] is "
                    f"{told!r} and does not name {self.price_field}."
                )

    def test_infeasible_requests_are_refused(self, trial: ScheduleTrial) -> None:
        """A request without a solution ends with a message, and nothing is stored."""
        site, request = self._request(trial, ORDINARY)
        request["flex_model"] = self.infeasible_flex_model_for(site, ORDINARY)
        refused = trial.refusal(site, ORDINARY, **request)
        assert refused is not None, f"It has a schedule for {request['flex_model']}."

    def test_bad_fields_are_named(self, trial: ScheduleTrial) -> None:
        """A field that cannot be understood is refused when the schedule is asked for."""
        assert self.bad_fields, "Give bad_fields, or say in does_not_apply why there are none."
        site, request = self._request(trial, ORDINARY)
        for field, value in self.bad_fields.items():
            model = {**request["flex_model"], field: value}
            found = _refused_field(trial, site, {**request, "flex_model": model})
            named = found == field or found.startswith(f"{field}.")
            assert named, f"{field} = {value!r} is not refused by an InvalidInput for it: {found}."

    def test_same_request_same_schedule(self, trial: ScheduleTrial) -> None:
        """Computing it twice gives the same bytes."""
        site, request = self._request(trial, ORDINARY)
        first, second = (_bytes(trial.compute(site, ORDINARY, **request)) for _ in range(2))
        assert first == second, "Two computations of the same request differ."

    def test_nothing_recorded_later_counts(self, trial: ScheduleTrial) -> None:
        """Prices that were recorded after the belief time of the schedule change nothing."""
        site, request = self._request(trial, ORDINARY)
        request["prior"] = trial.installation.now()
        before = _bytes(trial.compute(site, ORDINARY, **request))
        trial.clock.advance(HOUR)
        self._post(trial, site, ORDINARY, _profiles(ORDINARY)["rising"][::-1])
        after = _bytes(trial.compute(site, ORDINARY, **request))
        assert before == after, "Prices that were recorded after its belief time change it."

    def test_provenance(self, trial: ScheduleTrial) -> None:
        """The job and the data source say which distribution, in which version, did it."""
        site, request = self._request(trial, ORDINARY)
        job = trial.finished(site, ORDINARY, **request)
        expected = trial.registered.provenance
        assert job.provenance == expected.as_dict()
        assert job.result is not None
        with trial.installation.database.reading() as session:
            source = session.get_one(Source, job.result["source_id"])
            assert source.type == "scheduler"
            described = self.scheduler.get_data_source_info()
            assert (source.name, source.model, source.version) == (
                described["name"],
                described["model"],
                described["version"],
            )
            assert source.attributes["distribution"] == expected.distribution
            assert source.attributes["distribution_version"] == expected.version

    def test_stored_schedule_is_fetched(self, trial: ScheduleTrial) -> None:
        """What clients fetch is what the scheduler computed."""
        site, request = self._request(trial, ORDINARY)
        stored = trial.schedule(site, ORDINARY, **request)
        fetched = trial.fetched(site, stored.job)
        np.testing.assert_allclose(fetched, stored.values, atol=TOLERANCE)

    def _request(
        self, trial: ScheduleTrial, day: Day, prices: Any = None, **sensor: Any
    ) -> tuple[BatterySite, dict[str, Any]]:
        """A new site with prices, and a feasible request for it."""
        site = trial.site(day, **sensor)
        self._post(trial, site, day, _profiles(day)["rising"] if prices is None else prices)
        with trial.installation.database.transaction() as session:
            self.prepare(trial.installation, session, site, day)
        request = {
            "flex_model": self.flex_model_for(site, day),
            "flex_context": self.flex_context_for(site, day),
        }
        return site, copy.deepcopy(request)

    def _schedule(
        self, trial: ScheduleTrial, day: Day, prices: Any = None, **sensor: Any
    ) -> Stored:
        site, request = self._request(trial, day, prices, **sensor)
        return trial.schedule(site, day, **request)

    @staticmethod
    def _post(trial: ScheduleTrial, site: BatterySite, day: Day, prices: Any) -> None:
        with trial.installation.database.transaction() as session:
            record_series(trial.installation, session, site.prices, day.start, list(prices))


def _profiles(day: Day) -> dict[str, Any]:
    """Hourly prices of a day that tempt a scheduler [EUR/MWh].

    The first half of the rising ones is cheap, the second dear.
    """
    hours = np.arange(day.length // timedelta(hours=1))
    return {
        "rising": np.where(hours < len(hours) / 2, 20.0, 80.0) + 0.1 * (hours % 7),
        "negative": np.where((hours >= 11) & (hours < 15), -30.0, 60.0) - hours % 5,
        "flat": np.full(len(hours), 50.0),
    }


def _within(values: Any, lowest: float, highest: float) -> bool:
    return bool(values.min() >= lowest - TOLERANCE and values.max() <= highest + TOLERANCE)


def _assert_covers(stored: Stored, day: Day) -> None:
    expected = day.events(QUARTER)
    missing = np.setdiff1d(expected, stored.moments)
    beyond = np.setdiff1d(stored.moments, expected)
    assert not missing.size, (
        f"On {day} {missing.size} of {len(expected)} steps have no value, the first at "
        f"{missing[0]} UTC."
    )
    assert not beyond.size, (
        f"On {day} it plans {beyond.size} steps outside the day, the first at {beyond[0]} UTC."
    )
    assert np.isfinite(stored.values).all(), f"On {day} some values are not finite."


def _refused_field(trial: ScheduleTrial, site: BatterySite, request: dict[str, Any]) -> str:
    """The field that is refused when the schedule is asked for, or what happens instead."""
    try:
        trial.run(site, ORDINARY, **request)
    except InvalidInput as error:
        return error.field or f"the InvalidInput names no field ({error})"
    except Exception as error:
        kind = "" if isinstance(error, FmhostError) else ", which is no error for users"
        return f"it raised {type(error).__name__} ({error}){kind}"
    return "it was accepted"


def _bytes(computed: Sequence[ScheduleResult]) -> list[tuple[Any, ...]]:
    return [
        (result.name, result.sensor.id, result.start, result.unit, result.values.tobytes())
        for result in computed
    ]
