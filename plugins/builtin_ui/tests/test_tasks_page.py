"""The pages of job queues and jobs, of oneself, and of plugins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fmhost.model import ApiKey, Job, JobState
from fmhost.model.job import claim, fail, request_job
from fmhost.model.job_progress import note_progress


@pytest.fixture
def database_kind() -> str:
    """What pages show is the same on either database; services are tested on both."""
    return "sqlite"


@pytest.fixture
def jobs(installation: Any, tenant: Any) -> dict[str, str]:
    """Ids of jobs by their state."""
    found = {}
    with installation.database.transaction() as session:
        now = installation.now()
        for number, state in enumerate(("queued", "started", "failed")):
            job = request_job(
                session,
                kind="schedule",
                queue="scheduling",
                arguments={"sensor": tenant.power.id},
                sensor_id=tenant.power.id,
                asset_id=tenant.battery.id,
                requester_user_id=tenant.member.id,
                now=now + timedelta(minutes=number),
            )
            found[state] = job.id
            if state != "queued":
                claim(session, job.id, f"worker of {state}", now=now)
        note_progress(session, found["started"], 0.4, "solving", now=now)
        fail(session, found["failed"], ValueError("the battery is on fire"), now=now)
    return found


def states(page: Any) -> list[str]:
    return [row.one("span", "badge").text for row in page.one("tbody").all("tr")]


def test_queues_and_jobs_are_shown(browser: Any, tenant: Any, jobs: Any) -> None:
    browser.log_in(tenant.admin)
    page = browser.get("/tasks/")
    cards = {card.one("h2").text: card.text for card in page.all("li", "card")}
    assert list(cards) == ["Forecasting", "Scheduling", "Ingestion", "Reporting"]
    assert "served 1 failed 1 queued 1 started" in cards["Scheduling"]
    assert states(page) == ["failed", "started", "queued"]
    assert page.one("progress").attributes["value"] == "0.4"
    assert "At work: worker of started" in page.text
    assert states(browser.get("/tasks/?state=failed&queue=scheduling")) == ["failed"]
    assert "No such jobs." in browser.get("/tasks/?queue=reporting").text
    assert states(browser.get("/tasks/?q=power+schedule&sort=state")) == [
        "failed",
        "queued",
        "started",
    ]


def test_a_job_tells_what_it_was_asked_and_why_it_failed(
    browser: Any, tenant: Any, jobs: Any
) -> None:
    browser.log_in(tenant.admin_reader)
    page = browser.get(f"/tasks/{jobs['failed']}")
    assert page.one("section", "error").text == "the battery is on fire"
    arguments, trace = page.all("pre")
    assert arguments.text == f'{{ "sensor": {tenant.power.id} }}'
    assert "ValueError: the battery is on fire" in trace.text
    assert "by member" in page.text


def test_members_see_jobs_of_their_assets_without_lines_of_code(
    browser: Any, tenant: Any, jobs: Any
) -> None:
    browser.log_in(tenant.member)
    page = browser.get(f"/tasks/{jobs['failed']}")
    assert len(page.all("pre")) == 1
    assert page.one("main").all("form") == []
    assert "the battery is on fire" in page.text
    browser.get("/tasks/", 403)
    form = browser.get("/logged-in-user").one("header").one("form")
    form.attributes["action"] = f"/tasks/{jobs['failed']}/requeue"
    browser.submit(form)
    assert browser.answer.status_code == 403


def test_a_failed_job_runs_again_and_a_waiting_one_is_taken_back(
    browser: Any, tenant: Any, jobs: Any, installation: Any
) -> None:
    browser.log_in(tenant.admin)
    form = browser.get(f"/tasks/{jobs['queued']}").one("main").one("form")
    page = browser.submit(form)
    assert page.one("p", "message").text == "The job is taken back."
    form = browser.get(f"/tasks/{jobs['failed']}").one("main").one("form")
    page = browser.submit(form)
    assert page.one("p", "message").text == "The job waits to run again."
    with installation.database.reading() as session:
        assert session.get_one(Job, jobs["queued"]).state == JobState.CANCELED
        assert session.get_one(Job, jobs["failed"]).state != JobState.CANCELED


def test_all_jobs_of_a_queue_that_failed_run_again(
    browser: Any, tenant: Any, jobs: Any, installation: Any
) -> None:
    with installation.database.transaction() as session:
        now = installation.now()
        waiting = request_job(
            session,
            kind="schedule",
            queue="scheduling",
            arguments={"sensor": tenant.power.id, "number": 2},
            depends_on_id=jobs["failed"],
            now=now,
        )
        claim(session, waiting.id, "nobody", now=now)
        fail(session, waiting.id, ValueError("what it waits for failed"), now=now)
        waiting_id = waiting.id
    browser.log_in(tenant.admin_reader)
    (form,) = browser.get("/tasks/").one("ul", "queues").all("form")
    page = browser.submit(form)
    assert page.one("p", "message").text == "1 job waits to run again."
    with installation.database.reading() as session:
        # The other one waits for it, and fails with it.
        attempts = [session.get_one(Job, each).attempts for each in (jobs["failed"], waiting_id)]
        assert attempts == [2, 0]
    browser.submit(form, queue="nonsense")
    assert browser.answer.status_code == 404


def test_a_fresh_token_is_good_for_the_api(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    page = browser.get("/logged-in-user")
    assert page.one("h1").text == "member"
    forms = {form.attributes["action"]: form for form in page.one("main").all("form")}
    shown = browser.submit(forms["/logged-in-user/token"])
    token = shown.one("div", "secret").one("code").text
    headers = {"Authorization": token}
    fresh = browser.client.application.test_client()
    assert fresh.get("/api/v3_0/assets", headers=headers).status_code == 200
    # A token gets no other one.
    assert fresh.post("/logged-in-user/token", headers=headers).status_code == 403


def test_an_api_key_is_shown_once_and_can_be_revoked(
    browser: Any, tenant: Any, installation: Any
) -> None:
    browser.log_in(tenant.member)
    page = browser.get("/logged-in-user")
    forms = {form.attributes["action"]: form for form in page.one("main").all("form")}
    form = forms["/logged-in-user/api-keys"]
    refused = browser.submit(form, name="meter 7")
    assert browser.answer.status_code == 422
    assert refused.one("div", "error").text
    for box in form.all("input"):
        if box.attributes.get("value") == "read":
            box.attributes["checked"] = ""
    made = browser.submit(form, name="meter 7", expires_at="2027-01-01")
    key = made.one("div", "secret").one("code").text
    fresh = browser.client.application.test_client()
    assert fresh.get("/api/v3_0/assets", headers={"Authorization": key}).status_code == 200
    listed = browser.get("/logged-in-user")
    assert key not in browser.answer.text
    row = listed.one("tbody").one("tr")
    assert [cell.text for cell in row.all("td")][2:5] == [
        "Mon 2 Mar 2026, 10:00",
        "just now",
        "Fri 1 Jan 2027, 00:00",
    ]
    browser.submit(row.one("form"))
    with installation.database.reading() as session:
        assert session.query(ApiKey).count() == 0


def test_plugins_are_shown_with_what_they_offer(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.admin_reader)
    page = browser.get("/plugins")
    names = [section.one("h2").text.split()[0] for section in page.all("section", "stack")]
    assert {"storage", "process", "ui"} <= set(names)
    assert "database sql: works" in page.text
    assert "/tasks/<id>" in page.text
    browser.get("/about")
