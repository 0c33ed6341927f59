"""``fmhost monitor last-seen``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from fmhost.plugin import Installation, User, current_installation, watching
from fmhost_cli.monitor.alarm import raise_alarm, recipient_option

SUBJECT = "Users have not contacted this FlexMeasures server"
TO_USERS = "You have not been in contact with FlexMeasures lately"


@click.command()
@click.option(
    "--maximum-minutes-since-last-seen",
    "minutes",
    type=click.IntRange(1),
    required=True,
    help="After how many minutes a user is missed.",
)
@click.option(
    "--alert-users/--do-not-alert-users",
    default=False,
    show_default=True,
    help="Whether the users themselves get a mail as well.",
)
@click.option("--account-role", help="Only users of accounts with this role.")
@click.option("--user-role", help="Only users with this role.")
@click.option(
    "--account",
    "--account-id",
    "account_ids",
    type=int,
    multiple=True,
    help="Only users of this account, by its ID; may be repeated.",
)
@click.option(
    "--consultancy", type=int, help="Only users of this account, and of those that it serves."
)
@click.option("--custom-user-message", default="", help="What to tell users besides.")
@click.option(
    "--only-newly-absent-users/--all-absent-users",
    "newly",
    default=True,
    show_default=True,
    help="Whether only users are reported who were not missed yet at the last check.",
)
@click.option(
    "--task-name",
    default=watching.LAST_SEEN_TASK,
    show_default=True,
    help="Name of this check, for `monitor latest-run`; one for each set of users.",
)
@recipient_option
def command(
    minutes: int,
    alert_users: bool,
    account_role: str | None,
    user_role: str | None,
    account_ids: Sequence[int],
    consultancy: int | None,
    custom_user_message: str,
    newly: bool,
    task_name: str,
    recipients: Sequence[str],
) -> None:
    """Check that users, such as scripts, were in contact lately.

    Users who were never seen are not missed. Who is missed is printed, logged, and sent by mail.
    The program ends with 1 then.
    """
    installation = current_installation()
    whom = watching.Whom(
        account_role=account_role,
        user_role=user_role,
        account_ids=account_ids,
        consultancy_id=consultancy,
    )
    now = installation.now()
    within = timedelta(minutes=minutes)
    with installation.database.transaction() as session:
        missed = watching.absent_users(
            installation, session, within, whom, newly=newly, task=task_name
        )
        findings = [f"{watching.describe(user, now)}." for user in missed]
        watching.record_run(installation, session, task_name)
    if not missed:
        click.secho(
            "All good ― no users were found with relevant criteria and last_seen_at longer than "
            f"{minutes} minutes ago.",
            fg="green",
        )
        return
    if alert_users:
        _tell_users(installation, missed, custom_user_message, minutes)
    raise_alarm(installation, SUBJECT, findings, "", recipients)


def _tell_users(
    installation: Installation, users: Sequence[User], custom_message: str, minutes: int
) -> None:
    for user in users:
        text = (
            f"Hello {user.username},\n\nwe have not heard from you for more than {minutes} "
            f"minutes. If a script acts for you, please see that it runs.\n\n{custom_message}\n"
        )
        watching.alert(installation, [user.email], TO_USERS, text)
