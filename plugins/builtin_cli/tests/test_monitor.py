"""``fmhost monitor``: what did not happen is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmhost.model import TaskRun, User
from fmhost.model.tasks import record_task_run
from fmhost.testing.mail_server import Mailbox, mail_server

#: What differs between the kinds of databases is not touched here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


LATEST = ("monitor", "latest-run")
LAST_SEEN = ("monitor", "last-seen", "--maximum-minutes-since-last-seen", "60")
ALL_GOOD = "All good ― no users were found with relevant criteria and last_seen_at longer than 60"


@pytest.fixture
def mailbox(cli: Any) -> Iterator[Mailbox]:
    """A mail server, which the program uses."""
    with mail_server() as box:
        cli.environment.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=str(box.port))
        yield box


@pytest.fixture
def ran(database: Any) -> Any:
    """Notes that a task ran some minutes ago."""

    def note(name: str, minutes: float, *, status: bool = True) -> None:
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        with database.transaction() as session:
            record_task_run(session, name, status=status, at=at)

    return note


@pytest.fixture
def seen(database: Any) -> Any:
    """Notes that a user was seen some minutes ago."""

    def note(user_id: int, minutes: float) -> None:
        with database.transaction() as session:
            user = session.get_one(User, user_id)
            user.last_seen_at = datetime.now(UTC) - timedelta(minutes=minutes)

    return note


def test_tasks_that_run(cli: Any, ran: Any) -> None:
    ran("prices", 50)
    ran("weather", 5)
    printed = cli.ok(*LATEST, "--task", "prices", "60", "--task", "weather", "6")
    assert printed == "Done checking task runs: 2 tasks are well.\n"
    old = cli("monitor", "tasks", "--task", "prices", "60")
    assert (old.exit_code, "is deprecated" in old.stderr) == (0, True)


def test_tasks_that_do_not(cli: Any, ran: Any, mailbox: Mailbox) -> None:
    ran("prices", 90)
    ran("weather", 1, status=False)
    wanted = ("--task", "prices", "60", "--task", "weather", "60", "--task", "meters", "5")
    to = ("--recipient", "fred@example.org", "--recipient", "wilma@example.org")
    result = cli(*LATEST, *wanted, *to, "--custom-message", "Look at the cron jobs.")
    assert result.exit_code == 1
    assert "A failure has been reported on task weather." in result.stdout
    assert "Task prices ran last at" in result.stdout
    assert "It is expected every 60 minutes." in result.stdout
    assert "Task meters has no last run and thus cannot be monitored." in result.stdout
    assert "Alerted: fred@example.org, wilma@example.org." in result.stderr
    (mail,) = mailbox.mails
    assert mail["To"] == "fred@example.org, wilma@example.org"
    assert mail["Subject"] == "Problem with FlexMeasures tasks"
    assert mail["From"] == "FlexMeasures <no-reply@example.com>"
    text = mail.get_content()
    assert text.startswith("Look at the cron jobs.\r\nTask prices ran last")
    assert len(text.splitlines()) == 4


def test_nobody_need_be_told_by_mail(cli: Any) -> None:
    result = cli(*LATEST, "--task", "x", "5")
    assert (result.exit_code, "Alerted: nobody by mail." in result.stderr) == (1, True)


def test_a_mail_that_is_not_sent_is_told(cli: Any, mailbox: Mailbox) -> None:
    mailbox.refuses.add("fred@")
    asked = (*LATEST, "--task", "x", "5", "--recipient", "fred@example.org")
    refused = cli.refused(*asked)
    assert "The mail 'Problem with FlexMeasures tasks' was not sent by 127.0.0.1:" in refused
    assert "nobody of that name here" in refused
    cli.environment["MAIL_PORT"] = "1"
    assert "Connection refused" in cli.refused(*asked)


def test_minutes_are_numbers(cli: Any) -> None:
    for wrong in (("x", "soon"), ("x", "0"), ("x",)):
        assert cli(*LATEST, "--task", *wrong).exit_code == 2
    assert cli(*LATEST).exit_code == 2


def test_users_who_come(toy: Any, seen: Any, database: Any) -> None:
    assert ALL_GOOD in toy.ok(*LAST_SEEN)  # nobody was ever seen
    seen(1, 30)
    assert ALL_GOOD in toy.ok(*LAST_SEEN)
    with database.reading() as session:
        assert session.get_one(TaskRun, "monitor-last-seen-users").status
    toy.ok(*LATEST, "--task", "monitor-last-seen-users", "5")


def test_users_who_do_not_come(toy: Any, seen: Any, mailbox: Mailbox) -> None:
    seen(1, 90)
    result = toy(
        *LAST_SEEN,
        *("--user-role", "account-admin", "--recipient", "fred@example.org", "--alert-users"),
        *("--custom-user-message", "Start the gateway."),
    )
    assert result.exit_code == 1
    assert "toy-user (toy-user@flexmeasures.io, account Toy Account) was last" in result.stdout
    assert "90 minutes ago" in result.stdout
    to_user, to_host = mailbox.mails
    assert to_user["To"] == "toy-user@flexmeasures.io"
    assert "Start the gateway." in to_user.get_content()
    assert to_host["Subject"] == "Users have not contacted this FlexMeasures server"
    # Told once, unless asked again.
    assert ALL_GOOD in toy.ok(*LAST_SEEN)
    assert toy(*LAST_SEEN, "--all-absent-users").exit_code == 1
    assert toy(*LAST_SEEN, "--task-name", "bots").exit_code == 1


def test_only_some_users_are_expected(toy: Any, seen: Any) -> None:
    seen(1, 90)
    toy.ok("add", "account", "--name", "Consultants", "--roles", "ESCO")
    asked = (*LAST_SEEN, "--all-absent-users")
    for others in (
        ("--user-role", "bot"),
        ("--account-role", "ESCO"),
        ("--account", "2"),
        ("--consultancy", "2"),
    ):
        assert ALL_GOOD in toy.ok(*asked, *others)
    for these in (("--account", "1", "--account", "2"), ("--consultancy", "1")):
        assert toy(*asked, *these).exit_code == 1
    assert "No account with ID 9 found!" in toy.refused(*asked, "--account", "9")
