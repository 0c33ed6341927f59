"""``fmhost doctor``: each problem is made to happen, and named with its remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fmhost.cli.diagnosis.database_checks import check_clock
from fmhost.cli.diagnosis.examination import CHECKS, open_for_examination
from fmhost.cli.diagnosis.findings import Patient
from fmhost.model import migrations
from fmhost.model.database import Database
from fmhost.services.installation import Installation
from fmhost.settings import load
from fmhost.testing.distributions import Site, plugin
from fmhost.testing.mail_server import mail_server

KEY = "k3-Vw9_fGhT5mQ2pLz8xRb7cNd4sJa6yE1uWoHi0"
PAGE = Path(__file__).parents[2] / "docs" / "operations" / "doctor.md"


@pytest.fixture
def doctor(fmhost: Callable[..., Any], sqlite_database: Database) -> Callable[..., Any]:
    """``doctor("mail", MAIL_PORT=...)``: what a check finds; the keywords are settings."""

    def examine(check: str, *options: str, **environ: str) -> list[dict[str, str]]:
        environ = {
            "SECRET_KEY": KEY,
            "SQLALCHEMY_DATABASE_URI": str(sqlite_database.url),
            **environ,
        }
        result = fmhost("doctor", "--json", *options, **environ)
        told = json.loads(result.stdout)
        assert told["healthy"] == (result.exit_code == 0)
        problems = [each for each in told["findings"] if each["severity"] == "problem"]
        assert told["healthy"] == (not problems)
        assert all(each["remedy"] for each in told["findings"])
        return [each for each in told["findings"] if check in ("any", each["check"])]

    return examine


def test_a_healthy_installation(fmhost: Callable[..., Any], sqlite_database: Database) -> None:
    environ = {"SECRET_KEY": KEY, "SQLALCHEMY_DATABASE_URI": str(sqlite_database.url)}
    result = fmhost("doctor", **environ, FLEXMEASURES_ENV="development")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("\n0 problems, 0 pieces of advice.\n")
    assert result.stdout.count("✓") == len(CHECKS)
    # In production there is advice, which is no problem.
    result = fmhost("doctor", **environ)
    assert result.exit_code == 0
    assert "! mail: No mail server is set" in result.stdout


def test_malformed_settings_are_all_named(doctor: Callable[..., Any]) -> None:
    first, second = doctor("settings", MAIL_PORT="x", DEBUG="perhaps")
    assert "DEBUG is not a boolean: 'perhaps'" in first["problem"]
    assert "MAIL_PORT is not a whole number" in second["problem"]


def test_unknown_and_misplaced_settings(doctor: Callable[..., Any], tmp_path: Path) -> None:
    (found,) = doctor("settings", FLEXMEASURES_REDIS_PROT="1", FLEXMEASURES_ENV="development")
    assert found["problem"].startswith("Unknown setting FLEXMEASURES_REDIS_PROT")
    assert found["remedy"] == "Did you mean FLEXMEASURES_REDIS_PORT?"
    # ignored where it stands
    (found,) = doctor("settings", FLEXMEASURES_TIMEZONE="UTC", FLEXMEASURES_ENV="development")
    assert "FLEXMEASURES_TIMEZONE (environment variable) is ignored" in found["problem"]
    (found,) = doctor("settings", FLASK_ENV="development")
    assert found["severity"] == "advice"


def test_secret_keys(doctor: Callable[..., Any]) -> None:
    (missing,) = doctor("secret-key", SECRET_KEY="")
    assert "Generate a key with" in missing["remedy"]
    (short,) = doctor("secret-key", SECRET_KEY="secret")
    assert "it has 6 characters, 5 of them different" in short["problem"]
    (monotonous,) = doctor("secret-key", SECRET_KEY="ab" * 40)
    assert "can be guessed" in monotonous["problem"]
    assert doctor("secret-key", SECRET_KEY="secret", FLEXMEASURES_ENV="development") == []


def test_files_that_others_can_read(doctor: Callable[..., Any], tmp_path: Path) -> None:
    key = tmp_path / "instance" / "secret_key"
    key.write_text(KEY)
    key.chmod(0o644)
    config = tmp_path / "instance" / "fmhost.cfg"
    config.write_text("MAIL_PASSWORD = 'x'\n")
    config.chmod(0o644)
    of_key, of_config = doctor("secret-files")
    assert of_key["remedy"] == f"Run `chmod 600 {key}`."
    assert "which holds secrets" in of_config["problem"]
    key.chmod(0o600)
    config.write_text("MAIL_PORT = 25\n")
    assert doctor("secret-files") == []


def test_debugging_in_production(doctor: Callable[..., Any]) -> None:
    (found,) = doctor("debug", DEBUG="true")
    assert "DEBUG is on in the environment 'production'" in found["problem"]
    assert doctor("debug", DEBUG="true", FLEXMEASURES_ENV="development") == []


def test_folders_that_cannot_be_written(doctor: Callable[..., Any], tmp_path: Path) -> None:
    no_folder = tmp_path / "instance" / "dumps"
    no_folder.write_text("a file")
    (tmp_path / "instance" / "fmhost.cfg").write_text("FLEXMEASURES_DB_BACKUP_PATH = 'dumps'\n")
    (found,) = doctor("folders")
    assert f"The folder {no_folder} cannot be written to" in found["problem"]
    assert "FLEXMEASURES_DB_BACKUP_PATH" in found["remedy"]


def test_a_disk_that_is_full(doctor: Callable[..., Any]) -> None:
    found = doctor("disk", "--least-free", str(10**12))
    assert "is nearly full" in found[0]["problem"]
    assert doctor("disk", "--least-free", "0") == []


def test_databases(doctor: Callable[..., Any], sqlite_database: Database) -> None:
    (found,) = doctor("database", SQLALCHEMY_DATABASE_URI="postgresql://me@127.0.0.1:1/nowhere")
    assert "postgresql://me@127.0.0.1:1/nowhere cannot be reached" in found["problem"]
    migrations.downgrade(sqlite_database, "0001")
    (found,) = doctor("database")
    assert "is not upgraded" in found["problem"]
    assert found["remedy"] == "Run `fmhost db upgrade`."
    (found,) = doctor("settings", SQLALCHEMY_DATABASE_URI="mysql://localhost/x")
    assert "names a database of kind 'mysql'" in found["problem"]


def test_clocks_that_differ(postgres_database: Database, tmp_path: Path) -> None:
    uri = postgres_database.url.render_as_string(hide_password=False)
    settings = load(
        environ={"FMHOST_INSTANCE": str(tmp_path), "SQLALCHEMY_DATABASE_URI": uri},
        environment="production",
    )
    installation = open_for_examination(settings)
    try:
        assert list(check_clock(Patient(installation, 0))) == []
        for shift in (timedelta(minutes=1), timedelta(minutes=-1)):
            late = _shifted(installation, shift)
            (found,) = check_clock(Patient(late, 0))
            assert found.problem.startswith("The clocks of this machine and of the database")
            assert "60.0 seconds" in found.problem or "59.9 seconds" in found.problem
    finally:
        installation.close()


def _shifted(installation: Installation, shift: timedelta) -> Installation:
    """The same installation on a machine whose clock is wrong."""
    return replace(installation, clock=lambda: installation.now() + shift)


def test_a_redis_that_is_not_there(doctor: Callable[..., Any]) -> None:
    redis = {"FMHOST_QUEUE": "rq", "FLEXMEASURES_REDIS_PORT": "1"}
    (found,) = doctor("any", **redis, FLEXMEASURES_ENV="development")
    assert found["check"] == "queue"  # one cause, told once
    assert "cannot be reached" in found["problem"]


def test_queues_without_workers(doctor: Callable[..., Any], redis_url: str) -> None:
    redis = {"FMHOST_QUEUE": "rq", "FLEXMEASURES_REDIS_URL": redis_url}
    assert doctor("queue", **redis) == []
    (found,) = doctor("workers", **redis)
    assert "No worker listens to these queues: forecasting, scheduling" in found["problem"]
    assert "fmhost jobs run-worker --queue 'forecasting|" in found["remedy"]


def test_plugins_that_cannot_be_used(doctor: Callable[..., Any], site: Site) -> None:
    site.install(
        plugin("gone", 'manifest = Manifest(name="gone", plugin_api=">=99")'),
        plugin(
            "broken",
            """
            manifest = Manifest(
                name="broken",
                schedulers={"Broken": Driver("acme_broken.missing:Scheduler")},
            )
            """,
        ),
        plugin("one", 'manifest = Manifest(name="one", commands=[Command("hi", "a:b", "Hi.")])'),
        plugin("two", 'manifest = Manifest(name="two", commands=[Command("hi", "a:b", "Hi.")])'),
    )
    problems = "\n".join(each["problem"] for each in doctor("plugins"))
    assert "Plugin 'gone' (acme-gone 1.0) is failed" in problems
    assert "Plugin 'broken' (acme-broken 1.0), scheduler 'Broken': " in problems
    assert "Plugin 'one' (acme-one 1.0), command 'hi': " in problems
    assert "Plugin 'two' (acme-two 1.0), command 'hi': " in problems
    remedies = "\n".join(each["remedy"] for each in doctor("plugins"))
    assert "FMHOST_PREFER" in remedies


def test_plugins_that_are_not_upgraded(doctor: Callable[..., Any], site: Site) -> None:
    revision = "revision, down_revision = '0001', None\n\ndef upgrade():\n    pass\n"
    site.install(
        plugin(
            "gauges",
            """
            manifest = Manifest(
                name="gauges", migrations="acme_gauges:migrations", table_prefix="gauge_"
            )
            """,
            {"migrations/versions/0001_gauges.py": revision},
        )
    )
    (found,) = doctor("plugins")
    assert "Its tables are not ready" in found["problem"]
    assert "`fmhost db upgrade`" in found["remedy"]


def test_solvers_that_are_not_there(doctor: Callable[..., Any], tmp_path: Path) -> None:
    (found,) = doctor("solver", FMHOST_SOLVER="magic")
    assert "There is no solver driver called 'magic'" in found["problem"]
    assert "highs" in found["remedy"]
    config = tmp_path / "instance" / "fmhost.cfg"
    config.write_text("FLEXMEASURES_LP_SOLVER = 'no-such-solver'\n")
    (found,) = doctor("solver")
    assert "The solver 'no-such-solver' is not installed" in found["problem"]
    config.write_text("FLEXMEASURES_LP_SOLVER = 'appsi_highs'\n")
    assert doctor("solver") == []


def test_mail_servers_that_do_not_answer(doctor: Callable[..., Any]) -> None:
    (found,) = doctor("mail", MAIL_SERVER="127.0.0.1", MAIL_PORT="1")
    assert found["severity"] == "problem"
    assert "The mail server 127.0.0.1:1 does not serve us: " in found["problem"]
    with mail_server() as mailbox:
        assert doctor("mail", MAIL_SERVER="127.0.0.1", MAIL_PORT=str(mailbox.port)) == []
    (found,) = doctor("mail")
    assert (found["severity"], "No mail server is set" in found["problem"]) == ("advice", True)


def test_the_page_names_every_check() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    assert [row.split("`")[1] for row in rows if row.split("`")[1] in CHECKS] == list(CHECKS)
