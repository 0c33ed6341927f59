"""The figures for Prometheus: who may ask, and that they are right across processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from fmhost.app import create
from fmhost.jobs.execute import execute
from fmhost.telemetry.metrics import Counter, Gauge, Histogram, count_in
from fmhost.telemetry.metrics.exposition import collected, rendered
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

TOKEN = {"FMHOST_METRICS_TOKEN": "the-token-of-prometheus"}
ASKING = {"Authorization": "Bearer the-token-of-prometheus"}

THINGS = Counter("acme_things_total", 'Things, "quoted" and \\ more.', ("kind",))
HELD = Gauge("acme_held", "Things held.")
TOOK = Histogram("acme_seconds", "How long [s].", ("kind",))

FAILING = plugin(
    "failing",
    'manifest = Manifest(name="failing", hooks="acme_failing.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import hookimpl

            @hookimpl
            def fmhost_health():
                raise RuntimeError("no")
            """
    },
)


@pytest.fixture(autouse=True)
def nothing_is_counted_afterwards():
    yield
    count_in(None)


@pytest.fixture
def folder(tmp_path):
    """A folder in which this process counts."""
    count_in(tmp_path / "metrics")
    return tmp_path / "metrics"


def samples(text):
    """The samples of an answer by name and labels, as they are written."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
    assert len(found) == len(lines)
    return found


def told(client, **options):
    answer = client.get("/metrics", headers=ASKING, **options)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def test_without_a_setting_there_is_no_such_page(client, tmp_path):
    assert client.get("/metrics", headers=ASKING).status_code == 404
    assert not (tmp_path / "metrics").exists()


def test_only_the_token_opens_the_page(open_installation):
    client = create(installation=open_installation(**TOKEN)).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    answer = client.get("/metrics", headers=ASKING)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize(("network", "status"), [("127.0.0.0/8", 200), ("10.0.0.0/8", 404)])
def test_networks_need_no_token(open_installation, network, status):
    installation = open_installation(FMHOST_METRICS_NETWORKS=[network])
    client = create(installation=installation).test_client()
    assert client.get("/metrics").status_code == status


def test_requests_are_counted_by_route(open_installation, tenant, log_in):
    client = create(installation=open_installation(**TOKEN)).test_client()
    for number in (tenant.power.id, tenant.prices.id):
        client.get(f"/api/v3_0/sensors/{number}")
    client.get("/nothing/here")
    client.open("/api/", method="BREW")
    found = told(client)
    route = 'route="/api/v3_0/sensors/<id>",method="GET"'
    assert found[f'fmhost_requests_total{{{route},status="401"}}'] == 2
    assert found[f"fmhost_request_seconds_count{{{route}}}"] == 2
    assert found['fmhost_requests_total{route="(none)",method="GET",status="404"}'] == 1
    assert found['fmhost_requests_total{route="(none)",method="(other)",status="405"}'] == 1


def test_the_rest_of_the_kernel_is_counted(open_installation, tenant, log_in, site, clock):
    site.install(FAILING)
    installation = open_installation(**TOKEN)
    client = create(installation=installation).test_client()
    body = {
        "start": "2026-03-02T00:00:00Z", "duration": "PT1H", "values": [1, 2, 3, 4], "unit": "MW",
    }  # fmt: skip
    client.post(
        f"/api/v3_0/sensors/{tenant.power.id}/data", json=body, headers=log_in(tenant.member)
    )
    client.get("/api/v3_0/health/ready")
    found = told(client)
    assert found["fmhost_beliefs_written_total"] == 4
    assert found['fmhost_plugin_errors_total{plugin="failing",hook="fmhost_health"}'] == 1
    assert found['fmhost_database_connections{state="in use"}'] >= 0
    assert found['fmhost_database_connections{state="allowed"}'] >= 5
    assert found["fmhost_database_up"] == 1
    assert found['fmhost_queue_served{queue="scheduling"}'] == 1
    assert found['fmhost_plugins{status="active"}'] >= 1


def test_jobs_by_state_and_their_age(request_work, open_installation, clock):
    installation = open_installation(**TOKEN)
    client = create(installation=installation).test_client()
    job_id = request_work(installation)
    clock.advance(timedelta(minutes=2))
    found = told(client)
    assert found['fmhost_jobs{queue="scheduling",state="queued"}'] == 1
    assert found['fmhost_jobs_oldest_queued_seconds{queue="scheduling"}'] == 120
    assert found['fmhost_jobs_oldest_queued_seconds{queue="forecasting"}'] == 0
    execute(installation, job_id, "me")
    found = told(client)
    assert found['fmhost_jobs{queue="scheduling",state="finished"}'] == 1
    assert found['fmhost_job_runs_total{kind="made up by a test",outcome="finished"}'] == 1
    assert found['fmhost_job_seconds_count{kind="made up by a test"}'] == 1


def test_a_database_that_is_gone_is_told(open_installation):
    from fmhost.model.database import Database
    from fmhost.services.installation import Installation

    installation = open_installation(**TOKEN)
    gone = Installation(
        installation.settings, installation.host, Database("sqlite:////dev/null/x.db")
    )
    found = told(create(installation=gone).test_client())
    assert found["fmhost_database_up"] == 0


def test_what_the_text_looks_like(folder):
    THINGS.add(2, 'a "b"')
    TOOK.observe(0.02, "x")
    TOOK.observe(1000, "x")
    text = rendered(collected(folder))
    assert '# HELP acme_things_total Things, "quoted" and \\\\ more.' in text
    assert "# TYPE acme_things_total counter" in text
    assert 'acme_things_total{kind="a \\"b\\""} 2\n' in text
    found = samples(text)
    assert found['acme_seconds_bucket{kind="x",le="0.01"}'] == 0
    assert found['acme_seconds_bucket{kind="x",le="0.025"}'] == 1
    assert found['acme_seconds_bucket{kind="x",le="120"}'] == 1
    assert found['acme_seconds_bucket{kind="x",le="+Inf"}'] == 2
    assert found['acme_seconds_count{kind="x"}'] == 2
    assert found['acme_seconds_sum{kind="x"}'] == 1000.02
    bounds = re.findall(r'acme_seconds_bucket\{kind="x",le="(.*?)"\}', text)
    assert bounds == sorted(bounds, key=float)


def test_processes_are_added_up_and_those_that_ended_stay(folder):
    script = f"""
