"""The job queues: how full they are, who works on them, and each job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fmhost.plugin import (
    QUEUES,
    FmhostError,
    Installation,
    InvalidInput,
    Job,
    JobState,
    NotFound,
    Sensor,
    check_access,
    dispatch,
    explanations,
    job_control,
    job_lists,
    job_records,
    job_states,
    queue_of,
    queues,
    web,
)
from fmhost_ui.blueprint import blueprint
from fmhost_ui.lists import shown
from fmhost_ui.site import sees_queues
from fmhost_ui.wording import elapsed

_COLUMNS: Final = {"created": "Requested", "kind": "Kind", "queue": "Queue", "state": "State"}

#: So many jobs of a queue are queued again at once.
_MOST_AGAIN: Final = 500

#: How badges of states look.
LOOKS: Final = {
    "finished": "good",
    "failed": "bad",
    "stopped": "bad",
    "started": "note",
    "canceled": "warn",
}

#: States that a job can be queued again from, and those in which it can be taken back.
_OVER: Final = (JobState.FAILED, JobState.STOPPED, JobState.CANCELED)
_PENDING: Final = tuple(job_states.PENDING)


@dataclass(frozen=True, slots=True)
class QueueCard:
    """A queue: how many jobs it has by state, and whether somebody works on it.

    :param trouble: why that cannot be told, if so.
    """

    name: str
    counts: dict[str, int]
    is_served: bool
    trouble: str = ""


@blueprint.get("/tasks/")
@web.login_required
def tasks() -> str:
    """The queues and their jobs; those of a queue and of a state, where the query says so."""
    _require(sees_queues(web.user()))
    wanted = shown(_COLUMNS, descending=True)
    queue, state = request.args.get("queue", ""), request.args.get("state", "")
    found = job_lists.list_jobs(
        web.session(),
        wanted.part,
        queue=queue if queue in QUEUES else None,
        states=(state,) if state in list(JobState) else (),
    )
    return render_template(
        "ui/tasks.html",
        queues=[_card(each) for each in queues.sizes(web.session(), QUEUES)],
        workers=sorted({job.worker for job in found.entries if _runs(job) and job.worker}),
        jobs=found.entries,
        list=wanted.of(found),
        progress=job_lists.progress_of(web.session(), found.entries),
        chosen={"queue": queue, "state": state},
        states=[str(each) for each in JobState],
        looks=LOOKS,
        took=_took,
        interval=web.installation().settings["RQ_DASHBOARD_POLL_INTERVAL"],
        may_requeue=web.reads_everything(),
    )


@blueprint.get("/tasks/<id>")
@web.login_required
def task(id: str) -> str:
    """A job with its arguments, its result, and why it failed if it did."""
    job = _find(id)
    error = dict(job.error or {})
    trace = error.pop("traceback", "") if web.reads_everything() else ""
    return render_template(
        "ui/task.html",
        job=job,
        about=job_records.entity_of(job),
        is_about_sensor=isinstance(job_records.entity_of(job), Sensor),
        told=job_states.describe(web.session(), job),
        look=LOOKS.get(job.state, "note"),
        progress=job_records.progress_of(web.session(), job),
        took=_took(job),
        arguments=_pretty(job.arguments),
        result=_pretty(job_records.result_of(job)),
        error={name: error[name] for name in ("message", "hint", "field") if error.get(name)},
        trace=trace,
        explanation=_explanation(job),
        interval=web.installation().settings["RQ_DASHBOARD_POLL_INTERVAL"],
        is_pending=job_states.is_pending(job),
        sees_queues=sees_queues(web.user()),
        may_requeue=web.reads_everything() and job.state in _OVER,
        may_cancel=web.user().has_role("admin") and job.state in _PENDING,
    )


@blueprint.post("/tasks/<id>/requeue")
@web.login_required
def requeue_task(id: str) -> Response:
    """Have a job run again."""
    _require(web.reads_everything())
    job = _find(id)
    try:
        again = job_control.queue_again(web.session(), job.id)
    except InvalidInput as error:
        flash(str(error), "error")
    else:
        web.after_commit(partial(dispatch, web.installation(), again.id))
        flash("The job waits to run again.", "success")
    return redirect(url_for("ui.task", id=job.id))


@blueprint.post("/tasks/requeue")
@web.login_required
def requeue_failed() -> Response:
    """Have the jobs of a queue that failed run again, the oldest first."""
    _require(web.reads_everything())
    queue = request.form.get("queue", "")
    if queue not in QUEUES:
        raise NotFound("There is no such queue.")
    again = job_control.queue_failed_again(web.session(), queue, at_most=_MOST_AGAIN)
    web.after_commit(partial(_dispatch_all, web.installation(), again))
    left = len(job_control.failed_jobs(web.session(), queue))
    more = f" {left} that failed are left for the next time." if left else ""
    jobs = "1 job waits" if len(again) == 1 else f"{len(again)} jobs wait"
    flash(f"{jobs} to run again.{more}", "success" if again else "info")
    return redirect(url_for("ui.tasks", queue=queue))


@blueprint.post("/tasks/<id>/cancel")
@web.login_required
def cancel_task(id: str) -> Response:
    """Take a job back, or stop it."""
    _require(web.user().has_role("admin"))
    job = _find(id)
    try:
        job_control.take_back(web.installation(), web.session(), job.id)
    except InvalidInput as error:
        flash(str(error), "error")
    else:
        flash("The job is taken back.", "success")
    return redirect(url_for("ui.task", id=job.id))


def _dispatch_all(installation: Installation, job_ids: Sequence[str]) -> None:
    for job_id in job_ids:
        dispatch(installation, job_id)


def _require(allowed: bool) -> None:
    """:raises NotAuthorized: where it is not allowed."""
    if not allowed:
        check_access(web.user(), None, "read")


def _find(job_id: str) -> Job:
    """The job, where the user may know of it."""
    job = job_records.find_job(web.session(), web.user(), job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


def _card(size: queues.QueueSize) -> QueueCard:
    counts = {str(state): number for state, number in size.jobs.items() if number}
    try:
        served = queue_of(web.installation()).serves(size.name)
    except FmhostError as error:
        return QueueCard(size.name, counts, is_served=False, trouble=web.told(error))
    return QueueCard(size.name, counts, served)


def _runs(job: Job) -> bool:
    return job.state == JobState.STARTED


def _took(job: Job) -> str:
    """How long a job ran, or runs by now."""
    if job.started_at is None:
        return ""
    ran = (job.ended_at or web.installation().now()) - job.started_at
    seconds = ran.total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else elapsed(ran)


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) if value else ""


def _explanation(job: Job) -> bool:
    """Whether the job can tell why its schedule is as it is."""
    if job_states.is_pending(job):
        return False
    try:
        return bool(explanations.explanation_of(web.installation(), job))
    except NotFound:
        return False
