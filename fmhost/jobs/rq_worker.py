"""A worker of RQ that takes what comes from Redis for a call, and the job from the database.

So the most urgent job of a queue runs first, whatever the order in Redis, and what Redis or RQ note
about a job decides nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq import worker_registration as registration
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import FmhostError
from fmhost.jobs.supervision import answer_nudges

logger = logging.getLogger("fmhost.jobs")

#: A worker that does not tell Redis for so long that it lives is not listed any more [s]; it tells
#: so about twice as often.
_LISTED_FOR = 30


class JobWorker(SimpleWorker):  # type: ignore[misc]  # rq is left out of type checking
    """Runs jobs in its own process, one after another.

    :param run: claims the job that is first in the queue of that name, and runs it.
    """

    def __init__(
        self,
        queues: Sequence[Queue],
        *,
        name: str,
        connection: Redis,
        run: Callable[[str], bool],
    ) -> None:
        super().__init__(queues, name=name, connection=connection, serializer=JSONSerializer)
        self.worker_ttl = _LISTED_FOR
        self._run = run
        self.was_told_to_stop = False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Answer the call: run whatever is first in line in that queue."""
        self.set_state(WorkerStatus.BUSY)
        with self.connection.pipeline() as pipeline:
            pipeline.delete(job.key)
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.execute()
        try:
            self._run(queue.name)
        except (FmhostError, SQLAlchemyError) as error:
            # It is still queued, or known as lost before long; either way it runs later.
            logger.error("A job of the queue %s could not be run: %s", queue.name, error)
        self.set_state(WorkerStatus.IDLE)

    def heartbeat(self, *arguments: Any, **options: Any) -> None:
        """Tell Redis that this worker lives; anew from the start where Redis has forgotten it."""
        super().heartbeat(*arguments, **options)
        listed = registration.REDIS_WORKER_KEYS
        if not self.connection.sismember(listed, self.key):
            with self.connection.pipeline() as pipeline:
                pipeline.hset(self.key, mapping=self.serialize())
                registration.register(self, pipeline)
                pipeline.execute()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the present job, then stop; at the second signal stop at once."""
        self.was_told_to_stop = True
        super().request_stop(signum, frame)

    def run_maintenance_tasks(self) -> None:
        """Nothing: no registry of RQ's is used, and what is lost is found in the database."""

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()
        answer_nudges()

    def teardown(self) -> None:
        """Tell Redis that this worker stops, where it can be told."""
        try:
            super().teardown()
        except (RedisError, OSError) as error:
            logger.warning("Redis could not be told that the worker %s stops: %s", self.name, error)