from pathlib import Path
from fmhost.telemetry.metrics import Counter, Gauge, count_in
count_in(Path({str(folder)!r}))
Counter("acme_things_total", "Things", ("kind",)).add(3, "one")
Gauge("acme_held", "Held").put(7)
print("counted", flush=True)
input()
"""
    command = [sys.executable, "-c", script]
    others = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    THINGS.add(1, "one")
    HELD.put(1)
    for other in others:
        assert other.stdout.readline() == "counted\n"

    def now():
        found = samples(rendered(collected(folder)))
        return found['acme_things_total{kind="one"}'], found["acme_held"]

    assert now() == (7, 15)
    others[0].kill()
    others[0].communicate()
    assert now() == (7, 8)
    others[1].communicate("\n")
    assert now() == (7, 1)
    assert now() == (7, 1)
    THINGS.add(1, "one")
    assert now() == (8, 1)
    assert len(list(folder.glob("*.cells"))) == 1


def test_a_forked_process_counts_for_itself(folder):
    THINGS.add(1, "one")
    child = os.fork()
    if child == 0:
        THINGS.add(10, "one")
        os._exit(0)
    os.waitpid(child, 0)
    THINGS.add(1, "one")
    assert samples(rendered(collected(folder)))['acme_things_total{kind="one"}'] == 12


def test_the_file_grows(folder):
    for number in range(2000):
        THINGS.add(1, f"{number} of a kind that has a rather long name")
    found = samples(rendered(collected(folder)))
    assert sum(found.values()) == 2000


def test_a_folder_that_cannot_be_made_counts_nothing(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    count_in(tmp_path / "file" / "metrics")
    THINGS.add(1, "one")
    assert "FMHOST_METRICS_FOLDER" in caplog.text


def test_to_count_costs_microseconds(folder):
    def seconds():
        began = time.perf_counter()
        for _ in range(1000):
            THINGS.add(1, "one")
            TOOK.observe(0.02, "one")
        return (time.perf_counter() - began) / 1000

    assert min(seconds() for _ in range(5)) < 0.0001
