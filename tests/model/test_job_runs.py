"""Runs of jobs: who is first in line; a run that does not count any more changes nothing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.errors import JobLost
from fmhost.model import Job, JobProgress
from fmhost.model.database import Database
from fmhost.model.job import request_job
from fmhost.model.job_progress import note_progress
from fmhost.model.job_queue import (
    first_of,
    queued_ids,
    requeue,
    retries,
    stop,
    wake,
    wake_scheduled,
)
from fmhost.model.job_runs import (
    beat,
    claim_next,
    complete,
    fail_run,
    give_back,
    hold,
    retry_later,
    running,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_job(database: Database, **values: Any) -> str:
    given: dict[str, Any] = {"kind": "schedule", "queue": "scheduling", "arguments": {"sensor": 1}}
    with database.transaction() as session:
        return request_job(session, **{**given, "now": NOW, **values}).id


def start(database: Database, worker: str = "w") -> Job:
    with database.transaction() as session:
        job = claim_next(session, "scheduling", worker, now=NOW)
    assert job is not None
    return job


def row(database: Database, job_id: str) -> Job:
    with database.reading() as session:
        return session.get_one(Job, job_id)


def test_the_most_urgent_is_first_then_the_oldest(database: Database) -> None:
    late = new_job(database, now=NOW + HOUR)
    early = new_job(database)
    urgent = new_job(database, priority=5, now=NOW + 2 * HOUR)
    minor = new_job(database, priority=-1, now=NOW - HOUR)
    new_job(database, queue="forecasting", priority=9)
    with database.reading() as session:
        assert queued_ids(session, "scheduling", 10) == [urgent, early, late, minor]
        assert first_of(session, [late, minor]) == late
        assert first_of(session, ["unknown"]) is None
    assert [start(database).id for _ in range(4)] == [urgent, early, late, minor]
    with database.transaction() as session:
        assert claim_next(session, "scheduling", "w", now=NOW) is None


def test_many_workers_share_the_jobs_without_waiting(database: Database) -> None:
    job_ids = {new_job(database, priority=number % 3) for number in range(30)}
    together = threading.Barrier(4)
    claimed: list[str] = []

    def work(worker: str) -> None:
        together.wait(timeout=30)
        while True:
            with database.transaction() as session:
                job = claim_next(session, "scheduling", worker, now=NOW)
            if job is None:
                return
            claimed.append(job.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 30
    assert set(claimed) == job_ids


def test_a_run_that_does_not_count_any_more_changes_nothing(database: Database) -> None:
    job_id = new_job(database)
    first = start(database, "first")
    with database.transaction() as session:
        give_back(session, first)
    second = start(database, "second")
    assert (second.id, second.attempts) == (job_id, 2)

    with database.transaction() as session:
        assert not beat(session, first, now=NOW + HOUR)
        assert fail_run(session, first, ValueError("late"), now=NOW) is None
        assert retry_later(session, first, ValueError("late"), at=NOW, now=NOW) is None
        assert give_back(session, first) is None
        for late in (lambda: complete(session, first, {}, now=NOW), lambda: hold(session, first)):
            with pytest.raises(JobLost):
                late()
    job = row(database, job_id)
    assert (job.state, job.worker, job.heartbeat_at) == ("started", "second", NOW)

    with database.transaction() as session:
        hold(session, second)
        complete(session, second, {"done": 1}, now=NOW + HOUR)
    job = row(database, job_id)
    assert (job.state, job.result, job.ended_at) == ("finished", {"done": 1}, NOW + HOUR)


def test_a_stopped_job_that_is_queued_again_does_not_count_its_first_run(
    database: Database,
) -> None:
    job_id = new_job(database)
    first = start(database)
    with database.transaction() as session:
        stop(session, job_id, now=NOW)
        assert requeue(session, job_id) is not None
    second = start(database)
    with database.transaction() as session, pytest.raises(JobLost):
        complete(session, first, "of the first", now=NOW)
    assert second.attempts == 2


def test_a_retry_waits_for_its_time_and_says_why(database: Database) -> None:
    job_id = new_job(database)
    job = start(database)
    with database.transaction() as session:
        retry_later(session, job, ConnectionError("no answer"), at=NOW + HOUR, now=NOW)
        assert [each.id for each in retries(session)] == [job_id]
        assert wake_scheduled(session, NOW) == []
    waiting = row(database, job_id)
    assert (waiting.state, waiting.scheduled_for) == ("scheduled", NOW + HOUR)
    assert waiting.error is not None
    assert waiting.error["message"] == "no answer"
    with database.transaction() as session:
        assert wake(session, []) == []
        assert [each.id for each in wake(session, [job_id])] == [job_id]
    again = start(database)
    assert (again.attempts, again.error) == (2, None)


def test_running_jobs_are_those_of_everybody_or_of_one_worker(database: Database) -> None:
    for worker in ("a", "b"):
        new_job(database)
        start(database, worker)
    new_job(database)
    with database.reading() as session:
        assert {job.worker for job in running(session)} == {"a", "b"}
        assert [job.worker for job in running(session, "a")] == ["a"]


def test_progress_is_kept_within_its_bounds_and_goes_with_the_job(database: Database) -> None:
    job_id = new_job(database)
    with database.transaction() as session:
        note_progress(session, job_id, 0.5, "half", now=NOW)
    with database.transaction() as session:
        note_progress(session, job_id, 7.0, "x" * 300, now=NOW)
    with database.transaction() as session:
        progress = session.get_one(JobProgress, job_id)
        assert (progress.fraction, progress.note) == (1.0, "x" * 200)
        session.delete(session.get_one(Job, job_id))
    with database.reading() as session:
        assert session.get(JobProgress, job_id) is None
