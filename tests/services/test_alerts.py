"""Who is named in the settings gets a mail about what fails for good, and not one each time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.jobs.execute import execute
from fmhost.model.job import request_job
from fmhost.services.alerts import Alerts
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site
from fmhost.testing.mail_server import mail_server

BROKEN = plugin(
    "broken",
    'manifest = Manifest(name="broken", hooks="acme_broken.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import hookimpl

            @hookimpl
            def fmhost_health():
                raise RuntimeError("no")
            """
    },
)


@pytest.fixture
def database_kind():
    """Mails do not depend on the kind of database."""
    return "sqlite"


@pytest.fixture
def mailbox():
    with mail_server() as box:
        yield box


@pytest.fixture
def settings(mailbox):
    return {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": mailbox.port,
        "FLEXMEASURES_MONITORING_MAIL_RECIPIENTS": ["fred@example.org", "wilma@example.org"],
        "FMHOST_SITE_URL": "https://flex.example.org",
        "SECRET_KEY": "the-key-of-the-site",
    }


def fail(installation, monkeypatch, error):
    def task(_installation, _job):
        raise error

    monkeypatch.setattr("fmhost.jobs.execute.TASKS", {"made up": task})
    with installation.database.transaction() as session:
        job = request_job(
            session, kind="made up", queue="scheduling", arguments={}, now=installation.now()
        )
    execute(installation, job.id, "me")
    return job.id


def test_a_job_that_fails_for_good(open_installation, settings, mailbox, monkeypatch):
    installation = open_installation(**settings)
    first = fail(installation, monkeypatch, ValueError("the-key-of-the-site is no number"))
    fail(installation, monkeypatch, ValueError("again"))
    installation.close()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "https://flex.example.org: a made up job failed"
    assert mail["To"] == "fred@example.org, wilma@example.org"
    text = mail.get_content()
    assert "ValueError: *** is no number" in text
    assert f"fmhost jobs inspect-job --job {first}" in text


def test_a_plugin_that_is_quarantined(site, open_installation, settings, mailbox):
    site.install(BROKEN)
    installation = open_installation(**settings)
    for _ in range(6):
        installation.host.hooks.call("fmhost_health")
    installation.close()
    (mail,) = mailbox.mails
    assert mail["Subject"].endswith("the plugin 'broken' is out of service")
    assert "RuntimeError: no" in mail.get_content()


def test_the_next_mail_says_how_many_there_were(open_installation, settings, mailbox):
    moments = [0.0]
    installation = open_installation(**settings, FMHOST_ALERT_PAUSE=timedelta(seconds=60))
    alerts = Alerts(installation, lambda: moments[-1])
    for moment in (0, 10, 20, 61):
        moments.append(moment)
        alerts.tell("it failed", "So it is.")
    alerts.tell("something else failed", "So it is.")
    alerts.close()
    first, second, third = (mail.get_content().strip() for mail in mailbox.mails)
    assert first == third == "So it is."
    assert "2 more times" in second


def test_a_mail_server_that_is_gone_costs_no_job_its_end(
    open_installation, settings, monkeypatch, caplog
):
    installation = open_installation(**settings | {"MAIL_PORT": 1})
    fail(installation, monkeypatch, ValueError("no"))
    installation.close()
    assert "was not sent by 127.0.0.1:1" in caplog.text


def test_nobody_is_told_where_nobody_is_named(open_installation, settings, mailbox, monkeypatch):
    nobody = {"FLEXMEASURES_MONITORING_MAIL_RECIPIENTS": []}
    installation = open_installation(**settings | nobody)
    fail(installation, monkeypatch, ValueError("no"))
    installation.close()
    assert mailbox.mails == []
