"""What the steward finds: dead workers, jobs whose time has come, and what Redis has lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis

from fmhost.jobs.dispatch import dispatch, queue_of, use_queue
from fmhost.jobs.execute import execute_next
from fmhost.jobs.steward import Steward, recover_from
from fmhost.model import Job, JobState
from fmhost.model.job_runs import beat, claim_next, retry_later
from fmhost.testing.access.waiting import WaitingQueue


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def queue(work: Any) -> WaitingQueue:
    """The jobs are told to this queue, and wait in it."""
    waiting = WaitingQueue(work.installation)
    use_queue(work.installation, waiting)
    return waiting


@pytest.fixture
def steward(work: Any, queue: Any, stopwatch: Stopwatch) -> Any:
    made = Steward(work.installation, stopwatch)
    yield made
    made.stop()


def start(work: Any, worker: str = "w") -> Job:
    with work.installation.database.transaction() as session:
        job = claim_next(session, "scheduling", worker, now=work.installation.now())
    assert job is not None
    return job


def test_the_job_of_a_silent_worker_goes_to_another_one(
    work: Any, steward: Any, stopwatch: Stopwatch, queue: Any
) -> None:
    silent, alive = work.request(), work.request()
    start(work, "silent")
    other = start(work, "alive")
    for step in range(8):
        stopwatch.seconds = 5.0 * step
        with work.installation.database.transaction() as session:
            beat(session, other, now=work.installation.now() + timedelta(seconds=step))
        assert steward.tick()
        assert work.state(silent) == ("started" if step < 6 else "queued")
    assert work.state(alive) == JobState.STARTED
    assert queue.waiting == [silent]


def test_clocks_that_jump_take_no_job_away(
    work: Any, steward: Any, stopwatch: Stopwatch, clock: Any
) -> None:
    job_id = work.request()
    start(work)
    for days in (1, -3, 400):
        clock.advance(timedelta(days=days))
        stopwatch.seconds += 9
        steward.tick()
        assert work.state(job_id) == JobState.STARTED


def test_a_job_that_kills_its_workers_fails_at_last(work: Any, queue: Any) -> None:
    job_id = work.request()
    for _ in range(2):  # two attempts are allowed
        start(work, "w@host:1")
        recover_from(work.installation, "w@host:1", "The worker died.")
    job = work.row(job_id)
    assert (job.state, job.error["type"]) == (JobState.FAILED, "WorkerDied")
    assert "started 2 times" in job.error["message"]


def test_jobs_wait_for_their_time_and_no_longer(
    work: Any, steward: Any, clock: Any, queue: Any
) -> None:
    job_id = work.request(scheduled_for=clock() + timedelta(hours=1))
    steward.tick()
    assert work.state(job_id) == JobState.SCHEDULED
    clock.advance(timedelta(hours=1))
    steward.tick()
    assert (work.state(job_id), queue.waiting) == (JobState.QUEUED, [job_id])


def test_a_clock_that_is_put_back_delays_no_retry(
    work: Any, steward: Any, clock: Any, stopwatch: Stopwatch
) -> None:
    job_id = work.request()
    job = start(work)
    with work.installation.database.transaction() as session:
        at = clock() + timedelta(days=1)
        retry_later(session, job, ConnectionError("x"), at=at, now=clock())
    steward.tick()
    stopwatch.seconds = 9
    steward.tick()
    assert work.state(job_id) == JobState.SCHEDULED
    stopwatch.seconds = 11
    steward.tick()
    assert work.state(job_id) == JobState.QUEUED


def test_one_steward_is_elected(open_installation: Any) -> None:
    first, second = Steward(open_installation()), Steward(open_installation())
    try:
        assert first.tick()
        assert not second.tick()
        first.stop()
        assert second.tick()
    finally:
        second.stop()


def test_redis_is_told_again_of_what_it_lost_and_of_that_alone(
    open_installation: Any, work: Any, redis_url: str
) -> None:
    installation = work.installation = open_installation(
        FMHOST_QUEUE="rq", FLEXMEASURES_REDIS_URL=redis_url
    )
    job_ids = [work.request() for _ in range(3)]
    for job_id in job_ids:
        dispatch(installation, job_id)
    steward = Steward(installation)
    with redis.Redis.from_url(redis_url) as connection:
        for _ in range(3):
            steward.tick()
        assert connection.llen("rq:queue:scheduling") == 3
        connection.flushall()
        steward.tick()
        assert connection.llen("rq:queue:scheduling") == 3
    steward.stop()
    queue_of(installation).work(["scheduling"], "worker", burst=True)
    assert [work.state(job_id) for job_id in job_ids] == [JobState.FINISHED] * 3


def test_a_call_runs_the_most_urgent_job(open_installation: Any, work: Any, redis_url: str) -> None:
    installation = work.installation = open_installation(
        FMHOST_QUEUE="rq", FLEXMEASURES_REDIS_URL=redis_url
    )
    order = []
    work.task = lambda _, job: order.append(job.arguments["name"]) or {}
    for name, priority in (("a", 0), ("b", 0), ("urgent", 7), ("minor", -1)):
        dispatch(installation, work.request(arguments={"name": name}, priority=priority))
    queue_of(installation).work(["scheduling"], "worker", burst=True)
    assert order == ["urgent", "a", "b", "minor"]
    assert not execute_next(installation, "scheduling", "w")
