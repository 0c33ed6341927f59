"""Data that are posted now and stored by a job: for sites where a request must not wait for that.

What is wrong with them, as far as it can be told without reading files or the store, is told at
once. The time of their reception, which belief times follow from, is that of the request. What the
job did is committed together with its end, so that a job that is run again does nothing twice.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from fmhost.beliefs.uploads import require_convertible
from fmhost.domain.durations import format_duration, format_span, parse_duration
from fmhost.domain.messages import PostType
from fmhost.errors import NotFound
from fmhost.model import Job, Sensor, User
from fmhost.model.contention import transact
from fmhost.model.job import request_job
from fmhost.model.job_runs import complete
from fmhost.services.ingest import Ingested, Posting, announce, check, ingest
from fmhost.services.installation import Installation
from fmhost.services.uploads import Meaning, Upload, take_in

KIND: Final = "ingestion"
QUEUE: Final = "ingestion"

#: Under which keys of a job's arguments there is what was posted; it goes once it is stored.
_CONTENT: Final = ("posting", "files")


def request_posting(
    installation: Installation, session: Session, sensor: Sensor, posting: Posting, user: User
) -> Job:
    """Have a job store what `user` posts. The caller commits, and then dispatches the job.

    :raises UnitMismatch: as :func:`fmhost.services.ingest.ingest` does; InvalidInput likewise.
    """
    check(installation, sensor, posting)
    return _request(installation, session, sensor, user, {"posting": _as_json(posting)})


def request_upload(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    uploads: Sequence[Upload],
    meaning: Meaning,
    user: User,
) -> Job:
    """Have a job store the beliefs of files. The caller commits, and then dispatches the job.

    :raises UnitMismatch: where the unit does not convert to the sensor's.
    """
    require_convertible(sensor, meaning.unit)
    files = [
        {
            "filename": upload.filename,
            "mimetype": upload.mimetype,
            "content": base64.b64encode(zlib.compress(upload.content)).decode("ascii"),
        }
        for upload in uploads
    ]
    arguments = {
        "files": files,
        "unit": meaning.unit,
        "measured_instantly": meaning.measured_instantly,
    }
    return _request(installation, session, sensor, user, arguments)


def run(installation: Installation, job: Job) -> dict[str, Any]:
    """Store what `job` brings; the task of the job.

    :return: ``num-beliefs``, the number of beliefs that were stored or replaced; and
        ``num-unchanged``, that of those which say nothing new.
    :raises UnreadableFile: naming file, row, column and reason.
    :raises ReplacementNotAllowed: where a belief is stored with another value already.
    :raises NotFound: where the sensor or the user is gone.
    """
    ingested, result = transact(
        installation.database, lambda session: _store(installation, session, job)
    )
    if ingested is not None:
        announce(installation, ingested)
    return result


def _request(
    installation: Installation,
    session: Session,
    sensor: Sensor,
    user: User,
    arguments: Mapping[str, Any],
) -> Job:
    now = installation.now()
    return request_job(
        session,
        kind=KIND,
        queue=QUEUE,
        arguments={**arguments, "received": now.isoformat()},
        requester_user_id=user.id,
        sensor_id=sensor.id,
        asset_id=sensor.generic_asset_id,
        now=now,
    )


def _store(
    installation: Installation, session: Session, run: Job
) -> tuple[Ingested | None, dict[str, Any]]:
    """What was stored, and the result; the first None where an earlier run has stored it.

    :param run: the job as it was claimed.
    """
    job = session.get_one(Job, run.id)
    if job.result is not None:
        return None, dict(job.result)
    sensor, user = _entities(session, job)
    received = datetime.fromisoformat(job.arguments["received"])
    if "posting" in job.arguments:
        posting = _from_json(job.arguments["posting"])
        ingested = ingest(installation, session, sensor, posting, user, now=received)
    else:
        ingested = take_in(
            installation,
            session,
            sensor,
            [_file(each) for each in job.arguments["files"]],
            Meaning(job.arguments["unit"], job.arguments["measured_instantly"]),
            user,
            now=received,
        )
    saved = ingested.saved
    job.result = {
        "num-beliefs": saved.stored + saved.replaced,
        "num-unchanged": saved.unchanged,
    }
    job.arguments = {name: value for name, value in job.arguments.items() if name not in _CONTENT}
    result = dict(job.result)
    session.flush()
    complete(session, run, result, now=installation.now())
    return ingested, result


def _entities(session: Session, job: Job) -> tuple[Sensor, User]:
    sensor = session.get(Sensor, job.sensor_id) if job.sensor_id else None
    user = session.get(User, job.requester_user_id) if job.requester_user_id else None
    if sensor is None or user is None:
        gone = "sensor that the data are about" if sensor is None else "user who posted the data"
        raise NotFound(f"The {gone} has been deleted.")
    return sensor, user


def _as_json(posting: Posting) -> dict[str, Any]:
    values: list[float | None] = posting.values.tolist()
    for position in np.flatnonzero(np.isnan(posting.values)).tolist():
        values[position] = None
    return {
        "values": values,
        "start": posting.start.isoformat(),
        "duration": format_span(posting.duration),
        "unit": posting.unit,
        "prior": None if posting.prior is None else posting.prior.isoformat(),
        "horizon": None if posting.horizon is None else format_duration(posting.horizon),
        "kind": posting.kind.value,
    }


def _from_json(stored: Mapping[str, Any]) -> Posting:
    posting = Posting(
        values=np.array(stored["values"], dtype=np.float64),
        start=datetime.fromisoformat(stored["start"]),
        duration=parse_duration(stored["duration"]),
        unit=stored["unit"],
        kind=PostType(stored["kind"]),
    )
    if stored["prior"] is not None:
        posting = replace(posting, prior=datetime.fromisoformat(stored["prior"]))
    if stored["horizon"] is not None:
        posting = replace(posting, horizon=parse_duration(stored["horizon"]).fixed())
    return posting


def _file(stored: Mapping[str, Any]) -> Upload:
    content = zlib.decompress(base64.b64decode(stored["content"]))
    return Upload(stored["filename"], stored["mimetype"], content)
