"""Find what did not happen: tasks that did not run, users who did not come."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fmhost.model import Account, AccountRole, Role, TaskRun, User
from fmhost.model.tasks import record_task_run
from fmhost.services import mails
from fmhost.services.accounts import get_account
from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.monitor")

#: Name under which runs of :func:`absent_users` are recorded.
LAST_SEEN_TASK = "monitor-last-seen-users"


@dataclass(frozen=True, slots=True)
class Expected:
    """That a task ran within this time, and succeeded."""

    task: str
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Which users are expected. All conditions hold together.

    :param account_role: those of accounts that have this role.
    :param user_role: those who have this role.
    :param account_ids: those of these accounts.
    :param consultancy_id: those of this account and of the accounts that it serves.
    """

    account_role: str | None = None
    user_role: str | None = None
    account_ids: Sequence[int] = ()
    consultancy_id: int | None = None


def failing_tasks(
    installation: Installation, session: Session, expected: Sequence[Expected]
) -> Iterator[str]:
    """What is wrong with tasks: they never ran, failed, or ran too long ago; one text each."""
    now = installation.now()
    for each in expected:
        run = session.get(TaskRun, each.task)
        if run is None:
            yield (
                f"Task {each.task} has no last run and thus cannot be monitored. Is it configured "
                "properly?"
            )
        elif not run.status:
            yield (
                f"A failure has been reported on task {each.task}. It ran last at "
                f"{_shown(run.ran_at)}."
            )
        elif now - run.ran_at > each.within:
            yield (
                f"Task {each.task} ran last at {_shown(run.ran_at)}, {_minutes(now - run.ran_at)} "
                f"minutes ago. It is expected every {_minutes(each.within)} minutes."
            )


def absent_users(
    installation: Installation,
    session: Session,
    within: timedelta,
    whom: Whom,
    *,
    newly: bool = True,
    task: str = LAST_SEEN_TASK,
) -> list[User]:
    """Active users who were seen, and not within this time; who was absent longest comes first.

    :param newly: only those who were still expected when the task ran last.
    :raises NotFound: where an account does not exist.
    """
    due = installation.now() - within
    query = (
        select(User)
        .where(User.active.is_(True), User.last_seen_at < due)
        .order_by(User.last_seen_at)
    )
    if whom.user_role is not None:
        query = query.where(User.roles.any(Role.name == whom.user_role))
    query = query.join(User.account)
    if whom.account_role is not None:
        query = query.where(Account.account_roles.any(AccountRole.name == whom.account_role))
    if whom.account_ids:
        found = [get_account(session, account_id).id for account_id in whom.account_ids]
        query = query.where(User.account_id.in_(found))
    if whom.consultancy_id is not None:
        consultancy = get_account(session, whom.consultancy_id, field="consultancy").id
        served = Account.consultancy_account_id == consultancy
        query = query.where(or_(User.account_id == consultancy, served))
    last_run = session.get(TaskRun, task) if newly else None
    if last_run is not None:
        query = query.where(User.last_seen_at >= last_run.ran_at - within)
    return list(session.scalars(query))


def record_run(installation: Installation, session: Session, task: str) -> None:
    """Remember that a task has run now, and succeeded."""
    record_task_run(session, task, status=True, at=installation.now())


def describe(user: User, now: datetime) -> str:
    """Who a user is, and when he or she was seen last."""
    seen = user.last_seen_at
    if seen is None:
        return f"{user.username} ({user.email}) was never seen"
    return (
        f"{user.username} ({user.email}, account {user.account.name}) was last seen at "
        f"{_shown(seen)}, {_minutes(now - seen)} minutes ago"
    )


def alert(installation: Installation, recipients: Sequence[str], subject: str, text: str) -> None:
    """Tell the log and, by mail, these people.

    :param recipients: nobody where empty.
    :raises MailNotSent: where the mail server does not take the mail.
    """
    logger.error("%s: %s", subject, " ".join(text.split()))
    if recipients:
        mails.send(installation.settings, recipients, subject, text)


def _shown(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _minutes(duration: timedelta) -> str:
    return f"{duration / timedelta(minutes=1):.1f}".removesuffix(".0")
