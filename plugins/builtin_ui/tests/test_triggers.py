"""Asking for schedules and forecasts on pages, and watching their jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from fmhost.jobs.execute import execute
from fmhost.model import Asset, Job


@pytest.fixture
def database_kind() -> str:
    """The services behind the pages are tested on either database."""
    return "sqlite"


@pytest.fixture
def browser(browse: Any, redis_url: str) -> Any:
    """In front of a site whose jobs wait until a test runs them."""
    return browse(WTF_CSRF_ENABLED=True, FLEXMEASURES_REDIS_URL=redis_url)


@pytest.fixture
def ready(installation: Any, tenant: Any, store: Any) -> None:
    """The battery has what a schedule needs."""
    with installation.database.transaction() as session:
        battery = session.get_one(Asset, tenant.battery.id)
        battery.flex_model = {"soc-max": "100 kWh", "power-capacity": "50 kW"}
        battery.flex_context = {"consumption-price": {"sensor": tenant.prices.id}}
    store(tenant.prices, datetime.fromisoformat("2026-03-02T00:00+01:00"), [30.0, 90.0] * 36)


@pytest.fixture
def form(browser: Any, tenant: Any, ready: None) -> Any:
    """The form for a schedule of the battery."""
    browser.log_in(tenant.member)
    return browser.get(f"/assets/{tenant.battery.id}/schedule").one("form", "panel")


def test_the_form_asks_what_the_scheduler_says(form: Any, tenant: Any) -> None:
    (device,) = form.all("fieldset", "device")
    labels = [each.attributes.get("for", "") for each in device.all("label")]
    names = ["soc-at-start", "soc-targets", "soc-minima", "soc-maxima"]
    assert [label for label in labels if label] == [f"{tenant.power.id}:{name}" for name in names]
    values = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    assert values["start"] == "2026-03-02T10:00"


def test_a_schedule_is_asked_for_and_watched(
    browser: Any, form: Any, tenant: Any, installation: Any
) -> None:
    page = browser.submit(form, **{f"{tenant.power.id}:soc-at-start": "20 kWh", "duration": "PT6H"})
    panel = page.one("section", "job")
    job_id = panel.attributes["data-job"]
    assert f"device={tenant.power.id}" in browser.answer.request.query_string.decode()
    assert panel.attributes["data-address"] == f"/api/v3_0/jobs/{job_id}"
    assert "Scheduling job waiting to be processed." in panel.text
    assert page.all("noscript")
    with installation.database.reading() as session:
        assert session.get_one(Job, job_id).arguments["flex_model"] == {"soc-at-start": "20 kWh"}
    execute(installation, job_id, "worker")
    page = browser.get(
        f"/assets/{tenant.battery.id}/schedule?device={tenant.power.id}&job={job_id}"
    )
    done = page.one("section", "job")
    assert "Scheduling job finished." in done.text
    assert done.one("a", "button").attributes["href"] == f"/sensors/{tenant.power.id}"


def test_what_is_wrong_is_said_at_the_field_and_in_a_rehearsal(
    browser: Any, form: Any, tenant: Any, installation: Any
) -> None:
    name = f"{tenant.power.id}:soc-at-start"
    page = browser.submit(form, **{name: "much", "duration": "P1D"})
    assert browser.answer.status_code == 422
    (note,) = [each for each in page.all("p", "wrong") if each.attributes["id"] == f"{name}-wrong"]
    assert note.text
    data = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    data |= {name: "20 kWh", "duration": "soon"}
    answer = browser.client.post(form.attributes["data-rehearse"], data=data).get_json()
    assert list(answer["messages"]) == ["duration"]
    data |= {name: "[{", "duration": "P1D"}
    answer = browser.client.post(form.attributes["data-rehearse"], data=data).get_json()
    assert list(answer["messages"]) == [name]
    with installation.database.reading() as session:
        assert session.query(Job).count() == 0


def test_an_impossible_schedule_says_what_helps(
    browser: Any, form: Any, tenant: Any, installation: Any
) -> None:
    target = '[{"datetime": "2026-03-02T10:30+01:00", "value": "90 kWh"}]'
    given = {f"{tenant.power.id}:soc-targets": target, f"{tenant.power.id}:soc-at-start": "10 kWh"}
    page = browser.submit(form, **given)
    job_id = page.one("section", "job").attributes["data-job"]
    execute(installation, job_id, "worker")
    page = browser.get(f"/assets/{tenant.battery.id}/schedule?job={job_id}")
    told = page.one("section", "job").text
    assert "cannot hold together" in told
    assert "The smallest change that helps" in told
    assert "0.035 instead of 0.09 MWh" in told


def test_triggers_of_pages_are_counted_like_those_of_programs(
    browse: Any, tenant: Any, store: Any, redis_url: str
) -> None:
    browser = browse(
        FLEXMEASURES_REDIS_URL=redis_url,
        RATELIMIT_ENABLED=True,
        FLEXMEASURES_API_TRIGGER_RATE_LIMIT="1 per hour",
    )
    browser.log_in(tenant.member)
    path = f"/sensors/{tenant.power.id}/forecast/trigger"
    asked = [browser.client.post(path, data={"duration": "P1D"}).status_code for _ in range(2)]
    assert asked == [302, 429]


def test_triggers_are_for_those_who_may_write(browser: Any, tenant: Any) -> None:
    paths = (f"/assets/{tenant.battery.id}/schedule", f"/sensors/{tenant.power.id}/forecast")
    assert [browser.client.post(f"{path}/trigger").status_code for path in paths] == [302, 302]
    browser.log_in(tenant.other_member)
    for path in paths:
        browser.get(path, status=403)


def test_a_forecast_needs_two_days_of_data(browser: Any, tenant: Any, store: Any) -> None:
    browser.log_in(tenant.member)
    path = f"/sensors/{tenant.power.id}/forecast"
    page = browser.get(path)
    button = page.one("form", "panel").one("button")
    assert "disabled" in button.attributes
    store(tenant.power, datetime.fromisoformat("2026-02-26T00:00+01:00"), [1.0, 2.0] * 200)
    form = browser.get(path).one("form", "panel")
    assert "disabled" not in form.one("button").attributes
    assert browser.submit(form, duration="eternity").one("p", "wrong").text
    page = browser.submit(form, duration="P1D")
    assert page.one("section", "job").attributes["data-job"]
