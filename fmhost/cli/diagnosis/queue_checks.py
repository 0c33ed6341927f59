"""The queue of jobs: Redis answers, and somebody runs the jobs."""

from __future__ import annotations

from collections.abc import Iterator

from fmhost.cli.diagnosis.findings import Finding, Patient
from fmhost.jobs.dispatch import queue_of
from fmhost.jobs.queues import QUEUES


def check_queue(patient: Patient) -> Iterator[Finding]:
    """Redis can be reached, where jobs go through it."""
    if patient.queue_trouble is not None:
        yield Finding.of("queue", patient.queue_trouble)


def check_workers(patient: Patient) -> Iterator[Finding]:
    """A worker listens to each queue."""
    if patient.settings.queue != "rq" or patient.queue_trouble is not None:
        return
    driver = queue_of(patient.installation)
    lonely = [name for name in QUEUES if not driver.serves(name)]
    if lonely:
        yield Finding(
            "workers",
            f"No worker listens to {'these queues' if len(lonely) > 1 else 'this queue'}: "
            f"{', '.join(lonely)}.",
            f"Run `fmhost jobs run-worker --queue '{'|'.join(lonely)}'`, as a service.",
        )
