"""``fmhost jobs``: what waits, and how to clear it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fmhost.model.job import claim, fail, request_job


def _request(database: Any, number: int, queue: str = "scheduling", **options: Any) -> str:
    with database.transaction() as session:
        job = request_job(
            session, kind="schedule", queue=queue, arguments={"number": number}, **options
        )
        job_id: str = job.id
    return job_id


def _fail(database: Any, job_id: str) -> None:
    with database.transaction() as session:
        claim(session, job_id, "a worker")
        fail(session, job_id, ValueError("no luck"))


def test_queues_are_counted(cli: Any, database: Any) -> None:
    _request(database, 1)
    _request(database, 2, scheduled_for=datetime(2999, 1, 1, tzinfo=UTC))
    _fail(database, _request(database, 3))
    _request(database, 4, "forecasting")
    assert cli.ok("jobs", "show-queues").splitlines() == [
        "Queue forecasting has 1 jobs (and 0 jobs have failed).",
        "Queue scheduling has 2 jobs (and 1 jobs have failed).",
        "Queue ingestion has 0 jobs (and 0 jobs have failed).",
        "Queue reporting has 0 jobs (and 0 jobs have failed).",
    ]
    assert cli.json("jobs", "show-queues") == {
        "forecasting": {"queued": 1},
        "scheduling": {"failed": 1, "queued": 1, "scheduled": 1},
        "ingestion": {},
        "reporting": {},
    }


def test_clearing_takes_what_waits_and_keeps_the_record(cli: Any, database: Any) -> None:
    _request(database, 1)
    _request(database, 2)
    _fail(database, _request(database, 3))
    _request(database, 4, "forecasting")
    assert cli.ok("jobs", "clear-queue", "--queue", "scheduling").splitlines() == [
        "Cleared 2 jobs from scheduling.",
        "No jobs left.",
    ]
    assert cli.json("jobs", "show-queues") == {
        "forecasting": {"queued": 1},
        "scheduling": {"failed": 1, "canceled": 2},
        "ingestion": {},
        "reporting": {},
    }
    cleared = cli.ok("jobs", "clear-queue", "--queue", "forecasting|scheduling", "--failed")
    assert "Cleared 1 failed jobs from scheduling." in cleared
    assert "failed" not in cli.json("jobs", "show-queues")["scheduling"]


def test_an_embedded_queue_needs_no_worker(cli: Any) -> None:
    refused = cli.refused("jobs", "run-worker", "--queue", "scheduling|forecasting")
    assert "FMHOST_QUEUE" in refused
