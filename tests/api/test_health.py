from __future__ import annotations

import pytest
from sqlalchemy import text

from fmhost.app import create
from fmhost.jobs.queues import QUEUES
from fmhost.model.database import Database
from fmhost.model.migrations import KERNEL
from fmhost.services.installation import Installation
from fmhost.testing.distributions import plugin

ILL = plugin(
    "ill",
    'manifest = Manifest(name="ill", hooks="acme_ill.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import HealthCheck, hookimpl

            @hookimpl
            def fmhost_health():
                return [HealthCheck("weather", False, "The weather service does not answer.")]
            """
    },
)


def readiness(app):
    answer = app.test_client().get("/api/v3_0/health/ready")
    return answer.status_code, answer.get_json()


def test_ready(app):
    assert readiness(app) == (200, {"database_sql": True, "status": 200})


def test_a_database_that_is_not_upgraded(empty_database, installation):
    bare = Installation(installation.settings, installation.host, empty_database)
    status, body = readiness(create(installation=bare))
    assert status == 503
    assert body["database_sql"] is False
    assert "fmhost db upgrade" in body["causes"]["database_sql"]


def test_a_database_that_cannot_be_reached(installation, tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    unreachable = Database(f"sqlite:///{tmp_path}/file/fmhost.db")
    gone = Installation(installation.settings, installation.host, unreachable)
    app = create(installation=gone)
    status, body = readiness(app)
    assert status == 503
    assert body["database_sql"] is False
    assert str(tmp_path) not in str(body)
    assert str(tmp_path) in caplog.text
    answer = app.test_client().get(
        "/api/v3_0/assets", headers={"Authorization": "ImFueXRoaW5nIg.Y.z"}
    )
    assert answer.status_code == 401  # a token that nobody signed needs no look into the database


def test_redis_counts_where_jobs_go_through_it(open_installation, redis_url):
    app = create(installation=open_installation(FLEXMEASURES_REDIS_URL=redis_url))
    status, body = readiness(app)
    assert status == 200
    warnings = body.pop("warnings")
    assert body == {"database_sql": True, "database_redis": True, "status": 200}
    assert set(warnings) == {f"queue {queue}" for queue in QUEUES}
    assert "fmhost jobs run-worker --queue scheduling" in warnings["queue scheduling"]


def test_a_redis_that_is_gone(open_installation, caplog):
    gone = {"FLEXMEASURES_REDIS_URL": "127.0.0.1", "FLEXMEASURES_REDIS_PORT": 1}
    status, body = readiness(create(installation=open_installation(**gone)))
    assert status == 503
    assert body["database_sql"] is True
    assert body["database_redis"] is False
    assert "Start Redis" in body["causes"]["database_redis"]
    assert "127.0.0.1" not in str(body)
    assert "127.0.0.1" in caplog.text


def test_plugins_are_asked(site, open_installation):
    site.install(ILL)
    status, body = readiness(create(installation=open_installation()))
    assert status == 503
    assert body["weather"] is False
    assert body["causes"] == {"weather": "The weather service does not answer."}


MISTAKEN = plugin(
    "mistaken",
    'manifest = Manifest(name="mistaken", hooks="acme_mistaken.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import HealthCheck, hookimpl

            @hookimpl
            def fmhost_health():
                return [HealthCheck("database_sql", True), HealthCheck("weather", True)]
            """
    },
)


def test_a_plugin_cannot_call_the_database_healthy(site, open_installation, empty_database):
    site.install(MISTAKEN)
    installation = open_installation()
    bare = Installation(installation.settings, installation.host, empty_database)
    status, body = readiness(create(installation=bare))
    assert status == 503
    assert body["database_sql"] is False
    assert "fmhost db upgrade" in body["causes"]["database_sql"]
    assert body["weather"] is True


@pytest.mark.parametrize("answer", ["3", "[True]", "1 / 0"])
def test_a_plugin_whose_check_fails_is_noted_and_does_not_count(
    site, open_installation, caplog, answer
):
    site.install(
        plugin(
            "broken",
            'manifest = Manifest(name="broken", hooks="acme_broken.hooks")',
            {
                "hooks.py": f"""
                    from fmhost.plugin import hookimpl

                    @hookimpl
                    def fmhost_health():
                        return {answer}
                    """
            },
        )
    )
    status, body = readiness(create(installation=open_installation()))
    assert (status, body) == (200, {"database_sql": True, "status": 200})
    assert "broken" in caplog.text


def test_plugins_that_are_not_in_service_are_a_warning(site, open_installation):
    site.install(plugin("gone", 'manifest = Manifest(name="gone", hooks="acme_gone.nothing")'))
    status, body = readiness(create(installation=open_installation()))
    assert status == 200
    assert body["warnings"]["plugins"].startswith("Not in service: 1 of ")
    assert "acme" not in str(body)


def test_a_server_goes_on_while_a_newer_program_upgrades(installation, tenant, log_in):
    app = create(installation=installation)
    headers = log_in(tenant.member)
    assert readiness(app)[0] == 200
    with installation.database.connection() as connection:
        connection.execute(text(f"UPDATE {KERNEL.version_table} SET version_num = '9999'"))
    status, body = readiness(app)
    assert status == 200
    assert "Install the newer version" in body["warnings"]["database_sql"]
    asked = app.test_client().get("/api/v3_0/assets", headers=headers)
    assert asked.status_code == 200
    # Whoever begins now is another matter.
    begun = Installation(installation.settings, installation.host, installation.database)
    assert readiness(create(installation=begun))[0] == 503
