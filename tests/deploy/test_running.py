"""What the containers run is run without them: commands, settings and order of compose.yaml."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from fmhost.testing.servers import free_port

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
PROGRAMS = Path(sys.executable).parent
TOKEN = "the-token-of-prometheus"
LONG = 60.0


@pytest.fixture
def database_kind():
    """That of compose.yaml."""
    return "postgresql"


@pytest.fixture
def environment(empty_database, redis_url, tmp_path):
    """What the services of compose.yaml have, with the servers of the tests."""
    given = {
        "DOMAIN": "flex.example.org",
        "SECRET_KEY": "a-key-for-this-test",
        "POSTGRES_PASSWORD": "unused",
        "METRICS_TOKEN": TOKEN,
    }

    def filled(text):
        return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given.get(found.group(1), ""), str(text))

    image = dict(re.findall(r"\b([A-Z][A-Z_]+)=([\w/.-]+)", DOCKERFILE.rpartition("FROM ")[2]))
    settings = {name: filled(text) for name, text in SERVICES["server"]["environment"].items()}
    return {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        **{name: text for name, text in image.items() if name.startswith(("FMHOST", "PYTHON"))},
        **settings,
        "FMHOST_INSTANCE": str(tmp_path),
        "FMHOST_LEGACY_JOB_RESPONSES": "false",  # so that a job stores what is posted
        "SQLALCHEMY_DATABASE_URI": empty_database.url.render_as_string(hide_password=False),
        "FLEXMEASURES_REDIS_URL": redis_url,
    }


def command(name, **replaced):
    """What a service runs, with other values of some options."""
    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    found = [*yaml.safe_load(entry), *SERVICES[name]["command"]]
    for option, value in replaced.items():
        found[found.index(f"--{option}") + 1] = str(value)
    return found


@contextmanager
def running(arguments, environment, folder) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed with what it has forked where it does not end by itself."""
    log = folder / f"{len(list(folder.glob('*.log')))}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            arguments, env=environment, cwd=folder, stdout=output, stderr=output,
            text=True, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 0, log.read_text()
    except BaseException:
        print(log.read_text())
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def eventually(ask):
    """What `ask` answers, once it is true."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        try:
            if found := ask():
                return found
        except requests.ConnectionError:
            pass  # it does not listen yet
        time.sleep(0.05)
    raise AssertionError("It does not come.")


def call(environment, folder, arguments):
    """What a command prints, which succeeds."""
    return subprocess.run(
        arguments, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def test_migrate_server_and_worker_of_compose(environment, tmp_path):
    call(environment, tmp_path, command("migrate"))
    port, other = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    gunicorn = ["gunicorn", "--config", str(ROOT / "deploy/gunicorn.conf.py")]
    with (
        running(command("server", port=port, workers=1), environment, tmp_path),
        running(command("worker"), environment, tmp_path),
        running(
            [*gunicorn, "--workers", "1", "--bind", f"127.0.0.1:{other}"], environment, tmp_path
        ),
    ):
        call(environment, tmp_path, ["fmhost", "add", "toy-account"])
        user = ["--email", "toy-user@flexmeasures.io", "--scopes", "read,write-data"]
        add_key = ["fmhost", "add", "api-key", *user, "--name", "test"]
        key = call(environment, tmp_path, add_key).strip()
        for address in (url, f"http://127.0.0.1:{other}"):
            ready = f"{address}/api/v3_0/health/ready"
            eventually(lambda ready=ready: "warnings" not in requests.get(ready).json())
        (check,) = re.findall(r"^    CMD (.+)$", DOCKERFILE, re.MULTILINE)
        probe = [each.replace(":5000", f":{port}") for each in yaml.safe_load(check)]
        assert subprocess.run(probe, env=environment, check=False).returncode == 0
        _store_by_job(url, {"Authorization": key})
        _read_the_figures(url)


def _store_by_job(url, headers):
    body = {
        "start": "2026-03-02T00:00:00Z", "duration": "PT1H", "values": [1, 2, 3, 4], "unit": "MW",
    }  # fmt: skip
    posted = requests.post(f"{url}/api/v3_0/sensors/2/data", json=body, headers=headers)
    assert posted.status_code == 202, posted.text
    job = f"{url}/api/v3_0/jobs/{posted.json()['job']}"
    eventually(lambda: requests.get(job, headers=headers).json()["status"] == "FINISHED")


def _read_the_figures(url):
    """Those of the worker are told by the server, which shares its folder."""
    assert requests.get(f"{url}/metrics").status_code == 401
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def figures():
        lines = requests.get(f"{url}/metrics", headers=headers).text.splitlines()
        return dict(line.rpartition(" ")[::2] for line in lines)

    found = eventually(
        lambda: (got := figures()).get(
            'fmhost_job_runs_total{kind="ingestion",outcome="finished"}'
        ) and got
    )  # fmt: skip
    assert found["fmhost_beliefs_written_total"] == "4"
    posts = 'fmhost_requests_total{route="/api/v3_0/sensors/<id>/data",method="POST",status="202"}'
    assert found[posts] == "1"
    assert found['fmhost_queue_served{queue="scheduling"}'] == "1"
