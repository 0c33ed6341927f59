"""A worker tells its figures itself, to those who may ask."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from fmhost.jobs.metrics_port import tell_figures
from fmhost.telemetry.figures import JOBS_ENDED
from fmhost.telemetry.metrics import count_in, keep_metrics
from fmhost.testing.servers import free_port
from fmhost.testing.web import settings_for_tests


@pytest.fixture
def settings(tmp_path: Path):
    return settings_for_tests(
        tmp_path, FMHOST_METRICS_TOKEN="the-token", FMHOST_METRICS_PORT=free_port()
    )


@pytest.fixture
def url(settings):
    keep_metrics(settings)
    server = tell_figures(settings)
    yield f"http://127.0.0.1:{settings['FMHOST_METRICS_PORT']}"
    server.shutdown()
    server.server_close()
    count_in(None)


def test_figures_of_a_worker(url):
    JOBS_ENDED.add(1, "schedule", "finished")
    answer = requests.get(f"{url}/metrics", headers={"Authorization": "Bearer the-token"})
    assert answer.status_code == 200
    assert 'fmhost_job_runs_total{kind="schedule",outcome="finished"} 1' in answer.text
    assert requests.get(f"{url}/metrics").status_code == 401
    assert requests.get(f"{url}/").status_code == 404


def test_a_port_that_is_taken_is_left_to_the_other(url, settings, caplog):
    assert tell_figures(settings) is None
    assert str(settings["FMHOST_METRICS_PORT"]) in caplog.text


def test_nothing_is_told_where_nobody_may_ask(tmp_path, settings):
    assert tell_figures(settings.with_overrides(FMHOST_METRICS_TOKEN=None)) is None
    assert tell_figures(settings.with_overrides(FMHOST_METRICS_PORT=None)) is None
