"""Hand a committed job to the queue of the installation."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from stevedore.driver import DriverManager
from stevedore.exception import NoMatches

from fmhost.errors import ConfigurationError, QueueNotReady
from fmhost.jobs.queues import DRIVERS, QueueDriver
from fmhost.model import job as job_rows

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

_drivers: WeakKeyDictionary[Installation, QueueDriver] = WeakKeyDictionary()


def _refuse(name: str, _manager: Any, _entry_point: Any, error: Exception) -> None:
    raise ConfigurationError(f"The queue driver '{name}' cannot be loaded: {error}.") from error


def queue_of(installation: Installation) -> QueueDriver:
    """The queue driver of the installation, made once per process.

    :raises ConfigurationError: where ``FMHOST_QUEUE`` names no driver.
    """
    driver = _drivers.get(installation)
    if driver is None:
        name = installation.settings.queue
        try:
            manager = DriverManager(
                DRIVERS,
                name,
                invoke_on_load=True,
                invoke_args=(installation,),
                on_load_failure_callback=partial(_refuse, name),
            )
        except NoMatches as error:
            raise ConfigurationError(
                f"There is no queue driver named '{name}'.",
                field="FMHOST_QUEUE",
                hint="Use 'inline' or 'rq', or install the plugin that brings it.",
            ) from error
        driver = _drivers[installation] = cast(QueueDriver, manager.driver)
    return driver


def use_queue(installation: Installation, driver: QueueDriver) -> None:
    """Have the jobs of an installation go to a driver, whatever its settings name."""
    _drivers[installation] = driver


def is_served(installation: Installation, queue: str) -> bool:
    """Whether somebody runs the jobs of a queue now; if not, the log says so."""
    try:
        if queue_of(installation).serves(queue):
            return True
    except QueueNotReady as error:
        logger.warning("%s", error)
    else:
        logger.warning("No worker listens to the queue '%s'.", queue)
    return False


def dispatch(installation: Installation, job_id: str) -> bool:
    """Have the job run. Call it after the transaction that asked for the job was committed.

    A job that is no longer queued (a repeated request for the same work) is left alone.

    :return: False where the queue cannot be reached now. The job is on record, and runs once the
        queue is back: see :class:`fmhost.jobs.steward.Steward`.
    """
    with installation.database.reading() as session:
        job = session.get(job_rows.Job, job_id)
        if job is None or job.state != job_rows.JobState.QUEUED:
            return True
        queue = job.queue
    try:
        queue_of(installation).enqueue(job_id, queue)
    except QueueNotReady as error:
        logger.warning("Job %s waits until the queue is back: %s", job_id, error)
        return False
    return True
