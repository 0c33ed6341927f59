"""Every line that is logged during a job says which job it is about."""

from __future__ import annotations

import json
import logging

from fmhost.jobs.execute import execute
from fmhost.telemetry.logs import logs_written


def test_lines_of_a_job(work, capsys):
    def task(installation, job):
        logging.getLogger("fmhost.anything").warning("in the job")
        return {}

    work.task = task
    job_id = work.request()
    settings = work.installation.settings.with_overrides(
        FMHOST_LOG_FORMAT="json", LOGGING_LEVEL="INFO"
    )
    with logs_written(settings):
        execute(work.installation, job_id, "me")
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["job_id"] for line in told} == {job_id}
    assert {line["queue"] for line in told} == {"scheduling"}
    assert told[1]["message"] == "in the job"
    assert told[-1]["duration_ms"] >= 0


def test_lines_of_those_who_look_after_a_job(work, capsys):
    work.task = lambda installation, job: None  # no result: the task fails
    job_id = work.request()
    with logs_written(work.installation.settings.with_overrides(FMHOST_LOG_FORMAT="json")):
        execute(work.installation, job_id, "me")
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["job_id"] for line in told} == {job_id}
    assert "TypeError" in told[0].get("exception", told[0]["message"])
