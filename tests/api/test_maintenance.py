"""What operators and their monitors ask."""

from __future__ import annotations

import pytest

from fmhost.app import create
from fmhost.model import Role, User
from fmhost.model.tasks import TaskRun, record_task_run
from fmhost.testing.web import token_headers

GET = "/api/ops/getLatestTaskRun"
POST = "/api/ops/postLatestTaskRun"

#: The one of the environment for tests.
CHECKER = {"Authorization": "test-task-check-token"}


@pytest.fixture
def task_runner(installation, tenant, log_in):
    """The headers of a user with the role task-runner."""
    with installation.database.transaction() as session:
        user = session.get_one(User, tenant.clerk.id)
        user.roles.append(Role(name="task-runner"))
    return log_in(tenant.clerk)


@pytest.fixture
def record(installation, clock):
    """Writes down a run of a task."""

    def record_it(name, status=True):
        with installation.database.transaction() as session:
            record_task_run(session, name, status=status, at=clock())

    return record_it


def failure(reason):
    return {
        "status": "ERROR",
        "reason": reason,
        "lastrun": "1970-01-01T00:00:00",
        "frequency": 10,
        "process": "FlexMeasures",
        "server": "test",
    }


def test_ping(client):
    answer = client.get("/api/ops/ping")
    assert (answer.status_code, answer.get_json()) == (200, {"message": "ok", "status": 200})


def test_a_monitor_asks_when_a_task_ran(client, record):
    record("import-prices")
    answer = client.get(GET, query_string={"name": "import-prices"}, headers=CHECKER)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "OK",
        "reason": "",
        "lastrun": "2026-03-02T09:00:00+00:00",
        "frequency": 10,
        "process": "FlexMeasures",
        "server": "test",
    }


def test_a_task_that_failed(client, record):
    record("import-prices", status=False)
    answer = client.get(GET, query_string={"name": "import-prices"}, headers=CHECKER)
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ERROR"
    assert answer.get_json()["reason"] == "The last run of the task failed."
    assert answer.get_json()["lastrun"] == "2026-03-02T09:00:00+00:00"


def test_who_may_not_ask(client, tenant, record, log_in):
    record("import-prices")
    query = {"query_string": {"name": "import-prices"}}
    answer = client.get(GET, **query)
    assert answer.status_code == 401
    assert answer.get_json() == failure("Not authenticated to check task status.")
    for headers in ({"Authorization": "wrong"}, log_in(tenant.member), log_in(tenant.admin_reader)):
        answer = client.get(GET, headers=headers, **query)
        assert answer.status_code == 403
        assert answer.get_json() == failure("Not authorized to check task status.")


def test_admins_may_ask(client, tenant, record, log_in):
    record("import-prices")
    answer = client.get(GET, query_string={"name": "import-prices"}, headers=log_in(tenant.admin))
    assert answer.get_json()["status"] == "OK"


def test_without_a_token_in_the_settings_only_admins_may(open_installation, tenant):
    app = create(installation=open_installation(FLEXMEASURES_TASK_CHECK_AUTH_TOKEN=None))
    client = app.test_client()
    assert client.get(GET, headers={"Authorization": ""}).status_code == 401
    assert client.get(GET, headers={"Authorization": "None"}).status_code == 403
    admin = token_headers(client, tenant.admin)
    assert client.get(GET, headers=admin).status_code == 400


def test_tasks_that_are_unknown_or_not_named(client):
    unknown = client.get(GET, query_string={"name": "nothing"}, headers=CHECKER)
    assert unknown.status_code == 404
    assert unknown.get_json() == failure("No run of a task 'nothing' is known.")
    unnamed = client.get(GET, headers=CHECKER)
    assert unnamed.status_code == 400
    assert unnamed.get_json() == failure("No task name given.")


def test_a_task_reports_its_run(client, installation, task_runner):
    answer = client.post(POST, data={"name": "import-prices"}, headers=task_runner)
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "OK"
    assert answer.get_json()["lastrun"] == "2026-03-02T09:00:00+00:00"
    with installation.database.reading() as session:
        assert session.get_one(TaskRun, "import-prices").status is True


@pytest.mark.parametrize("kind", ["data", "json"])
def test_a_report_of_a_failure_in_the_past(client, installation, task_runner, kind):
    form = {"name": "import-prices", "status": "False", "datetime": "2026-03-01T10:00:00+01:00"}
    answer = client.post(POST, headers=task_runner, **{kind: form})
    assert answer.get_json()["lastrun"] == "2026-03-01T10:00:00+01:00"
    asked = client.get(GET, query_string={"name": "import-prices"}, headers=CHECKER).get_json()
    assert (asked["status"], asked["lastrun"]) == ("ERROR", "2026-03-01T09:00:00+00:00")


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "name: Missing data for required field."),
        ({"name": "n" * 81}, "name: Length must be between 1 and 80."),
        ({"name": "import", "status": "perhaps"}, "status: Not a valid boolean."),
        ({"name": "import", "datetime": "2026-03-01T10:00:00"}, "datetime: "),
    ],
)
def test_reports_that_cannot_be_understood(client, installation, task_runner, form, reason):
    answer = client.post(POST, data=form, headers=task_runner)
    assert answer.status_code == 400
    assert answer.get_json()["status"] == "ERROR"
    assert answer.get_json()["reason"].startswith(reason)
    with installation.database.reading() as session:
        assert session.query(TaskRun).count() == 0


def test_who_may_not_report(client, tenant, log_in):
    assert client.post(POST, data={"name": "import"}).status_code == 401
    answer = client.post(POST, data={"name": "import"}, headers=log_in(tenant.account_admin))
    assert answer.status_code == 403
    assert answer.get_json()["status"] == "INVALID_SENDER"
