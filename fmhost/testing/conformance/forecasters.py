"""The checks that every forecaster has to pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from fmhost.domain.flexibility import Forecaster, ForecastResult
from fmhost.domain.zones import time_zone
from fmhost.model import Source
from fmhost.services.installation import Installation
from fmhost.testing.clock import Clock
from fmhost.testing.conformance.days import CLOCK_CHANGES, ORDINARY, Day
from fmhost.testing.conformance.suite import Conformance
from fmhost.testing.conformance.trials import AHEAD, ForecastTrial
from fmhost.testing.sites import HOUR, BatterySite, record_series

FloatArray = NDArray[np.float64]

#: What no forecaster may ever see, far from every value of the history [kW].
POISON = 1e6


class ForecasterConformance(Conformance):
    """Inherit it in a test module, as ``class TestMine(ForecasterConformance)``.

    A day is forecast twelve hours ahead, hour by hour, from the history of a load in kW.

    :cvar forecaster: the class. Where an installed plugin brings it, it is used as that plugin's.
    :cvar config: the configuration that ``custom-forecaster`` gives next to the name.
    :cvar history: how much history the forecaster gets; it has to be enough.
    :cvar too_little_history: how much is not enough for any forecast.
    :cvar tolerance: by how much, as a share, the forecasts of the same load in two units may
        differ, and the forecast of a constant load from that constant.
    """

    forecaster: ClassVar[type[Forecaster]]
    config: ClassVar[Mapping[str, Any]] = {}
    history: ClassVar[timedelta] = timedelta(days=21)
    too_little_history: ClassVar[timedelta] = timedelta(0)
    tolerance: ClassVar[float] = 1e-3

    def load(self, moment: datetime) -> float:
        """The load at a moment, by the clock of its zone [kW]: by day, by week, and a trend."""
        hours = moment.hour + moment.minute / 60
        weekend = 4.0 if moment.weekday() >= 5 else 0.0
        trend = (moment.date() - ORDINARY.date).days * 0.01
        return round(20 + 8 * float(np.sin(hours * np.pi / 12)) - weekend + trend, 3)

    def prepare(
        self, installation: Installation, session: Session, site: BatterySite, day: Day
    ) -> None:
        """Store what else the forecaster reads, such as weather forecasts; nothing here."""

    @pytest.fixture
    def trial(self, installation: Installation, clock: Clock) -> ForecastTrial:
        """The forecaster in an installation."""
        return ForecastTrial(installation, clock, self.forecaster, self.config)

    def test_every_event_has_a_value(self, trial: ForecastTrial) -> None:
        """Each event of the day has its values, and there are none beyond the day."""
        _assert_covers(trial.compute(self._site(trial, ORDINARY), ORDINARY), ORDINARY)

    def test_nothing_recorded_later_counts(self, trial: ForecastTrial) -> None:
        """Beliefs recorded after the belief time change nothing, to the last byte.

        Afterwards each event of the history and of the day has a new belief, by the source of the
        history and by another one.
        """
        site = self._site(trial, ORDINARY)
        prior = trial.installation.now()
        before = _bytes(trial.compute(site, ORDINARY, prior=prior))
        trial.clock.advance(timedelta(days=3))
        start = prior - self.history
        poison = [POISON] * ((ORDINARY.end - start) // HOUR)
        for source in ("meter", "another meter"):
            self._record(trial, site, start, poison, source)
        after = _bytes(trial.compute(site, ORDINARY, prior=prior))
        assert before == after, (
            "The forecast changes with what was recorded after its belief time. Read through the "
            "reader, which gives only what was known."
        )

    def test_quantiles_ascend(self, trial: ForecastTrial) -> None:
        """Probabilities lie between 0 and 1 and ascend, and the values with them."""
        for result in trial.compute(self._site(trial, ORDINARY), ORDINARY):
            probabilities = np.asarray(result.probabilities)
            assert np.all((probabilities > 0) & (probabilities < 1)), probabilities
            assert np.all(np.diff(probabilities) > 0), f"{probabilities} do not ascend."
            falls = np.argwhere(np.diff(_columns(result), axis=1) < 0)
            assert not len(falls), (
                f"At {len(falls)} places a quantile is lower than that of a smaller probability; "
                f"the first is event {falls[0][0]}."
            )

    def test_days_of_clock_changes(self, trial: ForecastTrial) -> None:
        """Days of 23 and 25 hours, in zones of full and of half hours, have all their events."""
        for day in CLOCK_CHANGES:
            _assert_covers(trial.compute(self._site(trial, day), day), day)

    def test_too_little_history_is_told(self, trial: ForecastTrial) -> None:
        """Without history there is no forecast: it gives up with a message, nothing is stored."""
        site = self._site(trial, ORDINARY, history=self.too_little_history)
        refused = trial.refusal(site, ORDINARY)
        assert refused is not None, (
            f"It has a forecast from {self.too_little_history} of history; it must give up with a "
            "ComputationFailed."
        )

    def test_gaps_in_history_are_told(self, trial: ForecastTrial) -> None:
        """With six hours of the last day missing, each event has a value, or ``info`` tells.

        ``info`` tells by the number of events without a value under ``missing``, or by sentences
        under ``assumed``.
        """
        site = self._site(trial, ORDINARY, gap=slice(-12, -6))
        if trial.refusal(site, ORDINARY) is None:
            job = trial.finished(site, ORDINARY)
            assert job.result is not None
            told = job.result["forecaster_info"]
            found = np.unique(trial.beliefs(job, site.power).event_start)
            assert len(found) == 24 or told.get("missing") or told.get("assumed"), (
                f"{24 - len(found)} events have no value, and info does not say so: {told!r}."
            )

    def test_same_request_same_forecast(self, trial: ForecastTrial) -> None:
        """Computing it twice gives the same bytes."""
        site = self._site(trial, ORDINARY)
        first, second = (_bytes(trial.compute(site, ORDINARY)) for _ in range(2))
        assert first == second, "Two computations of the same request differ."

    def test_units_do_not_matter(self, trial: ForecastTrial) -> None:
        """The same load in MW has the same forecast as in kW."""
        in_kw, in_mw = (
            _values(trial.compute(self._site(trial, ORDINARY, unit=unit), ORDINARY)) * factor
            for unit, factor in (("kW", 1.0), ("MW", 1000.0))
        )
        np.testing.assert_allclose(
            in_mw,
            in_kw,
            rtol=self.tolerance,
            err_msg="The forecasts [kW] for a sensor in MW and for one in kW differ.",
        )

    def test_unit_and_sign_are_those_of_the_sensor(self, trial: ForecastTrial) -> None:
        """What has always been -7 kW is forecast as -7 kW."""
        site = self._site(trial, ORDINARY, constant=-7.0)
        np.testing.assert_allclose(
            _values(trial.compute(site, ORDINARY)),
            -7.0,
            rtol=self.tolerance,
            err_msg="A load of -7 kW is forecast as something else.",
        )

    def test_provenance(self, trial: ForecastTrial) -> None:
        """The job and the data source say which distribution, in which version, did it."""
        job = trial.finished(self._site(trial, ORDINARY), ORDINARY)
        expected = trial.registered.provenance
        assert job.provenance == expected.as_dict()
        assert job.result is not None
        with trial.installation.database.reading() as session:
            source = session.get_one(Source, job.result["source_id"])
            assert source.type == "forecaster"
            described = self.forecaster.get_data_source_info()
            assert (source.name, source.model, source.version) == (
                described["name"],
                described["model"],
                described["version"],
            )
            assert source.attributes["distribution"] == expected.distribution
            assert source.attributes["distribution_version"] == expected.version

    def test_forecast_is_stored(self, trial: ForecastTrial) -> None:
        """What is stored is what the forecaster computed, with all its quantiles."""
        site = self._site(trial, ORDINARY)
        (result, *more) = trial.compute(site, ORDINARY)
        assert not more, "It computes several results for one sensor."
        stored = trial.beliefs(trial.finished(site, ORDINARY), site.power)
        probabilities = np.tile(result.probabilities, len(result.values))
        np.testing.assert_array_equal(stored.cumulative_probability, probabilities)
        np.testing.assert_allclose(stored.event_value, _columns(result).ravel(), rtol=1e-9)

    def _site(
        self,
        trial: ForecastTrial,
        day: Day,
        *,
        unit: str = "kW",
        history: timedelta | None = None,
        constant: float | None = None,
        gap: slice | None = None,
    ) -> BatterySite:
        """A new site with a history up to twelve hours before the day."""
        site = trial.site(day, unit=unit, resolution=HOUR)
        hours = (self.history if history is None else history) // HOUR
        start = day.start - AHEAD - hours * HOUR
        zone = time_zone(day.zone)
        moments = [start + hour * HOUR for hour in range(hours)]
        values = np.array(
            [self.load(each.astimezone(zone)) if constant is None else constant for each in moments]
        ) / (1000.0 if unit == "MW" else 1.0)
        if gap is not None:
            values[gap] = np.nan
        self._record(trial, site, start, values.tolist(), "meter")
        with trial.installation.database.transaction() as session:
            self.prepare(trial.installation, session, site, day)
        return site

    @staticmethod
    def _record(
        trial: ForecastTrial,
        site: BatterySite,
        start: datetime,
        values: Sequence[float],
        source: str,
    ) -> None:
        with trial.installation.database.transaction() as session:
            record_series(
                trial.installation,
                session,
                site.power,
                start,
                values,
                source=source,
                source_type="script",
            )


def _columns(result: ForecastResult) -> FloatArray:
    return result.values.reshape(len(result.values), -1)


def _values(computed: Sequence[ForecastResult]) -> FloatArray:
    return np.concatenate([_columns(result) for result in computed])


def _bytes(computed: Sequence[ForecastResult]) -> list[tuple[Any, ...]]:
    return [(result.start, result.resolution, result.values.tobytes()) for result in computed]


def _assert_covers(computed: Sequence[ForecastResult], day: Day) -> None:
    assert len(computed) == 1, f"It computes {len(computed)} results for one sensor."
    (result,) = computed
    events = len(day.events(HOUR))
    assert result.start == day.start, f"Its forecast for {day} starts at {result.start}."
    assert result.resolution == HOUR, f"Its events last {result.resolution}, not an hour."
    shapes: list[tuple[int, ...]] = [(events, len(result.probabilities))]
    if len(result.probabilities) == 1:
        shapes.append((events,))
    assert result.values.shape in shapes, (
        f"Its forecast for {day} has the shape {result.values.shape}, not {shapes[0]}."
    )
    missing = ~np.isfinite(_columns(result)).all(axis=1)
    assert not missing.any(), f"On {day} {missing.sum()} of {events} events have no value."
