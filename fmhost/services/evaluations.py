"""How good forecasts of a sensor would have been: backtests, kept as the results of their jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.beliefs import series
from fmhost.domain.arrays import Floats
from fmhost.domain.durations import format_duration
from fmhost.domain.forecast_accuracy import Accuracy, accuracy
from fmhost.domain.forecast_horizons import check_horizon, default_horizons
from fmhost.domain.moments import floor_moment
from fmhost.errors import ComputationFailed, InvalidInput, NotFound
from fmhost.model import Job, JobState, Sensor, User
from fmhost.model.job import request_job
from fmhost.model.job_runs import complete
from fmhost.services.forecast_config import check_references, divide
from fmhost.services.forecast_requests import Viewpoint
from fmhost.services.forecast_runs import ForecastRun, choose_forecaster
from fmhost.services.installation import Installation
from fmhost.services.progress import report_progress
from fmhost.services.reading import StoreReader
from fmhost.services.windows import zone_of

KIND = "forecast-evaluation"
QUEUE = "forecasting"

#: An evaluation looks ahead so often at most, and about so often where nobody says.
MOST_VIEWPOINTS = 2000
USUAL_VIEWPOINTS = 150

#: Hours between viewpoints that meet all hours of the day.
_FREQUENCIES = (1, 5, 7, 11, 13, 17, 19, 23, 31, 47, 61, 97, 121, 169, 241, 337, 481, 721)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is to be evaluated; as JSON, it is the arguments of the job.

    :param start: first viewpoint; `end` is excluded. Aware datetimes.
    :param frequency: how the viewpoints follow each other.
    :param horizons: how far ahead of a viewpoint the events end that count.
    """

    start: datetime
    end: datetime
    frequency: timedelta
    horizons: Sequence[timedelta]
    forecaster: str | None
    config: Mapping[str, Any]

    def as_arguments(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            **asdict(self),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "frequency": self.frequency.total_seconds(),
            "horizons": [each.total_seconds() for each in self.horizons],
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Evaluation:
        """What a job's row holds."""
        return cls(
            start=datetime.fromisoformat(arguments["start"]),
            end=datetime.fromisoformat(arguments["end"]),
            frequency=timedelta(seconds=arguments["frequency"]),
            horizons=[timedelta(seconds=each) for each in arguments["horizons"]],
            forecaster=arguments["forecaster"],
            config=arguments["config"],
        )

    @property
    def viewpoints(self) -> list[datetime]:
        """One after another."""
        count = -((self.start - self.end) // self.frequency)
        return [self.start + self.frequency * number for number in range(count)]


def request_evaluation(
    installation: Installation,
    session: Session,
    *,
    sensor: Sensor,
    start: datetime,
    end: datetime,
    horizons: Sequence[timedelta] | None = None,
    frequency: timedelta | None = None,
    forecaster: str | None = None,
    config: Mapping[str, Any] | None = None,
    requester: User | None = None,
) -> Job:
    """Write down the job that evaluates. The caller commits, and then dispatches it.

    :param start: from when on forecasts are looked at, `end` is excluded; aware.
    :param horizons: default those that are usual for the sensor's resolution.
    :param frequency: time between two forecasts; default such that there are about 150.
    :raises InvalidInput: naming the field.
    """
    step = sensor.event_resolution
    chosen = default_horizons(step) if not horizons else tuple(sorted(set(horizons)))
    for horizon in chosen:
        check_horizon(horizon, step)
    zone = zone_of(sensor)
    begin, finish = floor_moment(start, step, zone), floor_moment(end, step, zone)
    if finish <= begin:
        raise InvalidInput("There is no time between start and end.", field="end")
    if frequency is None:
        frequency = _frequency(finish - begin, step)
    if frequency <= timedelta(0) or frequency % step:
        raise InvalidInput(f"It is no multiple of {step}.", field="frequency")
    if (finish - begin) / frequency > MOST_VIEWPOINTS:
        raise InvalidInput(
            f"That is more than {MOST_VIEWPOINTS} forecasts.",
            field="frequency",
            hint="Evaluate a shorter time, or less often.",
        )
    choice = choose_forecaster(installation, sensor, forecaster)
    reader = StoreReader(session, requester, installation.now())
    check_references(session, requester, reader, config or {})
    divide(choice, sensor, config or {})
    evaluation = Evaluation(begin, finish, frequency, chosen, forecaster, dict(config or {}))
    return request_job(
        session,
        kind=KIND,
        queue=QUEUE,
        arguments=evaluation.as_arguments(),
        requester_user_id=requester.id if requester else None,
        sensor_id=sensor.id,
        asset_id=sensor.generic_asset_id,
        provenance=choice.provenance.as_dict(),
        now=installation.now(),
    )


def _frequency(length: timedelta, step: timedelta) -> timedelta:
    for hours in _FREQUENCIES:
        frequency = -(-timedelta(hours=hours) // step) * step
        if length / frequency <= USUAL_VIEWPOINTS:
            return frequency
    return -(-(length / USUAL_VIEWPOINTS) // step) * step


def finished(session: Session, sensor: Sensor, most: int = 20) -> list[Job]:
    """The jobs that have evaluated forecasts of the sensor, newest first."""
    query = (
        select(Job)
        .where(
            Job.sensor_id == sensor.id,
            Job.kind == KIND,
            Job.state == JobState.FINISHED.value,
        )
        .order_by(Job.ended_at.desc(), Job.id)
        .limit(most)
    )
    return list(session.scalars(query))


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Forecast as it would have been done, and compare; the task of the job.

    :raises ComputationFailed: where nothing can be forecast or compared.
    """
    evaluation = Evaluation.from_arguments(job.arguments)
    with installation.database.reading() as session:
        sensor = session.get(Sensor, job.sensor_id)
        if sensor is None:
            raise NotFound("The sensor to forecast has been deleted.")
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        result = _evaluate(installation, session, sensor, evaluation, requester)
    with installation.database.transaction() as session:
        complete(session, job, result, now=installation.now())
    return result


def _evaluate(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    evaluation: Evaluation,
    requester: User | None,
) -> dict[str, Any]:
    names = [evaluation.forecaster, installation.settings["FMHOST_FALLBACK_FORECASTER"]]
    runs = []
    for number, name in enumerate(names):
        if number and not name:
            continue
        choice = choose_forecaster(installation, sensor, name)
        config = divide(choice, sensor, {} if number else evaluation.config)
        runs.append(
            ForecastRun(session, choice, sensor, requester, config, probabilistic=not number)
        )
    columns = [_Column(run) for run in runs]
    looks = evaluation.viewpoints
    for number, moment in enumerate(looks):
        report_progress(number / len(looks), "computing")
        for column in columns:
            column.forecast_from(moment, sensor, evaluation.horizons)
    measured = _measured(session, sensor, evaluation)
    own, *baseline = [column.accuracies(measured) for column in columns]
    if not any(each.events for each in own):
        raise ComputationFailed(
            f"Of sensor {sensor.id} nothing could be both forecast and compared between "
            f"{evaluation.start.isoformat()} and {evaluation.end.isoformat()}.",
            hint="Evaluate a time of which there are measurements, with two days of them before.",
        )
    return {
        "forecaster": runs[0].choice.provenance.name,
        "baseline": runs[1].choice.provenance.name if baseline else None,
        "start": evaluation.start.isoformat(),
        "end": evaluation.end.isoformat(),
        "frequency": format_duration(evaluation.frequency),
        "unit": sensor.unit,
        "forecasts": len(looks),
        "fallbacks": columns[0].fallbacks,
        "mean": _mean(measured),
        "horizons": [
            {
                "horizon": format_duration(horizon),
                **_told(own[number]),
                "baseline": _told(baseline[0][number]) if baseline else None,
            }
            for number, horizon in enumerate(evaluation.horizons)
        ],
    }


class _Column:
    """What one forecaster says at each viewpoint of the events that count."""

    def __init__(self, run: ForecastRun) -> None:
        self._run = run
        self._rows: list[Floats] = []
        self._probabilities: Sequence[float] = (0.5,)
        self.fallbacks = 0

    def forecast_from(
        self, moment: datetime, sensor: Sensor, horizons: Sequence[timedelta]
    ) -> None:
        """Forecast as it would have been at that moment; nothing where that is impossible."""
        step = sensor.event_resolution
        places = [each // step - 1 for each in horizons]
        window = Viewpoint(moment, moment + horizons[-1], moment)
        try:
            outcome = self._run.outcome(window)
        except ComputationFailed:
            self._rows.append(np.full((len(horizons), 1), np.nan))
            return
        (result, *_) = [each for each in outcome.computed if each.sensor.id == sensor.id]
        self.fallbacks += "fallback" in outcome.info
        values = result.values.reshape(len(result.values), -1)
        if len(result.probabilities) > len(self._probabilities):
            self._probabilities = tuple(result.probabilities)
        self._rows.append(values[places])

    def accuracies(self, measured: Floats) -> list[Accuracy]:
        """By horizon; single values count where there are no quantiles."""
        width = len(self._probabilities)
        rows = np.stack(
            [
                row if row.shape[1] == width else np.repeat(row[:, :1], width, 1)
                for row in self._rows
            ]
        )
        return [
            accuracy(measured[:, number], rows[:, number], self._probabilities)
            for number in range(rows.shape[1])
        ]


def _measured(session: Session, sensor: Sensor, evaluation: Evaluation) -> Floats:
    """What is known today of each viewpoint's events, shape (viewpoints, horizons)."""
    step = sensor.event_resolution
    end = evaluation.end + evaluation.horizons[-1]
    known = series(
        session,
        sensor,
        evaluation.start,
        end,
        resolution=step,
        exclude_source_types=["forecaster", "scheduler"],
    ).values
    first = np.array([(each - evaluation.start) // step for each in evaluation.viewpoints])
    ahead = np.array([each // step - 1 for each in evaluation.horizons])
    return np.asarray(known[first[:, None] + ahead[None, :]])


def _mean(measured: Floats) -> float | None:
    known = measured[~np.isnan(measured)]
    return float(known.mean()) if len(known) else None


def _told(found: Accuracy) -> dict[str, Any]:
    return {**asdict(found), "accuracy": found.accuracy}
