"""What is recorded about an asset: how fresh its data are, its jobs, and who did what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import render_template, request

from fmhost.plugin import (
    Asset,
    InvalidInput,
    Job,
    JobProgress,
    Sensor,
    asset_status,
    histories,
    job_records,
    job_states,
    listing,
    time_zone,
    web,
)
from fmhost_ui.blueprint import blueprint
from fmhost_ui.wording import clock, length

#: So many jobs, and events on a page, are listed.
_MOST_JOBS: Final = 50
_PER_PAGE: Final = 25

_ORDERS: Final = ("event_datetime", "event", "active_user_name")

_KIND_OF_STATE = {"finished": "good", "failed": "bad", "stopped": "bad", "started": "warn"}


@dataclass(frozen=True, slots=True)
class Light:
    """The data of one type of source on a sensor.

    :param stale: whether they are too old; None where that cannot be told.
    """

    sensor: Sensor
    relation: str
    resolution: str
    source_type: str
    stale: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it is listed; `progress` is a share from 0 to 1, or None."""

    job: Job
    when: str
    about: Sensor | Asset | None
    is_about_sensor: bool
    badge: str
    reason: str
    progress: float | None
    note: str
    metadata: str


@blueprint.get("/assets/<id>/status")
@web.login_required
def asset_status_page(id: str) -> str:
    """Whether the data of an asset are up to date, and its latest jobs."""
    asset = web.load_asset(id)
    lights, complaint = _lights(asset)
    jobs = job_records.jobs_about(web.installation(), web.session(), asset)
    pending = [job for job in jobs[:_MOST_JOBS] if job_states.is_pending(job)]
    progress = job_records.progress_of_all(web.session(), pending)
    return render_template(
        "ui/asset_status.html",
        asset=asset,
        tabs=dict(web.tabs(asset, "status")),
        lights=lights,
        complaint=complaint,
        stale=sum(bool(each.stale) for each in lights),
        jobs=[_row(job, asset, progress.get(job.id)) for job in jobs[:_MOST_JOBS]],
        more=max(len(jobs) - _MOST_JOBS, 0),
    )


def _lights(asset: Asset) -> tuple[list[Light], str]:
    """The lights, or else why there are none."""
    try:
        found = asset_status.asset_status(
            web.session(), web.user(), asset, web.installation().now()
        )
    except InvalidInput as error:
        return [], str(error)
    lights = [
        Light(
            each.sensor,
            "; ".join(each.relations),
            length(each.sensor.event_resolution),
            status.source_type or "",
            status.stale,
            status.reason,
        )
        for each in found
        for status in each.statuses
    ]
    return lights, ""


def _row(job: Job, asset: Asset, progress: JobProgress | None) -> JobRow:
    about = job_records.entity_of(job)
    return JobRow(
        job=job,
        when=_told(job.created_at, asset),
        about=about,
        is_about_sensor=isinstance(about, Sensor),
        badge=_KIND_OF_STATE.get(job.state, "note"),
        reason=job_states.reason(job) or "",
        progress=None if progress is None else progress.fraction,
        note="" if progress is None else progress.note or "",
        metadata=job_records.metadata_of(job),
    )


def _told(moment: datetime, asset: Asset) -> str:
    zone = time_zone(asset.common_timezone or web.installation().settings["FLEXMEASURES_TIMEZONE"])
    return clock(moment.astimezone(zone), web.installation().now())


@blueprint.get("/assets/<id>/auditlog")
@web.login_required
def asset_auditlog(id: str) -> str:
    """What was done to an asset and its sensors; search, order and page by the query."""
    asset = web.load_asset(id)
    page = max(request.args.get("page", 1, type=int), 1)
    sort_by = request.args.get("sort", _ORDERS[0])
    wanted = listing.Listing(
        page=page,
        per_page=_PER_PAGE,
        terms=request.args.get("q", "").split(),
        sort_by=sort_by if sort_by in _ORDERS else _ORDERS[0],
        descending=request.args.get("dir", "desc") == "desc",
    )
    found = histories.of_asset(web.session(), asset, wanted)
    pages = max(-(-(found.filtered or 0) // _PER_PAGE), 1)
    return render_template(
        "ui/asset_auditlog.html",
        asset=asset,
        tabs=dict(web.tabs(asset, "auditlog")),
        events=[(_told(each.event_datetime, asset), each) for each in found.entries],
        found=found,
        listing=wanted,
        pages=pages,
        query=request.args.get("q", ""),
        columns=_columns(wanted),
    )


def _columns(wanted: listing.Listing) -> Sequence[tuple[str, str, str, str]]:
    """Key, title, the direction that a click sorts in, and what readers of screens are told."""
    columns = []
    for key, title in zip(_ORDERS, ("When", "What", "Who"), strict=True):
        is_sorted = key == wanted.sort_by
        told = ("descending" if wanted.descending else "ascending") if is_sorted else "none"
        columns.append((key, title, "asc" if is_sorted and wanted.descending else "desc", told))
    return columns
