"""The queue for many machines: Redis holds the ids of jobs, RQ workers run them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from fmhost.errors import InvalidInput, QueueNotReady
from fmhost.jobs.collection import collect_seldom
from fmhost.jobs.execute import execute_next, time_limit
from fmhost.jobs.keeper import Keeper, identify
from fmhost.jobs.metrics_port import tell_figures
from fmhost.jobs.rq_worker import JobWorker
from fmhost.jobs.steward import Steward, recover_from

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

#: Those to which a worker listens.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


def connect(installation: Installation, *, patience: float | None = None) -> Redis:
    """A client for the Redis that the settings name; ``FLEXMEASURES_REDIS_URL`` is its host or a
    complete ``redis://``, ``rediss://`` or ``unix://`` URL.

    :param patience: how long an answer may take [s], at the first and only try; default as long as
        it takes.
    """
    settings = installation.settings
    # The library would try ten times, for seconds; whoever waits is told sooner that it is gone.
    soon = Retry(ExponentialBackoff(cap=0.2, base=0.05), 2)
    options: dict[str, Any] = {"socket_connect_timeout": 5, "retry": soon}
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
    """What stands in Redis as the work to do; it is done by `fmhost jobs run-worker` alone.

    :raises RuntimeError: always: another worker of RQ has neither settings nor plugins.
    """
    raise RuntimeError(f"Job {job_id} runs in a worker that `fmhost jobs run-worker` started.")


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
        try:
            self._queue(queue).enqueue_call(
                f"{__name__}.{run_job.__name__}",
                args=(job_id,),
                job_id=job_id,
                timeout=time_limit(self._installation, queue),
                ttl=int(settings["FLEXMEASURES_JOB_TTL"].total_seconds()),
                result_ttl=0,
            )
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def restore(self, queue: str, job_ids: Sequence[str]) -> int:
        """Tell the workers again of jobs that Redis has lost, or was never told of.

        :raises QueueNotReady: where Redis cannot be reached.
        """
        try:
            known = self._queue(queue).get_job_ids()
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error
        # What stands there is a call for a worker, who then takes the job that is first in line.
        missing = [job_id for job_id in job_ids if job_id not in frozenset(known)]
        lost = missing[: max(0, len(job_ids) - len(known))]
        for job_id in lost:
            self.enqueue(job_id, queue)
        return len(lost)

    def attend(self) -> None:
        """Nothing: workers look after the jobs."""

    def serves(self, queue: str) -> bool:
        """Whether a worker listens to this queue.

        :raises QueueNotReady: where Redis cannot be reached.
        """
        try:
            return bool(Worker.all(queue=self._queue(queue), serializer=JSONSerializer))
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def check(self) -> None:
        """:raises QueueNotReady: where Redis cannot be reached."""
        try:
            self._connection.ping()
        except (RedisError, OSError) as error:
            raise self._not_ready(error) from error

    def work(
        self, queues: Sequence[str], name: str, *, burst: bool = False, steward: bool = True
    ) -> None:
        """Run jobs, one at a time, until told to stop; see :mod:`fmhost.jobs.keeper`.

        Everything that a job needs is imported once; no process is forked per job. With `burst`,
        the jobs run in this process, otherwise in one that is replaced should it die.

        :raises InvalidInput: where a worker of that name runs already.
        :raises QueueNotReady: where Redis cannot be reached.
        """
        self.check()
        self._installation.host.registry.preload()
        if burst:
            with _own_signals():
                self._serve(queues, name, burst=True)
            return
        self._require_free(name)
        keeper = Keeper(self._installation, name)
        self._connection.connection_pool.disconnect()
        keeper.keep(partial(self._serve_as_child, queues, name, keeper, steward))

    def _serve_as_child(
        self, queues: Sequence[str], name: str, keeper: Keeper, with_steward: bool
    ) -> None:
        collect_seldom()
        if keeper.predecessor is not None:
            recover_from(self._installation, keeper.predecessor, "The worker died.")
        steward = Steward(self._installation) if with_steward else None
        if steward is not None:
            steward.start()
        telling = tell_figures(self._installation.settings)
        try:
            self._serve(queues, name, again=True)
        finally:
            if telling is not None:
                telling.shutdown()
            if steward is not None:
                steward.stop()

    def _serve(
        self, queues: Sequence[str], name: str, *, burst: bool = False, again: bool = False
    ) -> None:
        """Run jobs in this process.

        :param again: whether a worker of that name may be listed in Redis: an earlier one of ours.
        """
        identity = identify(name)
        run = partial(execute_next, self._installation, worker=identity)
        served = [self._queue(queue) for queue in queues]
        waiting = 1.0
        while True:
            worker = JobWorker(served, name=name, connection=self._connection, run=run)
            try:
                if again:
                    self._connection.delete(worker.key)
                worker.work(burst=burst, logging_level="WARNING")
            except ValueError as error:
                raise _taken(name) from error
            except StopRequested:
                return
            except (RedisError, OSError) as error:
                if burst:
                    raise self._not_ready(error) from error
                logger.warning("%s", self._not_ready(error))
            if burst or worker.was_told_to_stop:
                return
            again = True
            with suppress(StopRequested):  # a signal, while there is nothing to interrupt
                time.sleep(waiting)
                waiting = min(2 * waiting, 10.0) if not self._answers() else 1.0
                continue
            return

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self._connection, serializer=JSONSerializer)

    def _require_free(self, name: str) -> None:
        """:raises InvalidInput: where a worker of that name runs, as far as can be told."""
        key = f"{Worker.redis_worker_namespace_prefix}{name}"
        known: list[Any] = self._connection.hmget(key, "hostname", "pid", "death")
        hostname, pid, death = (each and each.decode() for each in known)
        if not self._connection.exists(key) or death:
            return
        if hostname == socket.gethostname() and pid and not _runs(int(pid)):
            return
        raise _taken(name)

    def _answers(self) -> bool:
        try:
            self.check()
        except QueueNotReady:
            return False
        return True

    def _not_ready(self, error: Exception) -> QueueNotReady:
        return QueueNotReady(
            f"The job queue in Redis cannot be reached: {error}.",
            hint="Start Redis, or correct FLEXMEASURES_REDIS_URL, _PORT and _PASSWORD; with "
            "FMHOST_QUEUE=inline jobs run in the server itself.",
        )


@contextmanager
def _own_signals() -> Iterator[None]:
    """What signals do is, after the block, what it was before."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _taken(name: str) -> InvalidInput:
    return InvalidInput(
        f"The worker cannot start: a worker named '{name}' runs already, or died a moment ago.",
        field="name",
        hint="Choose another name, or wait for two minutes.",
    )


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
