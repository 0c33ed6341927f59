"""Why a schedule is as it is: what its scheduler said, kept with the job; and questions on it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain.flexibility import Alternative, Scheduler
from fmhost.errors import FmhostError, InvalidInput, NotFound
from fmhost.model import Asset, Job, JobState, Sensor, User
from fmhost.services import fallbacks
from fmhost.services.installation import Installation
from fmhost.services.reading import StoreReader
from fmhost.services.schedule_requests import Request, prepare
from fmhost.services.selection import by_name
from fmhost.services.sequences import turns_of

logger = logging.getLogger("fmhost.host")

#: Under which key of its `meta` a job has the explanations of its schedules.
META = "explanations"
#: Under which key it, and the explanation of its failure, have the id of its fallback.
FALLBACK = fallbacks.META


def entry(name: str, scheduler: Scheduler) -> dict[str, Any]:
    """What is kept of one computation.

    :param name: under which the scheduler is registered.
    """
    explanation = scheduler.explanation
    return {"scheduler": name, "explanation": None if explanation is None else dict(explanation)}


def keep(session: Session, job: Job, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write the explanations of a job's computations to its row."""
    if any(each["explanation"] is not None for each in entries):
        row = session.get_one(Job, job.id)
        row.meta = {**row.meta, META: [dict(each) for each in entries]}


def explanation_of(installation: Installation, job: Job) -> dict[str, Any]:
    """Why the schedule is as it is; or, where the job failed, what its error says to programs.

    Where devices were scheduled one after another, there is a ``sequence`` of explanations.

    :raises NotFound: where the job has no explanation.
    """
    if job.state == JobState.FAILED and (job.error or {}).get("details"):
        instead = job.meta.get(FALLBACK)
        details = dict((job.error or {})["details"])
        return details if instead is None else {**details, FALLBACK: instead}
    told = [_described(installation, each) for each in job.meta.get(META, ())]
    if not told:
        raise NotFound(f"Job {job.id} has no explanation.")
    return told[0] if len(told) == 1 else {"sequence": told}


def _described(installation: Installation, kept: Mapping[str, Any]) -> dict[str, Any]:
    """As the scheduler describes it; as it was kept where the scheduler is gone, or has become
    another one that does not understand it any more.
    """
    name, explanation = kept["scheduler"], kept["explanation"]
    if explanation is not None:
        try:
            driver: type[Scheduler] = by_name(installation, "scheduler", name).driver
            explanation = driver.describe_explanation(explanation)
        except FmhostError:
            pass
        except Exception:  # whatever a plugin does
            logger.exception("The scheduler %s cannot describe what it said.", name)
    return {"scheduler": name, **(explanation or {})}


def why_not(
    installation: Installation, session: Session, job: Job, alternative: Alternative
) -> Mapping[str, Any]:
    """What it would cost, or take, to have a device run otherwise than a finished job says.

    The scheduler computes once more, with what was known when the job was asked for.

    :raises InvalidInput: naming the field of the question that makes no sense.
    :raises NotFound: where there is no schedule.
    """
    if job.state != JobState.FINISHED:
        raise NotFound(f"Job {job.id} has no schedule that could be compared.")
    target: Sensor | Asset | None = job.sensor or job.asset
    if target is None:
        raise NotFound("The sensor or asset of the schedule has been deleted.")
    requester = session.get(User, job.requester_user_id) if job.requester_user_id else None
    request = Request.from_arguments(job.arguments)
    reader = StoreReader(session, requester, request.prior or job.created_at)
    refusal: InvalidInput | None = None
    for turn in turns_of(reader, target, request):
        _, scheduler = prepare(
            installation, session, turn.target, turn.request, requester, job.created_at
        )
        try:
            return {"scheduler": type(scheduler).__name__, **scheduler.why_not(alternative)}
        except InvalidInput as error:
            if error.field != "device":
                raise
            refusal = error
    raise refusal or NotFound(f"Job {job.id} has no devices.")
