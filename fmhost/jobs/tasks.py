"""What each kind of job does: the service that is called with the job's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fmhost.services import (
    evaluations,
    fallbacks,
    forecasts,
    ingestion,
    reports,
    rolling_arguments,
    rolling_forecasts,
    schedules,
)

if TYPE_CHECKING:
    from fmhost.model import Job
    from fmhost.services.installation import Installation

#: Runs the job and returns its result as a JSON object; raises where the job fails.
Task = Callable[["Installation", "Job"], Mapping[str, Any]]

TASKS: Mapping[str, Task] = {
    schedules.KIND: schedules.run,
    forecasts.KIND: forecasts.run,
    rolling_arguments.KIND: rolling_forecasts.run,
    evaluations.KIND: evaluations.run,
    ingestion.KIND: ingestion.run,
    reports.KIND: reports.run,
}

#: Asks for the job that takes over from one that failed with an error; the id of it, if any.
FollowUp = Callable[["Installation", "Job", Exception], str | None]

FOLLOW_UPS: Mapping[str, FollowUp] = {schedules.KIND: fallbacks.request_fallback}
