"""``/metrics``: figures for Prometheus, where the settings name who may ask."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator

from flask import Flask, Response, abort, g, request
from sqlalchemy.exc import SQLAlchemyError

from fmhost import __version__
from fmhost.errors import FmhostError, NotAuthenticated, QueueNotReady
from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.queues import QUEUES
from fmhost.model import JobState
from fmhost.model.job_queue import count_by_state
from fmhost.services.installation import Installation
from fmhost.services.job_figures import oldest_waiting
from fmhost.settings import Settings
from fmhost.telemetry.figures import REQUEST_SECONDS, REQUESTS
from fmhost.telemetry.metrics import are_kept
from fmhost.telemetry.metrics.exposition import CONTENT_TYPE, Family, collected, rendered
from fmhost.telemetry.metrics.guests import has_guests, is_guest
from fmhost.telemetry.metrics.instruments import metrics_folder

logger = logging.getLogger("fmhost.requests")

PATH = "/metrics"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def tell_metrics(app: Flask, installation: Installation) -> None:
    """Count the requests, and add the page that tells of it; neither where nobody may ask.

    Call it first: Flask ends a request in the opposite order.
    """
    settings = installation.settings
    if not has_guests(settings):
        return
    app.after_request(_count)

    @app.get(PATH)
    def metrics() -> Response:
        _require_guest(settings)
        families = [*collected(metrics_folder(settings)), *_present(installation)]
        return Response(rendered(families), content_type=CONTENT_TYPE)


def _count(response: Response) -> Response:
    if are_kept():
        rule = request.url_rule
        route = "(none)" if rule is None else rule.rule
        method = request.method if request.method in _METHODS else "(other)"
        REQUESTS.add(1, route, method, str(response.status_code))
        began = g.get("request_began")
        if began is not None:
            REQUEST_SECONDS.observe(time.perf_counter() - began, route, method)
    return response


def _require_guest(settings: Settings) -> None:
    """See that who asks is one of those whom the settings name.

    :raises NotAuthenticated: where a token is needed, and another or none was sent.
    """
    if is_guest(settings, request.remote_addr, request.headers.get("Authorization")):
        return
    if not settings["FMHOST_METRICS_TOKEN"]:
        abort(404)
    raise NotAuthenticated("The figures need the token of FMHOST_METRICS_TOKEN.")


def _present(installation: Installation) -> Iterator[Family]:
    """What is not counted but found out when somebody asks."""
    yield Family("fmhost_info", "gauge", "The version that runs.").put(1, version=__version__)
    yield _plugins(installation)
    reachable = Family("fmhost_database_up", "gauge", "Whether the database can be read.")
    try:
        jobs = list(_jobs(installation))
    except (FmhostError, SQLAlchemyError) as error:
        logger.error("The jobs cannot be counted: %s", error)
        jobs = []
    yield reachable.put(float(bool(jobs)))
    yield from jobs
    yield _served(installation)


def _jobs(installation: Installation) -> Iterator[Family]:
    with installation.database.reading() as session:
        counts = count_by_state(session)
        ages = oldest_waiting(session, installation.now())
    standing = Family("fmhost_jobs", "gauge", "Jobs on record, by queue and state.")
    oldest = Family(
        "fmhost_jobs_oldest_queued_seconds",
        "gauge",
        "How long the job has waited that waits longest [s]; 0 where none waits.",
    )
    for queue in QUEUES:
        for state in JobState:
            standing.put(counts.get((queue, state.value), 0), queue=queue, state=state.value)
        oldest.put(ages.get(queue, 0.0), queue=queue)
    yield standing
    yield oldest


def _served(installation: Installation) -> Family:
    family = Family("fmhost_queue_served", "gauge", "Whether somebody runs the jobs of the queue.")
    for queue in QUEUES:
        try:
            served = queue_of(installation).serves(queue)
        except QueueNotReady:
            served = False
        family.put(float(served), queue=queue)
    return family


def _plugins(installation: Installation) -> Family:
    family = Family("fmhost_plugins", "gauge", "Plugins by status.")
    for status, count in Counter(str(each.status) for each in installation.host.records).items():
        family.put(count, status=status)
    return family
