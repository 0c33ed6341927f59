"""``/api/ops``: what operators and their monitors ask."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from flask import request
from marshmallow import ValidationError

from fmhost.api.operations import Answer, Resource
from fmhost.api.parsing import read_json
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import logged_in_user, requesting_user
from fmhost.auth.policy import ADMIN, NOT_AUTHORIZED
from fmhost.errors import NotAuthorized
from fmhost.model.tasks import TaskRun, record_task_run
from fmhost.schemas.maintenance import (
    LatestTaskRunQuery,
    PingSchema,
    TaskRunForm,
    TaskRunSchema,
)

maintenance = Resource("maintenance", __name__, url_prefix="/api/ops")

#: Role of the programs that report when tasks have run.
TASK_RUNNER = "task-runner"

#: How often monitors are expected to ask [minutes].
_FREQUENCY = 10

_NEVER = "1970-01-01T00:00:00"


@maintenance.operation("GET", "/ping", public=True, answer=PingSchema)
def ping() -> Answer:
    """Tell that the server is there."""
    return {"message": "ok"}


@maintenance.operation(
    "GET",
    "/getLatestTaskRun",
    schema=LatestTaskRunQuery(),
    public=True,
    answers=dict.fromkeys((200, 400, 401, 403, 404), TaskRunSchema),
)
def get_latest_task_run(given: dict[str, Any]) -> Answer:
    """Tell when a task last ran, and whether it succeeded.

    The header Authorization has the token of the setting FLEXMEASURES_TASK_CHECK_AUTH_TOKEN;
    admins may ask, too.
    """
    refusal = _refusal()
    if refusal is not None:
        return refusal
    name = given.get("name")
    if not name:
        return _failure("No task name given."), 400
    run = current_session().get(TaskRun, name)
    if run is None:
        return _failure(f"No run of a task '{name}' is known."), 404
    reason = "" if run.status else "The last run of the task failed."
    return _report(reason, run.ran_at)


@maintenance.operation(
    "POST",
    "/postLatestTaskRun",
    schema=TaskRunForm(),
    parse=False,
    media="application/x-www-form-urlencoded",
    answers=dict.fromkeys((200, 400), TaskRunSchema),
)
def post_latest_task_run() -> Answer:
    """Report that a task has run. Users with the role task-runner do."""
    user = requesting_user()
    if not (user.has_role(TASK_RUNNER) or user.has_role(ADMIN)):
        raise NotAuthorized(NOT_AUTHORIZED, hint=f"It requires the role {TASK_RUNNER}.")
    try:
        given = TaskRunForm().load(_form())
    except ValidationError as error:
        messages = error.messages_dict
        reasons = (f"{name}: {' '.join(map(str, texts))}" for name, texts in messages.items())
        return _failure(" ".join(reasons)), 400
    now = current_installation().now()
    ran_at = given.get("datetime", now)
    record_task_run(current_session(), given["name"], status=given["status"], at=ran_at)
    return _report("", ran_at)


def _form() -> Any:
    """The fields that were posted, as a form or as JSON."""
    return read_json(request) if request.is_json else request.form.to_dict()


def _refusal() -> Answer | None:
    """Why the client may not ask; None where it may."""
    user = logged_in_user()
    if user is not None and user.has_role(ADMIN):
        return None
    given = request.headers.get("Authorization", "")
    expected = current_installation().settings["FLEXMEASURES_TASK_CHECK_AUTH_TOKEN"]
    if expected and hmac.compare_digest(given.encode(), expected.encode()):
        return None
    if not given and user is None:
        return _failure("Not authenticated to check task status."), 401
    return _failure("Not authorized to check task status."), 403


def _failure(reason: str) -> dict[str, Any]:
    return _report(reason, None)


def _report(reason: str, ran_at: datetime | None) -> dict[str, Any]:
    """What monitors read; with a reason it is bad news, without a moment no run is known."""
    return {
        "status": "ERROR" if reason else "OK",
        "reason": reason,
        "lastrun": _NEVER if ran_at is None else ran_at.isoformat(),
        "frequency": _FREQUENCY,
        "process": "FlexMeasures",
        "server": current_installation().settings["FLEXMEASURES_MODE"],
    }
