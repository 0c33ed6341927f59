"""A schedule as a job in Redis, and the worker that computes it."""

from __future__ import annotations

from typing import Any

import pytest

WINDOW = ("--start", "2026-03-02T00:00+00:00", "--duration", "PT2H")
SCHEDULE = (
    *("add", "schedule", "for-storage", "--sensor", "2", "--consumption-price-sensor", "3"),
    *(*WINDOW, "--soc-at-start", "50%", "--as-job"),
)


@pytest.fixture
def queued(toy: Any, redis_url: str) -> Any:
    """The toy account with prices and with jobs in Redis."""
    path = toy.folder / "prices.csv"
    path.write_text("t,v\n2026-03-02T00:00Z,10\n2026-03-02T01:00Z,90\n")
    toy.ok("add", "beliefs", "--sensor", "3", "--source", "x", "--horizon", "0", path)
    toy.environment["FLEXMEASURES_REDIS_URL"] = redis_url
    return toy


def _stored(cli: Any) -> list[float | None]:
    values: list[float | None] = cli.json("show", "beliefs", "--sensor", "2", *WINDOW)[0]["values"]
    return values


def test_a_worker_computes_what_was_asked_for(queued: Any) -> None:
    queued.ok(*SCHEDULE)
    assert _stored(queued) == [None] * 8
    assert "Queue scheduling has 1 jobs" in queued.ok("jobs", "show-queues")
    printed = queued.ok("jobs", "run-worker", "--queue", "forecasting|scheduling", "--burst")
    assert printed.startswith('Worker "fm-worker-')
    assert "processing 2 queue(s): forecasting, scheduling." in printed
    assert None not in _stored(queued)
    assert queued.json("jobs", "show-queues")["scheduling"] == {"finished": 1}


def test_a_cleared_job_is_left_alone_by_the_worker(queued: Any) -> None:
    queued.ok(*SCHEDULE)
    assert "Cleared 1 jobs" in queued.ok("jobs", "clear-queue", "--queue", "scheduling")
    queued.ok("jobs", "run-worker", "--queue", "scheduling", "--name", "only", "--burst")
    assert _stored(queued) == [None] * 8
    assert queued.json("jobs", "show-queues")["scheduling"] == {"canceled": 1}


def test_a_queue_that_cannot_be_reached_is_named_and_its_jobs_are_kept(queued: Any) -> None:
    queued.environment["FLEXMEASURES_REDIS_URL"] = "redis://127.0.0.1:1/0"
    assert "is on record, and runs once the queue is back." in queued.ok(*SCHEDULE)
    assert queued.json("jobs", "show-queues")["scheduling"] == {"queued": 1}
    assert "cannot be reached" in queued.refused("jobs", "run-worker", "--queue", "scheduling")
