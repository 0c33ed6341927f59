"""Job rows: written with the request, claimed by one worker, ended once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.errors import InfeasibleProblem
from fmhost.model import Job
from fmhost.model.database import Database
from fmhost.model.job import (
    claim,
    describe_error,
    fail,
    find_equal_job,
    finish,
    hash_arguments,
    request_job,
)
from fmhost.model.job_queue import (
    cancel,
    count_by_state,
    requeue,
    stop,
    waiting,
    wake_dependents,
    wake_scheduled,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_job(database: Database, **values: Any) -> str:
    given: dict[str, Any] = {"kind": "schedule", "queue": "scheduling", "arguments": {"sensor": 1}}
    with database.transaction() as session:
        return request_job(session, **{**given, "now": NOW, **values}).id


def state(database: Database, job_id: str) -> str:
    with database.reading() as session:
        return session.get_one(Job, job_id).state


def test_a_request_is_a_row(database: Database) -> None:
    job_id = new_job(database, priority=3, meta={"via": "CLI"}, provenance={"class": "S"})
    with database.reading() as session:
        job = session.get_one(Job, job_id)
        assert (job.kind, job.queue, job.state) == ("schedule", "scheduling", "queued")
        assert (job.arguments, job.meta) == ({"sensor": 1}, {"via": "CLI"})
        assert (job.priority, job.attempts, job.created_at) == (3, 0, NOW)
        assert job.provenance == {"class": "S"}
        assert (job.result, job.error, job.started_at, job.ended_at) == (None, None, None, None)
        assert len(job.id) == 36


def test_a_request_goes_with_its_transaction(database: Database) -> None:
    def request_and_give_up() -> None:
        with database.transaction() as session:
            request_job(session, kind="k", queue="q", arguments={})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        request_and_give_up()
    with database.reading() as session:
        assert count_by_state(session) == {}


def test_arguments_must_be_json(database: Database) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="not JSON compliant"):
        request_job(session, kind="k", queue="q", arguments={"x": float("inf")})


def test_a_claimed_job_is_started(database: Database) -> None:
    job_id = new_job(database)
    with database.transaction() as session:
        job = claim(session, job_id, "worker 1", now=NOW)
        assert job is not None
        assert (job.state, job.worker, job.attempts) == ("started", "worker 1", 1)
        assert (job.started_at, job.heartbeat_at) == (NOW, NOW)
    with database.transaction() as session:
        assert claim(session, job_id, "worker 2") is None
        assert claim(session, "unknown", "worker 2") is None


def test_of_many_threads_one_gets_the_job(database: Database) -> None:
    job_ids = [new_job(database) for _ in range(5)]
    together = threading.Barrier(4)
    claims: list[tuple[str, str] | BaseException] = []

    def work(worker: str) -> None:
        together.wait(timeout=30)
        try:
            for job_id in job_ids:
                with database.transaction() as session:
                    if claim(session, job_id, worker) is not None:
                        claims.append((job_id, worker))
        except BaseException as error:
            claims.append(error)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(one[0]) for one in claims if isinstance(one, tuple)) == sorted(job_ids)
    assert len(claims) == 5
    with database.reading() as session:
        for job_id, worker in claims:  # type: ignore[misc]
            job = session.get_one(Job, job_id)
            assert (job.worker, job.attempts) == (worker, 1)


@pytest.mark.parametrize("result", [{"num-beliefs": 8}, [1, 2], "text", 5, 0.5, True, None])
def test_a_finished_job_has_its_result(database: Database, result: Any) -> None:
    job_id = new_job(database)
    with database.transaction() as session:
        claim(session, job_id, "w")
        assert finish(session, job_id, result, provenance={"class": "S"}, now=NOW) is not None
    with database.transaction() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.result, job.ended_at) == ("finished", result, NOW)
        assert job.provenance == {"class": "S"}
        assert finish(session, job_id, "again") is None
        assert fail(session, job_id, RuntimeError()) is None


def test_a_failed_job_tells_why(database: Database) -> None:
    job_id = new_job(database)
    try:
        raise InfeasibleProblem("No way.", field="soc-targets", hint="Lower them.")
    except InfeasibleProblem as error:
        problem = error
    with database.transaction() as session:
        claim(session, job_id, "w")
        fail(session, job_id, problem, now=NOW)
    with database.reading() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "failed"
        assert job.error is not None
        told = {key: job.error[key] for key in ("type", "message", "hint", "field")}
        assert told == {
            "type": "InfeasibleProblem",
            "message": "No way.",
            "hint": "Lower them.",
            "field": "soc-targets",
        }
        assert "test_a_failed_job_tells_why" in job.error["traceback"]


def test_errors_that_are_not_ours_are_described_too() -> None:
    described = describe_error(ZeroDivisionError("by zero"))
    assert (described["type"], described["message"]) == ("ZeroDivisionError", "by zero")
    assert (described["hint"], described["field"]) == (None, None)


def test_a_stopped_job_does_not_take_a_result(database: Database) -> None:
    job_id = new_job(database)
    with database.transaction() as session:
        assert stop(session, job_id) is None  # it does not run yet
        claim(session, job_id, "w")
        assert stop(session, job_id, now=NOW) is not None
        assert finish(session, job_id, "late") is None
    assert state(database, job_id) == "stopped"


def test_a_job_that_waits_can_be_canceled(database: Database) -> None:
    for job_id in (
        new_job(database),
        new_job(database, scheduled_for=NOW + HOUR),
        new_job(database, depends_on_id=new_job(database)),
    ):
        with database.transaction() as session:
            assert cancel(session, job_id) is not None
            assert claim(session, job_id, "w") is None
        assert state(database, job_id) == "canceled"


def test_a_job_that_runs_cannot_be_canceled(database: Database) -> None:
    job_id = new_job(database)
    with database.transaction() as session:
        claim(session, job_id, "w")
        assert cancel(session, job_id) is None


def test_failed_jobs_can_be_queued_again(database: Database) -> None:
    job_id = new_job(database)
    with database.transaction() as session:
        assert requeue(session, job_id) is None  # it is queued already
        claim(session, job_id, "w")
        fail(session, job_id, RuntimeError("x"))
        job = requeue(session, job_id)
        assert job is not None
        assert (job.state, job.error, job.ended_at) == ("queued", None, None)
        again = claim(session, job_id, "w")
        assert again is not None
        assert again.attempts == 2


def test_scheduled_jobs_wait_for_their_time(database: Database) -> None:
    assert state(database, new_job(database, scheduled_for=NOW - HOUR)) == "queued"
    job_id = new_job(database, scheduled_for=NOW + HOUR)
    assert state(database, job_id) == "scheduled"
    with database.transaction() as session:
        assert wake_scheduled(session, NOW) == []
        assert [job.id for job in wake_scheduled(session, NOW + HOUR)] == [job_id]
    assert state(database, job_id) == "queued"


def test_deferred_jobs_wait_for_the_one_they_depend_on(database: Database) -> None:
    first = new_job(database)
    second = new_job(database, depends_on_id=first)
    third = new_job(database, depends_on_id=second)
    assert state(database, second) == "deferred"
    with database.transaction() as session:
        claim(session, first, "w")
        finish(session, first)
        assert [job.id for job in wake_dependents(session, first)] == [second]
    assert [state(database, job) for job in (second, third)] == ["queued", "deferred"]


def test_waiting_jobs_come_by_priority_and_age(database: Database) -> None:
    late = new_job(database, now=NOW + HOUR)
    early = new_job(database)
    urgent = new_job(database, priority=1, now=NOW + 2 * HOUR)
    other = new_job(database, queue="forecasting")
    with database.reading() as session:
        found = [job.id for job in waiting(session, ["scheduling"])]
        assert found == [urgent, early, late]
        assert [job.id for job in waiting(session, ["forecasting"])] == [other]
        assert len(waiting(session, ["scheduling", "forecasting"], limit=2)) == 2
        assert count_by_state(session) == {
            ("scheduling", "queued"): 3,
            ("forecasting", "queued"): 1,
        }


def test_equal_requests_are_found(database: Database) -> None:
    job_id = new_job(database, arguments={"a": 1, "b": [2]})
    equal: dict[str, Any] = {"kind": "schedule", "arguments": {"b": [2], "a": 1}}
    with database.transaction() as session:
        found = find_equal_job(session, **equal, since=NOW)
        assert found is not None
        assert found.id == job_id
        assert find_equal_job(session, **equal, since=NOW + HOUR) is None
        assert find_equal_job(session, **{**equal, "kind": "forecast"}, since=NOW) is None
        claim(session, job_id, "w")
        fail(session, job_id, RuntimeError())
        assert find_equal_job(session, **equal, since=NOW) is None
    assert hash_arguments("k", {"a": 1}) != hash_arguments("k", {"a": 2})
