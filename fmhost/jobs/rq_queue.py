"""The queue for many machines: Redis holds the ids of jobs, RQ workers run them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from fmhost.errors import InvalidInput, QueueNotReady
from fmhost.jobs.execute import execute

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

#: The installation and worker name of a worker process, set before its first job.
_worker: tuple[Installation, str] | None = None


def connect(installation: Installation, *, patience: float | None = None) -> Redis:
    """A client for the Redis that the settings name; ``FLEXMEASURES_REDIS_URL`` is its host or a
    complete ``redis://``, ``rediss://`` or ``unix://`` URL.

    :param patience: how long an answer may take [s], at the first and only try; default as long as
        it takes.
    """
    settings = installation.settings
    options: dict[str, Any] = {"socket_connect_timeout": 5}
    if patience is not None:
        once = Retry(NoBackoff(), 0)
        options = {"socket_timeout": patience, "socket_connect_timeout": patience, "retry": once}
    host = settings["FLEXMEASURES_REDIS_URL"]
    password = settings["FLEXMEASURES_REDIS_PASSWORD"]
    if "://" in host:
        return Redis.from_url(host, password=password, **options)
    return Redis(
        host=host,
        port=settings["FLEXMEASURES_REDIS_PORT"],
        db=settings["FLEXMEASURES_REDIS_DB_NR"],
        password=password,
        **options,
    )


def run_job(job_id: str) -> None:
    """What RQ calls in a worker. How the job ended stands in the job's own row."""
    if _worker is None:
        raise RuntimeError("Jobs run in a worker that `fmhost jobs run-worker` started.")
    installation, name = _worker
    if not execute(installation, job_id, name):
        logger.info("Job %s was not there to be claimed", job_id)


class RqQueue:
    """Puts job ids into Redis and runs them in workers; nothing is pickled."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._connection = connect(installation)
        installation.on_close(self._connection.close)

    def enqueue(self, job_id: str, queue: str) -> None:
        """Have a worker run the job.

        :raises QueueNotReady: where Redis cannot be reached.
        """
        settings = self._installation.settings
        timeouts = settings["FLEXMEASURES_JOB_TIMEOUT"]
        try:
            Queue(queue, connection=self._connection, serializer=JSONSerializer).enqueue_call(
                f"{__name__}.{run_job.__name__}",
                args=(job_id,),
                job_id=job_id,
                timeout=timeouts.get(queue, settings["FLEXMEASURES_DEFAULT_JOB_TIMEOUT"]),
                ttl=int(settings["FLEXMEASURES_JOB_TTL"].total_seconds()),
                result_ttl=0,
            )
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def serves(self, queue: str) -> bool:
        """Whether a worker listens to this queue.

        :raises QueueNotReady: where Redis cannot be reached.
        """
        try:
            listened = Queue(queue, connection=self._connection, serializer=JSONSerializer)
            return bool(Worker.all(queue=listened, serializer=JSONSerializer))
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def check(self) -> None:
        """:raises QueueNotReady: where Redis cannot be reached."""
        try:
            self._connection.ping()
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def work(self, queues: Sequence[str], name: str, *, burst: bool = False) -> None:
        """Run jobs in this process, one at a time, until it is told to stop.

        Everything that a job needs is imported once; no process is forked per job.

        :raises InvalidInput: where a worker of that name runs already.
        :raises QueueNotReady: where Redis cannot be reached.
        """
        global _worker
        self.check()
        _worker = (self._installation, name)
        self._installation.host.registry.preload()
        worker = SimpleWorker(
            [
                Queue(queue, connection=self._connection, serializer=JSONSerializer)
                for queue in queues
            ],
            name=name,
            connection=self._connection,
            serializer=JSONSerializer,
        )
        try:
            worker.work(burst=burst, logging_level="WARNING")
        except ValueError as error:
            raise InvalidInput(
                f"The worker cannot start: {error}.", field="name", hint="Choose another name."
            ) from error
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def _not_ready(self, error: Exception) -> QueueNotReady:
        return QueueNotReady(
            f"The job queue in Redis cannot be reached: {error}.",
            hint="Start Redis, or correct FLEXMEASURES_REDIS_URL, _PORT and _PASSWORD; with "
            "FMHOST_QUEUE=inline jobs run in the server itself.",
        )
