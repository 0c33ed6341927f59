"""``/api/v3_0/health/ready``: can this server do its work?"""

from __future__ import annotations

import logging

from fmhost.api.errors import told
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_installation
from fmhost.errors import FmhostError, QueueNotReady
from fmhost.host.health import HealthCheck
from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.queues import QUEUES
from fmhost.schemas.answers import HealthSchema
from fmhost.services.health import QUEUE, readiness
from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.requests")

health = Resource("health", __name__, url_prefix="/api/v3_0/health")


@health.operation("GET", "/ready", public=True, answers={200: HealthSchema, 503: HealthSchema})
def is_ready() -> Answer:
    """Check readiness, part by part."""
    installation = current_installation()
    found = readiness(installation, _check_queue(installation), tell=_tell)
    body: dict[str, object] = dict(found.parts)
    warnings = {**found.warnings, **_unserved(installation)}
    if warnings:
        body["warnings"] = warnings
    if found.ready:
        return body
    return {**body, "causes": dict(found.causes)}, 503


def _unserved(installation: Installation) -> dict[str, str]:
    """Queues whose jobs nobody runs now. Another server could not do more about that."""
    driver = queue_of(installation)
    try:
        idle = [queue for queue in QUEUES if not driver.serves(queue)]
    except QueueNotReady:
        return {}  # a cause, not a warning
    text = "No worker runs these jobs. Start one: fmhost jobs run-worker --queue {queue}"
    return {f"queue {queue}": text.format(queue=queue) for queue in idle}


def _check_queue(installation: Installation) -> list[HealthCheck]:
    """Whether Redis answers, where jobs go through it."""
    if installation.settings.queue != "rq":
        return []
    try:
        queue_of(installation).check()
    except QueueNotReady as error:
        return [HealthCheck(QUEUE, False, _tell(error))]
    return [HealthCheck(QUEUE, True)]


def _tell(error: FmhostError) -> str:
    """What everybody may know; the rest stands in the log."""
    logger.error("%s: %s", type(error).__name__, error)
    return told(error)
