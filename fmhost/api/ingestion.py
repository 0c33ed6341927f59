"""Whether posted data are stored by a job, and the answer then."""

from __future__ import annotations

from typing import Any

from flask import url_for

from fmhost.api.messages import ACCEPTED
from fmhost.api.unit_of_work import current_installation, unit_of_work
from fmhost.jobs.dispatch import dispatch, is_served
from fmhost.model import Job, Sensor
from fmhost.services.client_versions import legacy_responses
from fmhost.services.ingestion import QUEUE

#: Where to look at what has been stored.
AFTERWARDS = (
    "sensor_data.get_data",
    "sensor_records.fetch_statistics",
    "sensor_records.fetch_status",
    "sensor_records.delete_sensor_data",
)


def is_queued(sensor: Sensor) -> bool:
    """Whether a job stores data of the sensor: its clients know of that, and somebody runs it."""
    installation = current_installation()
    if legacy_responses(installation.settings, sensor.generic_asset):
        return False
    return is_served(installation, QUEUE)


def accepted(job: Job) -> tuple[dict[str, Any], int]:
    """Have the job run once it is committed, and say where to ask for it."""
    installation, job_id = current_installation(), job.id
    unit_of_work().after_commit(lambda: dispatch(installation, job_id))
    return {**ACCEPTED, "job": job_id, "job-url": url_for("jobs.fetch_job", uuid=job_id)}, 202
