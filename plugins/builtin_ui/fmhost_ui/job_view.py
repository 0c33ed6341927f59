"""A job as somebody watches it: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fmhost.plugin import Job, JobState, NotFound, explanations, job_records, job_states, web
from fmhost_ui.wording import clock, number, with_clock


@dataclass(frozen=True, slots=True)
class JobView:
    """What a page shows of a job.

    :param message: where it stands, and why it failed if it did.
    :param progress: a share from 0 to 1, where the job tells it; `note` is what it does.
    :param stored: how many beliefs it stored.
    :param fallback: id of the job that takes the place of one that failed.
    :param is_explained: whether a page tells more about it.
    :param conflict: what cannot hold together, `repair` the smallest change that helps, and
        `notes` what else to know; in sentences.
    """

    id: str
    state: str
    message: str
    is_pending: bool
    has_failed: bool
    progress: float | None = None
    note: str = ""
    stored: int | None = None
    fallback: str = ""
    conflict: Sequence[str] = field(default=())
    repair: Sequence[str] = field(default=())
    notes: Sequence[str] = field(default=())
    is_explained: bool = False


def find_job(job_id: str, zone: ZoneInfo) -> JobView | None:
    """The job of that id, as far as the user may know of it.

    :param zone: on whose clock moments are told.
    """
    job = job_records.find_job(web.session(), web.user(), job_id) if job_id else None
    if job is None:
        return None
    progress = job_records.progress_of(web.session(), job)
    told = _explained(job)
    now = web.installation().now()
    return JobView(
        id=job.id,
        state=job.state,
        message=job_states.describe(web.session(), job),
        is_pending=job_states.is_pending(job),
        has_failed=not job_states.is_pending(job) and job.state != JobState.FINISHED,
        progress=None if progress is None else progress.fraction,
        note="" if progress is None else progress.note or "",
        stored=(job_records.result_of(job) or {}).get("num-beliefs"),
        is_explained=bool(told),
        fallback=str(told.get(explanations.FALLBACK) or ""),
        conflict=[_limit(each, zone, now) for each in told.get("conflict", ())],
        repair=[
            f"{_limit(each, zone, now)}: {number(each['to'])} instead of {number(each['from'])} "
            f"{each['unit']}"
            for each in told.get("repair", ())
        ],
        notes=[
            with_clock(str(each), zone, now)
            for name in ("assumed", "stale", "warnings")
            for each in told.get(name, ())
        ],
    )


def _explained(job: Job) -> Mapping[str, Any]:
    if job_states.is_pending(job):
        return {}
    try:
        return explanations.explanation_of(web.installation(), job)
    except NotFound:
        return {}


def _limit(each: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """A limit of a scheduler's explanation, and from when to when it holds."""
    who = each.get("device") or "the site"
    value = f" of {number(each['value'])} {each['unit']}" if "value" in each else ""
    times = [
        clock(datetime.fromisoformat(each[name]).astimezone(zone), now)
        for name in ("start", "end")
        if each.get(name)
    ]
    when = f" at {times[0]}" if len(set(times)) == 1 else ""
    if len(set(times)) > 1:
        when = f" from {times[0]} to {times[1]}"
    return f"{each['field']}{value} of {who}{when}"
