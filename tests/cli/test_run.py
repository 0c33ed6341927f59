"""``fmhost run``: what it refuses, and a server with two workers over real HTTP."""

from __future__ import annotations

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psutil
import pytest
import requests
from sqlalchemy import text

from fmhost.model import Sensor
from fmhost.model.database import Database
from fmhost.model.migrations import upgrade
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import fmhost as fmhost
from fmhost.testing.hosting import site as site
from fmhost.testing.live import Program, Server

START = "2026-03-03T00:00:00+01:00"

#: Cheap in the third hour [EUR/MWh].
PRICES = [100, 100, 10, 100, 100, 100]


def refusal(result, code):
    assert result.exit_code == code, result.output
    (line,) = result.output.strip().splitlines()
    return line


def test_without_a_secret_key_nothing_is_served(fmhost):
    line = refusal(fmhost("run", "--port", "0"), 2)
    assert "SECRET_KEY" in line
    assert "Generate a key with" in line


def test_a_database_that_is_not_upgraded_is_refused(fmhost):
    line = refusal(fmhost("run", "--port", "0", SECRET_KEY="key"), 1)
    assert "fmhost db upgrade" in line


@pytest.fixture
def upgraded(tmp_path):
    """The address of an upgraded database."""
    database = Database(f"sqlite:///{tmp_path}/upgraded.db")
    upgrade(database)
    database.dispose()
    return {"SECRET_KEY": "key", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/upgraded.db"}


def test_a_port_that_is_taken_is_refused(fmhost, upgraded):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = refusal(fmhost("run", "--port", port, **upgraded), 2)
    assert f"Cannot listen on 127.0.0.1, port {port}: Address already in use." in line
    assert "--port" in line


def test_an_address_that_is_not_ours_is_refused(fmhost, upgraded):
    line = refusal(fmhost("run", "--host", "192.0.2.1", "--port", "0", **upgraded), 2)
    assert "Cannot listen on 192.0.2.1" in line


@pytest.mark.parametrize(
    "arguments", [("--port", "70000"), ("--workers", "0"), ("--threads", "x"), ("--speed", "9")]
)
def test_options_that_make_no_sense(fmhost, arguments):
    result = fmhost("run", *arguments)
    assert result.exit_code == 2
    assert arguments[0] in result.output


@pytest.fixture
def live(database, tenant, tmp_path):
    """``fmhost run`` with two workers, on the database of the test."""
    with Program(tmp_path, database).serve() as server:
        yield server


def test_a_server_over_real_http(live, tenant, installation):
    health = live.call("GET", "/api/v3_0/health/ready")
    assert (health.status_code, health.json()["database_sql"]) == (200, True)
    assert health.headers["Server"] == "gunicorn"
    assert live.call("GET", "/api/v3_0/assets").status_code == 401

    admin, member = live.log_in(tenant.admin), live.log_in(tenant.member)
    prices = {"values": PRICES, "start": START, "duration": "PT6H", "unit": "EUR/MWh"}
    path = f"/api/v3_0/sensors/{tenant.prices.id}/data"
    assert member.call("POST", path, json=prices).status_code == 403
    assert admin.call("POST", path, json=prices).json()["status"] == "PROCESSED"

    request = {
        "start": START,
        "duration": "PT6H",
        "flex-model": {
            "soc-at-start": "0 kWh",
            "soc-min": "0 kWh",
            "soc-max": "50 kWh",
            "soc-targets": [{"value": "20 kWh", "datetime": "2026-03-03T06:00:00+01:00"}],
            "power-capacity": "20 kW",
            "roundtrip-efficiency": "100%",
        },
        "flex-context": {
            "consumption-price": {"sensor": tenant.prices.id},
            "production-price": "0 EUR/MWh",
        },
    }
    path = f"/api/v3_0/sensors/{tenant.power.id}/schedules"
    triggered = member.call("POST", f"{path}/trigger", json=request)
    assert triggered.status_code == 200, triggered.text
    job = triggered.json()["schedule"]
    answer = member.call("GET", f"{path}/{job}")
    while "waiting to be" in answer.text or "in progress" in answer.text:
        answer = member.call("GET", f"{path}/{job}")
    assert answer.status_code == 200, answer.text
    # All that is needed fits into the cheap hour, at full power.
    assert answer.json()["values"] == pytest.approx([0] * 8 + [20] * 4 + [0] * 12, abs=1e-3)
    assert live.log_in(tenant.other_member).call("GET", f"{path}/{job}").status_code == 403

    with installation.database.reading() as session:
        assert session.get(Sensor, tenant.power.id).name == "power"
    assert live.process.stop(signal.SIGINT) == (0, "")


def test_many_clients_write_at_the_same_time(live, tenant):
    member = live.log_in(tenant.member)
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"

    def post(day):
        message = {
            "values": list(range(96)),
            "start": f"2026-02-{day:02}T00:00:00+01:00",
            "duration": "PT24H",
            "unit": "kW",
        }
        return member.call("POST", path, json=message).status_code

    with ThreadPoolExecutor(8) as clients:
        assert list(clients.map(post, range(1, 25))) == [200] * 24
    question = {"start": "2026-02-01T00:00:00+01:00", "duration": "P24D", "unit": "kW"}
    values = member.call("GET", path, params=question).json()["values"]
    assert values == list(range(96)) * 24
    assert live.process.stop(signal.SIGTERM) == (0, "")


VETO = plugin(
    "veto",
    'manifest = Manifest(name="veto", hooks="acme_veto.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import RefuseStartup, hookimpl

            @hookimpl
            def fmhost_startup(host):
                raise RefuseStartup("The licence has run out.", "Buy another one.")
            """
    },
)


def test_a_plugin_that_refuses_the_start_ends_the_server(site, upgraded, tmp_path):
    site.install(VETO)
    environ = {**upgraded, "PYTHONWARNINGS": "ignore"}
    result = site.run("run", "--port", "0", instance=tmp_path / "instance", environ=environ)
    assert result.returncode == 4
    assert result.stderr.startswith("Error: ")
    assert "The licence has run out. Buy another one." in result.stderr.splitlines()[0]
    assert "Traceback" not in result.stderr


def connections_of_workers(live):
    workers = psutil.Process(live.process.popen.pid).children()
    return [
        sum(each.status == psutil.CONN_ESTABLISHED for each in worker.net_connections())
        for worker in workers
    ]


def test_connections_are_spread_over_the_workers(live):
    with ExitStack() as stack:

        def connect(_number):
            client = stack.enter_context(requests.Session())
            assert client.get(f"{live.url}/api/").status_code == 200

        connect(0)
        while min(connections_of_workers(live)) == 0:  # until both are there
            connect(0)
    while any(connections_of_workers(live)):
        pass
    with ExitStack() as stack, ThreadPoolExecutor(8) as clients:
        list(clients.map(connect, range(8)))
        assert sorted(connections_of_workers(live)) in ([4, 4], [3, 5])


def test_connections_that_are_kept_take_turns_on_one_thread(database, tmp_path):
    program = Program(tmp_path, database)
    arguments = ("run", "--port", "0", "--workers", "1", "--threads", "1")
    with program.running(*arguments) as process, ExitStack() as stack:
        url = Server(process).url
        clients = [stack.enter_context(requests.Session()) for _ in range(3)]
        for _ in range(20):
            for client in clients:
                assert client.get(f"{url}/api/", timeout=60).status_code == 200
        for client in clients:
            for _ in range(20):
                assert client.get(f"{url}/api/", timeout=60).status_code == 200


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # it waits without limit
def test_requests_that_wait_do_not_keep_others_from_being_answered(live, tenant, installation):
    member = live.log_in(tenant.member)
    path = f"/api/v3_0/sensors/{tenant.power.id}"

    def post(day):
        message = {"values": [day], "start": f"2026-02-0{day}T00:00Z", "duration": "PT15M"}
        return member.call("POST", f"{path}/data", json={**message, "unit": "kW"}).status_code

    with ThreadPoolExecutor(6) as clients:
        with installation.database.transaction() as session:
            session.execute(text("LOCK TABLE timed_belief"))
            posts = [clients.submit(post, day) for day in range(1, 7)]
            while sum(connections_of_workers(live)) < len(posts):
                assert not any(each.done() for each in posts)
            for _ in range(4):
                assert member.call("GET", path).status_code == 200
            assert not any(each.done() for each in posts)
        assert [each.result() for each in posts] == [200] * 6
