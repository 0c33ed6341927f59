"""Why a schedule is as it is, to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template

from fmhost.plugin import Asset, Job, NotFound, Sensor, explanations, job_records, time_zone, web
from fmhost_ui.blueprint import blueprint
from fmhost_ui.explained import explained


@blueprint.get("/tasks/<id>/explanation")
@web.login_required
def task_explanation(id: str) -> str:
    """What a job says of its schedule: costs, reasons, limits, breaches, what was assumed."""
    job = job_records.find_job(web.session(), web.user(), id)
    if job is None:
        raise NotFound("There is no such job.")
    about = job_records.entity_of(job)
    return render_template(
        "ui/explanation.html",
        job=job,
        about=about,
        is_about_sensor=isinstance(about, Sensor),
        zone=_zone(about),
        parts=explained(_told(job), time_zone(_zone(about)), web.installation().now()),
        has_failed=_has_failed(job),
    )


def _told(job: Job) -> Mapping[str, Any]:
    """What the job says; nothing before its end, or where its scheduler does not say why."""
    try:
        return explanations.explanation_of(web.installation(), job)
    except NotFound:
        return {}


def _has_failed(job: Job) -> bool:
    return bool(job.error)


def _zone(about: Sensor | Asset | None) -> str:
    """On whose clock times are told: that of the sensor or asset."""
    found = about.timezone if isinstance(about, Sensor) else about and about.common_timezone
    configured: str = web.installation().settings["FLEXMEASURES_TIMEZONE"]
    return found or configured
