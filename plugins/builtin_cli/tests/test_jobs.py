"""``fmhost jobs``: what waits, and how to clear it."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from fmhost.model.job import claim, fail, finish, request_job
from fmhost.model.job_progress import note_progress


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


def test_failed_jobs_are_queued_again_by_id_or_queue(cli: Any, database: Any) -> None:
    first, second = _request(database, 1), _request(database, 2)
    for job_id in (first, second):
        _fail(database, job_id)
    assert "Queued 1 jobs again." in cli.ok("jobs", "requeue", "--job", first)
    refused = cli.refused("jobs", "requeue", "--job", "unknown")
    assert "There is no job unknown." in refused
    assert "Name jobs with --job" in cli.refused("jobs", "requeue")
    again = cli.ok("jobs", "requeue", "--queue", "scheduling|forecasting")
    assert "jobs again." in again


def test_jobs_that_wait_are_taken_back(cli: Any, database: Any) -> None:
    waiting = _request(database, 1)
    assert f"Job {waiting} has been taken back." in cli.ok("jobs", "cancel", "--job", waiting)
    assert "it is canceled" in cli.refused("jobs", "cancel", "--job", waiting)
    running = _request(database, 2)
    with database.transaction() as session:
        claim(session, running, "a worker")
    assert f"Job {running} is stopped." in cli.ok("jobs", "cancel", "--job", running)


def test_a_queue_is_deleted_but_for_what_runs(cli: Any, database: Any) -> None:
    _fail(database, _request(database, 1))
    _request(database, 2)
    with database.transaction() as session:
        claim(session, _running(session), "a worker")
    arguments = ("jobs", "delete-queue", "--queue", "scheduling")
    assert cli(*arguments, stdin="n\n").exit_code == 1
    printed = cli.ok(*arguments, stdin="y\n")
    assert "Deleted 2 jobs of scheduling." in printed
    assert "1 jobs are running, and stay." in printed
    assert cli.json("jobs", "show-queues")["scheduling"] == {"started": 1}


def _running(session: Any) -> str:
    job_id: str = request_job(session, kind="schedule", queue="scheduling", arguments={"n": 9}).id
    return job_id


def test_a_job_is_inspected(cli: Any, database: Any) -> None:
    job_id = _request(database, 1)
    _fail(database, job_id)
    with database.transaction() as session:
        note_progress(session, job_id, 0.5, "half", now=datetime(2026, 1, 1, tzinfo=UTC))
    known = cli.json("jobs", "inspect-job", "--job", job_id)
    assert (known["state"], known["progress"], known["progress_note"]) == ("failed", 0.5, "half")
    assert known["arguments"] == {"number": 1}
    printed = cli.ok("jobs", "inspect-job", "--job", job_id)
    assert "Scheduling job failed with ValueError: no luck" in printed
    assert "There is no job" in cli.refused("jobs", "inspect-job", "--job", "unknown")


def test_the_last_jobs_are_saved(cli: Any, database: Any) -> None:
    for number in range(3):
        _fail(database, _request(database, number))
    file = cli.folder / "failed.csv"
    assert "Saved the last 2 failed jobs" in cli.ok("jobs", "save-last", "--n", "2", "--file", file)
    header, *rows = list(csv.reader(file.read_text().splitlines()))
    jobs = [dict(zip(header, row, strict=True)) for row in rows]
    assert [json.loads(job["arguments"])["number"] for job in jobs] == [2, 1]
    assert json.loads(jobs[0]["error"])["message"] == "no luck"
    none = cli.ok("jobs", "save-last", "--registry", "stopped", "--file", file)
    assert none == "There are no stopped jobs in the queue scheduling.\n"


def test_statistics_tell_how_long_jobs_took(cli: Any, database: Any) -> None:
    now = datetime.now(UTC)
    job_id = _request(database, 1, now=now - timedelta(seconds=50))
    with database.transaction() as session:
        claim(session, job_id, "w", now=now - timedelta(seconds=40))
        finish(session, job_id, {}, now=now - timedelta(seconds=10))
    _request(database, 2, now=now - timedelta(minutes=90))
    stats = {row["queue"]: row for row in cli.json("jobs", "stats")}["scheduling"]
    assert (stats["requested"], stats["finished"], stats["failed"]) == (1, 1, 0)
    assert (stats["waited"], stats["ran"]) == ("PT10S", "PT30S")
    printed = cli.ok("jobs", "stats", "--window", "120")
    assert "scheduling   2          1         0       10.0 s  30.0 s  30.0 s   540" in printed


def test_a_failed_job_is_run_here_again(cli: Any, database: Any) -> None:
    job_id = _request(database, 1)
    refused = cli.refused("jobs", "run-job", "--job", job_id)
    assert refused
    assert cli.json("jobs", "inspect-job", "--job", job_id)["attempts"] == 1
    assert cli.refused("jobs", "run-job", "--job", job_id)
    assert cli.json("jobs", "inspect-job", "--job", job_id)["attempts"] == 2
