"""Run a driver through the real services, and read back what they stored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmhost.beliefs import Beliefs, Query, read
from fmhost.domain import units
from fmhost.domain.flexibility import ForecastResult, ScheduleResult
from fmhost.errors import ComputationFailed, FmhostError, InvalidInput
from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor, beliefs
from fmhost.services import forecasts, schedules
from fmhost.services.installation import Installation
from fmhost.testing.clock import Clock
from fmhost.testing.conformance.days import Day
from fmhost.testing.conformance.offering import offer
from fmhost.testing.sites import QUARTER, BatterySite, create_battery_site

#: How long before a day its schedule or forecast is asked for, unless a check says otherwise.
AHEAD = timedelta(hours=12)

Result = TypeVar("Result", ScheduleResult, ForecastResult)


@dataclass(frozen=True, slots=True)
class Stored:
    """A series that a finished job has stored.

    :param moments: starts of the events, datetime64[us] in UTC.
    :param values: one per event; those of a schedule in kW, consumption positive.
    :param info: what the driver says about its work.
    """

    job: Job
    moments: NDArray[np.datetime64]
    values: NDArray[np.float64]
    info: Mapping[str, Any]


class Trial(ABC, Generic[Result]):
    """A driver in an installation, with as many sites as a check needs.

    :param config: the configuration that goes with the driver's name.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        installation: Installation,
        clock: Clock,
        driver: type[Any],
        config: Mapping[str, Any],
    ) -> None:
        self.installation = installation
        self.clock = clock
        self.registered = offer(installation.host, self.kind, driver)
        self._config = dict(config)
        self._sites = 0

    def site(
        self, day: Day, *, unit: str = "kW", resolution: timedelta = QUARTER, **attributes: Any
    ) -> BatterySite:
        """A new site, whose power sensor the driver serves; it is :data:`AHEAD` of the day."""
        self.clock.set(day.start - AHEAD)
        self._sites += 1
        chosen = {"name": self.registered.provenance.name, "config": self._config}
        with self.installation.database.transaction() as session:
            made = create_battery_site(
                session,
                name=f"site {self._sites}",
                unit=unit,
                resolution=resolution,
                timezone=day.zone,
                attributes={**attributes, f"custom-{self.kind}": chosen},
            )
            session.expunge_all()
        return made

    def run(self, site: BatterySite, day: Day, **request: Any) -> Job:
        """Ask for the day and have the job executed; the job as it ended."""
        with self.installation.database.transaction() as session:
            job_id = self._trigger(session, site, day, request).id
        execute(self.installation, job_id, "conformance")
        with self.installation.database.reading() as session:
            job = session.get_one(Job, job_id)
            session.expunge(job)
        return job

    def finished(self, site: BatterySite, day: Day, **request: Any) -> Job:
        """The same, for a job that has to finish."""
        job = self.run(site, day, **request)
        assert job.state == "finished", f"The job for {day} failed: {job.error}"
        return job

    def compute(self, site: BatterySite, day: Day, **request: Any) -> Sequence[Result]:
        """What the driver computes for the day; nothing is stored."""
        with self.installation.database.reading() as session:
            return self._compute(session, site, day, request)

    def refusal(self, site: BatterySite, day: Day, **request: Any) -> FmhostError | None:
        """Why there is no result; None where there is one.

        :raises AssertionError: where the driver gives up in any other way than by telling why, or
            leaves something behind in the store.
        """
        try:
            self.compute(site, day, **request)
        except (ComputationFailed, InvalidInput) as error:
            refused = error
        except Exception as error:
            raise AssertionError(
                f"It raised {type(error).__name__} ({error}) instead of a ComputationFailed that "
                "says what is missing or impossible."
            ) from error
        else:
            return None
        assert refused.message.strip(), f"Its {type(refused).__name__} has no message."
        before = self.count(site.power)
        try:
            job = self.run(site, day, **request)
        except InvalidInput:
            return refused  # refused at once, so that there is no job
        assert job.state == "failed", f"The job is {job.state}, and computing it raises {refused!r}"
        assert job.error is not None
        assert job.error["message"] == refused.message, "Job and computation give other reasons."
        assert self.count(site.power) == before, "The failed job has stored something."
        return refused

    def count(self, sensor: Sensor) -> int:
        """How many beliefs about the sensor are stored."""
        with self.installation.database.reading() as session:
            counted = select(func.count()).where(beliefs.c.sensor_id == sensor.id)
            return int(session.scalar(counted) or 0)

    def beliefs(self, job: Job, sensor: Sensor) -> Beliefs:
        """All beliefs about the sensor that the job has stored, by event and probability."""
        assert job.result is not None
        with self.installation.database.reading() as session:
            query = Query(sensor=session.get_one(Sensor, sensor.id))
            found = read(session, query)
        return found.take(found.source_id == job.result["source_id"])

    @abstractmethod
    def _trigger(
        self, session: Session, site: BatterySite, day: Day, request: Mapping[str, Any]
    ) -> Job:
        """Ask for the day."""

    @abstractmethod
    def _compute(
        self, session: Session, site: BatterySite, day: Day, request: Mapping[str, Any]
    ) -> Sequence[Result]:
        """Compute without storing."""


class ScheduleTrial(Trial[ScheduleResult]):
    """A scheduler; `request` is flex-model, flex-context and prior."""

    kind = "scheduler"

    def schedule(self, site: BatterySite, day: Day, **request: Any) -> Stored:
        """The power that the scheduler's job has stored [kW, consumption positive]."""
        job = self.finished(site, day, **request)
        assert job.result is not None
        found = self.beliefs(job, site.power)
        with self.installation.database.reading() as session:
            positive = session.get_one(Sensor, site.power.id).get_attribute(
                "consumption_is_positive", False
            )
        power = units.convert(found.event_value, site.power.unit, "kW")
        return Stored(
            job,
            found.event_start,
            power if positive else -power,
            job.result["scheduler_info"],
        )

    def fetched(self, site: BatterySite, job: Job) -> NDArray[np.float64]:
        """The same, as a client gets it."""
        with self.installation.database.reading() as session:
            sensor = session.get_one(Sensor, site.power.id)
            return schedules.fetch(self.installation, session, job, sensor, unit="kW").values

    def _trigger(
        self, session: Session, site: BatterySite, day: Day, request: Mapping[str, Any]
    ) -> Job:
        target = session.get_one(Sensor, site.power.id)
        asked = {"start": day.local_start, "duration": day.length, **request}
        return schedules.trigger(self.installation, session, target=target, **asked)

    def _compute(
        self, session: Session, site: BatterySite, day: Day, request: Mapping[str, Any]
    ) -> Sequence[ScheduleResult]:
        target = session.get_one(Sensor, site.power.id)
        asked = {"start": day.local_start, "duration": day.length, **request}
        return schedules.compute(self.installation, session, target=target, **asked)


class ForecastTrial(Trial[ForecastResult]):
    """A forecaster; `request` is the prior."""

    kind = "forecaster"

    def _trigger(
        self, session: Session, site: BatterySite, day: Day, request: Mapping[str, Any]
    ) -> Job:
        sensor = session.get_one(Sensor, site.power.id)
        asked = {"start": day.local_start, "duration": day.length, **request}
        return forecasts.trigger(self.installation, session, sensor=sensor, **asked)

    def _compute(
        self, session: Session, site: BatterySite, day: Day, request: Mapping[str, Any]
    ) -> Sequence[ForecastResult]:
        sensor = session.get_one(Sensor, site.power.id)
        asked = {"start": day.local_start, "duration": day.length, **request}
        return forecasts.compute(self.installation, session, sensor=sensor, **asked)
