"""Jobs whose tasks are made up by a test, and what the tests of jobs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fmhost.jobs.tasks import TASKS
from fmhost.model import Job
from fmhost.model.job import request_job

KIND = "made up by a test"


class Work:
    """Asks for jobs of a made-up kind, and knows what they do.

    :param task: what they do; gets the installation and the job.
    """

    def __init__(self, installation: Any) -> None:
        self.installation = installation
        self.task: Callable[[Any, Job], dict[str, Any]] = lambda installation, job: {"done": job.id}

    def request(self, **options: Any) -> str:
        """The id of a new job."""
        given: dict[str, Any] = {"kind": KIND, "queue": "scheduling", "arguments": {}}
        with self.installation.database.transaction() as session:
            return request_job(session, **{**given, "now": self.installation.now(), **options}).id

    def row(self, job_id: str) -> Job:
        """The job as it stands."""
        with self.installation.database.reading() as session:
            return session.get_one(Job, job_id)

    def state(self, job_id: str) -> str:
        """Where it stands."""
        return self.row(job_id).state


@pytest.fixture
def work(open_installation: Any, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Jobs of a kind that does what the test says; two attempts, and signs of life often."""
    made = Work(
        open_installation(FMHOST_QUEUE="inline", FMHOST_JOB_ATTEMPTS=2, FMHOST_JOB_HEARTBEAT=0.1)
    )
    tasks = {**TASKS, KIND: lambda installation, job: made.task(installation, job)}
    monkeypatch.setattr("fmhost.jobs.execute.TASKS", tasks)
    return made
