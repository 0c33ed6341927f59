"""Ask for a report, and compute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain import units
from fmhost.domain.durations import format_duration
from fmhost.domain.reporting import ReportResult
from fmhost.errors import ComputationFailed, InvalidInput
from fmhost.model import Job, Source, User
from fmhost.model.job import request_job
from fmhost.model.job_runs import complete
from fmhost.services import results
from fmhost.services.installation import Installation
from fmhost.services.report_requests import DEFAULT_REPORTER, Prepared, Request, prepare

__all__ = ["DEFAULT_REPORTER", "KIND", "QUEUE", "compute", "reporter_of", "run", "trigger"]

#: Kind of the jobs that compute reports, and the queue on which they run.
KIND = "report"
QUEUE = "reporting"

_ZERO = timedelta(0)


def trigger(
    installation: Installation,
    session: Session,
    *,
    parameters: Mapping[str, Any],
    reporter: str = DEFAULT_REPORTER,
    config: Mapping[str, Any] | None = None,
    save_config: bool = False,
    requester: User | None = None,
) -> Job:
    """Check a request for a report and write down the job that will compute it.

    The caller commits, and then dispatches the job.

    :param parameters: JSON, see :class:`~fmhost.schemas.reports.ReportParametersSchema`: ``input``,
        ``output``, ``start``, ``end`` ... Without an end it is now; without a start, the report
        continues where the values of its first output end.
    :param reporter: its name.
    :param config: JSON, as the reporter's ``config_schema`` describes it.
    :param save_config: whether the data source of the results keeps the config.
    :param requester: on whose behalf; None for the operator.
    :raises InvalidInput: naming the field.
    """
    now = installation.now()
    request = Request(reporter, dict(config or {}), dict(parameters), save_config)
    prepared = prepare(installation, session, request, requester, now)
    task = prepared.reporter.task
    # The window that was checked is the one that is computed, however long the job waits.
    window = {"start": task.start.isoformat(), "end": task.end.isoformat()}
    first = task.outputs[0].sensor
    return request_job(
        session,
        kind=KIND,
        queue=QUEUE,
        arguments=replace(request, parameters={**parameters, **window}).as_arguments(),
        requester_user_id=requester.id if requester else None,
        sensor_id=first.id,
        asset_id=first.generic_asset_id,
        provenance=prepared.choice.provenance.as_dict(),
        now=now,
    )


def compute(
    installation: Installation,
    session: Session,
    *,
    parameters: Mapping[str, Any],
    reporter: str = DEFAULT_REPORTER,
    config: Mapping[str, Any] | None = None,
    requester: User | None = None,
) -> list[ReportResult]:
    """Compute a report without storing it; the keywords are those of :func:`trigger`.

    :raises InvalidInput: naming the field.
    :raises ComputationFailed: where there is no report.
    """
    request = Request(reporter, dict(config or {}), dict(parameters))
    return _computed(prepare(installation, session, request, requester, installation.now()))


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Compute and store the report that `job` asks for; the task of the job."""
    request = Request.from_arguments(job.arguments)
    with installation.database.reading() as session:
        requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
        prepared = prepare(installation, session, request, requester, job.created_at)
        computed = _computed(prepared)
    with installation.database.transaction() as session:
        source = results.source_of_reporter(
            installation, session, prepared.choice, request.config if request.save_config else None
        )
        stored = results.store_report(session, source, computed, prepared.believed)
        result = {
            "num-beliefs": stored,
            "source_id": source.id,
            "source_ids": [source.id],
            "outputs": [{"name": each.name, "sensor": each.sensor.id} for each in computed],
            "reporter_info": prepared.reporter.info,
        }
        complete(session, job, result, now=installation.now())
    installation.host.hooks.call("fmhost_report_computed", job=job, report=computed)
    return result


def reporter_of(session: Session, source_id: int) -> tuple[str, dict[str, Any]]:
    """Name and config of the reporter whose results are those of a data source.

    :raises InvalidInput: where it is no reporter's.
    """
    source = session.get(Source, source_id)
    if source is None or source.kind != "reporter" or not source.model:
        raise InvalidInput(f"Source {source_id} is not that of a reporter.", field="source")
    return source.model, dict(source.attributes.get("data_generator", {}).get("config", {}))


def _computed(prepared: Prepared) -> list[ReportResult]:
    """The results in the units of their sensors.

    :raises ComputationFailed: where a result is missing or does not fit its sensor.
    """
    task = prepared.reporter.task
    found = {result.name: result for result in prepared.reporter.compute()}
    missing = [each.name for each in task.outputs if each.name not in found]
    if missing:
        raise ComputationFailed(f"The report has no result '{missing[0]}'.")
    return [_fitting(found[each.name], prepared) for each in task.outputs]


def _fitting(result: ReportResult, prepared: Prepared) -> ReportResult:
    sensor, step = result.sensor, result.resolution
    wanted = sensor.event_resolution
    if prepared.check_resolution and wanted not in (_ZERO, step):
        raise ComputationFailed(
            f"The result '{result.name}' has a resolution of {format_duration(step)}, and sensor "
            f"{sensor.id} one of {format_duration(wanted)}.",
            hint="Give that as `resolution`, or have it resampled: `check_output_resolution: "
            "false`.",
        )
    values = units.convert(result.values, result.unit, sensor.unit, event_resolution=step)
    return replace(result, values=values, unit=sensor.unit)
