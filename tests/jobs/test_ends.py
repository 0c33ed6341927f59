"""How jobs end: well, for good, for now, too late, from outside; and what that does to others."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from fmhost.errors import TemporaryFailure
from fmhost.jobs import supervision
from fmhost.jobs.dispatch import dispatch
from fmhost.jobs.execute import execute
from fmhost.jobs.retries import longest_pause, may_pass, pause
from fmhost.jobs.steward import Steward
from fmhost.model import JobProgress, JobState
from fmhost.model.job_queue import cancel, requeue, stop, wake
from fmhost.model.job_runs import complete
from fmhost.services import job_chains
from fmhost.services.progress import report_progress

LONG = 30.0


def fail_with(error: BaseException) -> Any:
    def task(installation: Any, job: Any) -> dict[str, Any]:
        raise error

    return task


def until_interrupted(*_: Any) -> dict[str, Any]:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        pass
    return {}


def test_a_failure_that_may_pass_is_tried_again_later(work: Any, clock: Any) -> None:
    job_id = work.request()
    work.task = fail_with(TemporaryFailure("The weather service does not answer."))
    execute(work.installation, job_id, "w")
    job = work.row(job_id)
    assert job.state == JobState.SCHEDULED
    assert job.error["type"] == "TemporaryFailure"
    wait = job.scheduled_for - clock()
    assert timedelta(seconds=6) < wait <= timedelta(seconds=10)

    clock.advance(wait)
    steward = Steward(work.installation)
    work.task = lambda *_: {"done": 1}
    steward.tick()
    steward.stop()
    work.installation.close()
    job = work.row(job_id)
    assert (job.state, job.attempts, job.result) == (JobState.FINISHED, 2, {"done": 1})


def test_the_last_attempt_is_the_last(work: Any) -> None:
    job_id = work.request()
    work.task = fail_with(ConnectionError("no answer"))
    for _ in range(2):
        with work.installation.database.transaction() as session:
            wake(session, [job_id])
        assert execute(work.installation, job_id, "w")
    job = work.row(job_id)
    assert (job.state, job.attempts, job.error["message"]) == ("failed", 2, "no answer")


def test_a_failure_that_stays_is_not_tried_again(work: Any) -> None:
    job_id = work.request()
    work.task = fail_with(ValueError("wrong"))
    execute(work.installation, job_id, "w")
    assert (work.state(job_id), may_pass(ValueError())) == (JobState.FAILED, False)


def test_pauses_double_up_to_an_hour(work: Any) -> None:
    settings = work.installation.settings
    assert [longest_pause(settings, n).total_seconds() for n in (1, 2, 3, 20)] == [10, 20, 40, 3600]
    assert all(2 / 3 * 20 <= pause(settings, 2).total_seconds() <= 20 for _ in range(100))


@pytest.mark.parametrize("sleeping", [False, True])
def test_a_job_that_takes_too_long_is_ended(
    open_installation: Any, work: Any, monkeypatch: pytest.MonkeyPatch, sleeping: bool
) -> None:
    """Also where it waits for something, in the main thread of a worker."""
    if sleeping:
        supervision.answer_nudges()
    work.installation = open_installation(FLEXMEASURES_JOB_TIMEOUT={"scheduling": 1})
    work.task = (lambda *_: time.sleep(LONG)) if sleeping else until_interrupted
    job_id = work.request()
    began = time.monotonic()
    execute(work.installation, job_id, "w")
    assert time.monotonic() - began < LONG / 2
    job = work.row(job_id)
    assert (job.state, job.error["type"]) == (JobState.FAILED, "JobTimeout")
    assert "FLEXMEASURES_JOB_TIMEOUT" in job.error["hint"]


def test_a_job_that_does_not_end_costs_the_embedded_queue_a_thread_only(
    open_installation: Any, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "GRACE", 0.1)
    installation = open_installation(
        FMHOST_QUEUE="inline", FLEXMEASURES_JOB_TIMEOUT={"scheduling": 1}
    )
    work.installation = installation
    release = threading.Event()
    threads = []

    def task(_: Any, job: Any) -> dict[str, Any]:
        if job.arguments.get("stuck"):
            threads.append(threading.current_thread())
            release.wait(LONG)  # not interrupted: no Python code runs
        return {}

    work.task = task
    stuck, other = work.request(arguments={"stuck": 1}, priority=1), work.request()
    for job_id in (stuck, other):
        assert dispatch(installation, job_id)
    end = time.monotonic() + LONG
    while work.state(other) != JobState.FINISHED and time.monotonic() < end:
        release.wait(0.05)
    assert work.state(other) == JobState.FINISHED
    assert work.row(stuck).error["type"] == "JobTimeout"
    release.set()
    threads[0].join()


def test_a_running_job_that_is_stopped_ends_and_stores_nothing(work: Any) -> None:
    started = threading.Event()

    def task(*_: Any) -> dict[str, Any]:
        started.set()
        return until_interrupted()

    work.task = task
    job_id = work.request()
    runner = threading.Thread(target=execute, args=(work.installation, job_id, "w"))
    runner.start()
    assert started.wait(LONG)
    with work.installation.database.transaction() as session:
        assert stop(session, job_id) is not None
    runner.join(LONG / 2)
    assert not runner.is_alive()
    assert (work.state(job_id), work.row(job_id).result) == (JobState.STOPPED, None)


def test_a_worker_that_has_to_go_gives_its_job_back(work: Any) -> None:
    job_id = work.request()
    work.task = fail_with(SystemExit())
    with pytest.raises(SystemExit):
        execute(work.installation, job_id, "w")
    assert (work.state(job_id), work.row(job_id).worker) == (JobState.QUEUED, None)


def test_what_a_task_stores_and_the_end_of_its_job_are_one(work: Any) -> None:
    def task(installation: Any, job: Any) -> dict[str, Any]:
        with installation.database.transaction() as session:
            complete(session, job, {"stored": 1}, now=installation.now())
        return {"told": "afterwards"}

    work.task = task
    job_id = work.request()
    execute(work.installation, job_id, "w")
    assert (work.state(job_id), work.row(job_id).result) == (JobState.FINISHED, {"stored": 1})


def test_a_task_that_has_stored_its_end_comes_to_its_end(work: Any) -> None:
    def task(installation: Any, job: Any) -> dict[str, Any]:
        if job.id == second:
            return {}
        with installation.database.transaction() as session:
            complete(session, job, {"stored": 1}, now=installation.now())
        # By now a sign of life is due, which finds that the job does not run any more.
        watch = [each for each in threading.enumerate() if each.name == "fmhost-job-watch"]
        for thread in watch:
            thread.join(LONG)
        came_through.append(len(watch))
        return {}

    came_through: list[int] = []
    work.task = task
    first = work.request()
    second = work.request(depends_on_id=first)
    execute(work.installation, first, "w")
    work.installation.close()  # it runs what was woken
    assert came_through == [1]
    assert [work.state(each) for each in (first, second)] == [JobState.FINISHED] * 2


def test_progress_is_written_down_while_the_job_runs(work: Any) -> None:
    seen = []

    def task(installation: Any, job: Any) -> dict[str, Any]:
        report_progress(0.25, "day 1 of 4")
        end = time.monotonic() + LONG
        while not seen and time.monotonic() < end:
            with installation.database.reading() as session:
                if progress := session.get(JobProgress, job.id):
                    seen.append((progress.fraction, progress.note))
        return {}

    work.task = task
    execute(work.installation, work.request(), "w")
    assert seen == [(0.25, "day 1 of 4")]
    report_progress(0.5)  # outside of a job: nobody listens


def test_dependents_run_when_their_job_is_through(work: Any) -> None:
    first = work.request()
    second = work.request(depends_on_id=first)
    third = work.request(depends_on_id=second)
    assert execute(work.installation, first, "w")
    work.installation.close()  # it runs what was woken, one after another
    assert [work.state(each) for each in (first, second, third)] == [JobState.FINISHED] * 3


@pytest.mark.parametrize("how", ["failed", "canceled", "deleted"])
def test_dependents_of_a_job_that_does_not_end_well_fail_with_it(work: Any, how: str) -> None:
    first = work.request()
    second = work.request(depends_on_id=first)
    third = work.request(depends_on_id=second)
    if how == "failed":
        work.task = fail_with(ValueError("x"))
        execute(work.installation, first, "w")
    else:
        with work.installation.database.transaction() as session:
            if how == "canceled":
                cancel(session, first)
            else:
                session.delete(session.get_one(type(work.row(first)), first))
        steward = Steward(work.installation)
        steward.tick()
        steward.tick()
        steward.stop()
    for each in (second, third):
        assert (work.state(each), work.row(each).error["type"]) == ("failed", "DependencyFailed")
    if how != "deleted":
        with work.installation.database.transaction() as session:
            assert requeue(session, first) is not None
            job_chains.defer_again(session, first)
        assert [work.state(each) for each in (second, third)] == [JobState.DEFERRED] * 2
