"""What the options of ``fmhost add forecasts`` ask for, and how it is carried out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from fmhost.plugin import (
    Installation,
    InvalidInput,
    Job,
    Sensor,
    current_installation,
    dispatch,
    forecasts,
    format_duration,
    rolling_forecasts,
    sensors,
    sources,
    time_zone,
)
from fmhost_cli.add.scheduling import run_here

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ForecastRequest:
    """The options of the command.

    :param parameters: arguments of :func:`fmhost.plugin.forecasts.trigger`, as far as given.
    :param horizons: for forecasts at fixed horizons; empty with `rolling` for the usual ones.
    """

    sensor_ids: Sequence[int]
    parameters: Mapping[str, Any]
    config: Mapping[str, Any] = field(default_factory=dict)
    horizons: Sequence[timedelta] = ()
    rolling: bool = False
    resolution: timedelta | None = None

    def jobs(self, installation: Installation, session: Any) -> list[Job]:
        """Write the jobs down, for all sensors or for none.

        :raises InvalidInput: naming the field.
        """
        asked = [sensors.get_sensor(session, each) for each in self.sensor_ids]
        return [job for sensor in asked for job in self._jobs_of(installation, session, sensor)]

    def _jobs_of(self, installation: Installation, session: Any, sensor: Sensor) -> list[Job]:
        if self.resolution not in (None, sensor.event_resolution):
            raise InvalidInput(
                f"Sensor {sensor.id} has a resolution of {sensor.event_resolution}, and so have "
                "its forecasts.",
                field="resolution",
                hint="Leave --resolution out.",
            )
        if not (self.horizons or self.rolling):
            return [
                forecasts.trigger(
                    installation, session, sensor=sensor, config=self.config, **self.parameters
                )
            ]
        start, end = (_moment(self.parameters.get(name), sensor, name) for name in ("start", "end"))
        allowed = ("forecaster", "probabilistic", "sensor_to_save")
        unknown = sorted(self.parameters.keys() - {"start", "end", *allowed})
        if unknown:
            name = unknown[0].replace("_", "-")
            raise InvalidInput(
                f"--{name} does not go with fixed horizons.",
                field=name,
                hint="Leave it out, or leave --horizon and --rolling out.",
            )
        return rolling_forecasts.request_rolling(
            installation,
            session,
            sensor=sensor,
            start=start,
            end=end,
            horizons=self.horizons or None,
            config=self.config,
            **{name: self.parameters[name] for name in allowed if name in self.parameters},
        )


def _moment(given: datetime | date | None, sensor: Sensor, name: str) -> datetime:
    """The moment; of a date its begin, or that of the day after where it is the end."""
    if given is None:
        raise InvalidInput(
            "Forecasts at fixed horizons need a start and an end.",
            field=name,
            hint="Give --from-date and --to-date.",
        )
    if isinstance(given, datetime):
        return given
    day = given + timedelta(days=1) if name == "end" else given
    return datetime.combine(day, datetime.min.time(), tzinfo=time_zone(sensor.timezone))


def forecaster_of(source_id: int) -> str:
    """Name of the forecaster whose results are those of a data source.

    :raises InvalidInput: where it is no forecaster's.
    """
    with current_installation().database.reading() as session:
        (source,) = sources.list_sources(session, source_id)
    if source.type != "forecaster" or not source.model:
        raise InvalidInput(f"Source {source_id} is not that of a forecaster.", field="source")
    return source.model


def edited(given: dict[str, Any]) -> dict[str, Any]:
    """A JSON object after the user changed it in an editor.

    :raises InvalidInput: where it is none any more.
    """
    text = click.edit(json.dumps(given, indent=2), extension=".json")
    try:
        found = given if text is None else json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"Please check your JSON: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidInput("It should be a JSON object, in braces.")
    return found


def fulfil(request: ForecastRequest, *, as_job: bool, file: Path | None = None) -> None:
    """Compute and store the forecasts, or queue the jobs.

    :param file: a CSV file to write as well.
    :raises InvalidInput: naming the field.
    :raises ComputationFailed: where there is no forecast.
    """
    installation = current_installation()
    with installation.database.transaction() as session:
        jobs = request.jobs(installation, session)
    if as_job:
        for job in jobs:
            dispatch(installation, job.id)
        click.secho(f"{len(jobs)} new forecasting job(s) added to the queue.", fg="green")
        return
    for job in jobs:
        result = run_here(installation, job).result or {}
        horizon = (job.arguments or {}).get("horizon") if job.kind != "forecast" else None
        ahead = "" if horizon is None else f", {format_duration(timedelta(seconds=horizon))} ahead"
        click.echo(f"Sensor {job.sensor_id}{ahead}: {result['num-beliefs']} new beliefs.")
        told = result.get("forecaster_info", {})
        for note in (*told.get("assumed", ()), told.get("fallback")):
            if note:
                click.secho(f"  {note}", fg="yellow")
    click.secho("New forecasts are stored.", fg="green")
    if file is not None:
        _write(installation, file, [job.id for job in jobs])
        click.echo(f"Written to {file}.")


def _write(installation: Installation, file: Path, job_ids: Sequence[str]) -> None:
    """Write the values that jobs stored, one a line.

    :raises InvalidInput: where the file cannot be written.
    """
    try:
        with file.open("w", newline="", encoding="utf-8") as opened:
            table = csv.writer(opened, lineterminator="\n")
            table.writerow(["sensor", "event_start", "belief_time", "value", "unit"])
            with installation.database.reading() as session:
                for job_id in job_ids:
                    table.writerows(_rows(session, session.get_one(Job, job_id)))
    except OSError as error:
        raise InvalidInput(
            f"The file {file} cannot be written: {error.strerror}.", field="output-path"
        ) from error


def _rows(session: Any, job: Job) -> Iterator[list[Any]]:
    saved = job.arguments.get("sensor_to_save")
    assert job.sensor_id is not None  # a forecast is about one
    sensor = sensors.get_sensor(session, saved or job.sensor_id)
    zone = time_zone(sensor.timezone)
    for each in forecasts.stored_values(session, job, sensor):
        moments = (each.event_start, each.belief_time)
        yield [
            sensor.id,
            *(moment.astimezone(zone).isoformat() for moment in moments),
            each.value,
            sensor.unit,
        ]
