"""The page about why a schedule is as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fmhost.jobs.execute import execute
from fmhost.model import Job, Sensor, User
from fmhost.services import schedules

HOUR = timedelta(hours=1)
BREACH_PRICE = "1000 EUR/MWh"


@pytest.fixture
def database_kind() -> str:
    """What pages show is the same on either database."""
    return "sqlite"


@pytest.fixture
def schedule(
    installation: Any, tenant: Any, battery_site: Any, day_ahead_prices: Any, clock: Any
) -> Callable[..., str]:
    """``schedule(flex_model, flex_context)``: of six hours; its job's id."""

    def compute(flex_model: Any = None, flex_context: Any = None) -> str:
        with installation.database.transaction() as session:
            job = schedules.trigger(
                installation,
                session,
                target=session.get_one(Sensor, battery_site.power.id),
                start=clock(),
                duration=6 * HOUR,
                flex_model={"soc-at-start": "2 kWh", **(flex_model or {})},
                flex_context={
                    "consumption-price": {"sensor": battery_site.prices.id},
                    **(flex_context or {}),
                },
                requester=session.get_one(User, tenant.member.id),
            )
            job_id: str = job.id
        execute(installation, job_id, "test")
        return job_id

    return compute


@pytest.fixture
def look(browser: Any, tenant: Any) -> Callable[[str], Any]:
    """The page about a job, as a member of the account sees it."""
    browser.log_in(tenant.member)
    return lambda job_id: browser.get(f"/tasks/{job_id}/explanation")


def parts(page: Any) -> dict[str, Any]:
    return {each.attributes["aria-label"]: each for each in page.all("section", "panel")}


def rows(section: Any) -> list[list[str]]:
    return [
        [cell.text for cell in (*row.all("th"), *row.all("td"))]
        for row in section.all("tbody")[0].all("tr")
    ]


def test_costs_reasons_limits_breaches_and_what_was_assumed(
    schedule: Any, look: Any, clock: Any, browser: Any, battery_site: Any, tenant: Any
) -> None:
    later = (clock() + 2 * HOUR).isoformat()
    job_id = schedule(
        {"soc-minima": [{"value": "10 kWh", "datetime": later}], "power-capacity": "1 kW"},
        {
            "soc-minima-breach-price": BREACH_PRICE,
            "inflexible-device-sensors": [tenant.power.id],
        },
    )
    page = look(job_id)
    found = parts(page)
    device = f"home battery (sensor {battery_site.power.id})"
    ((limit, of, when, amount),) = rows(found["Limits that are breached"])
    assert (limit, of, when) == ("soc-minima", device, "12:00")
    assert amount.endswith("kWh")
    costs = rows(found["Costs"])
    assert costs[0][0] == "Electricity net energy"
    assert costs[-1][0] == "In all"
    assert all(amount.endswith("EUR") for _, amount in costs)
    first, *_ = rows(found[device])
    assert first[0].startswith("10:00 to ")
    assert "kWh" in first[2]
    assert first[3].endswith("EUR/MWh")
    assert ["soc-minima", device] in [row[:2] for row in rows(found["Limits that bind"])]
    assert "no value for 24 of 24 steps" in found["Assumed, as nobody said it"].text
    assert "T0" not in found["Assumed, as nobody said it"].text  # times are told as people do
    assert "What else it says" not in found
    # the way there
    (link,) = [
        each.attributes["href"]
        for each in browser.get(f"/tasks/{job_id}").all("a")
        if each.text == "Why it is so"
    ]
    assert browser.get(link).one("h1").text == "Why the schedule is so"
    ribbon = browser.get(f"/assets/{battery_site.battery.id}").one("section", "plan")
    assert link in [each.attributes.get("href") for each in ribbon.all("a")]


def test_why_there_is_no_schedule(schedule: Any, look: Any, clock: Any) -> None:
    later = (clock() + 2 * HOUR).isoformat()
    page = look(schedule({"soc-targets": [{"value": "50 kWh", "datetime": later}]}))
    assert page.one("h1").text == "Why there is no schedule"
    found = parts(page)
    assert {"soc-targets", "soc-max"} == {
        row[0] for row in rows(found["What contradicts each other"])
    }
    ((*_, change),) = rows(found["The smallest change that helps"])
    assert change == "0.01 MWh instead of 0.05 MWh"


@pytest.mark.parametrize(
    "said",
    [
        {"steps": [1, 2], "dearest": 7.5},
        {"devices": ["a battery"], "cost": "a lot", "currency": "EUR"},
    ],
)
def test_what_other_schedulers_say_is_shown_as_they_say_it(
    schedule: Any, look: Any, installation: Any, said: Any
) -> None:
    job_id = schedule()
    with installation.database.transaction() as session:
        job = session.get_one(Job, job_id)
        job.meta = {**job.meta, "explanations": [{"scheduler": "Gone", "explanation": said}]}
    page = look(job_id)
    assert "Said by Gone." in page.text
    text = page.one("pre").text
    assert all(name in text for name in said)


def test_several_schedules_in_turn_are_explained_one_after_another(
    schedule: Any, look: Any, installation: Any, browser: Any, tenant: Any
) -> None:
    job_id = schedule()
    with installation.database.transaction() as session:
        job = session.get_one(Job, job_id)
        job.meta = {**job.meta, "explanations": [*job.meta["explanations"]] * 2}
    assert len(look(job_id).all("dl", "facts")) == 2
    browser.get("/logged-in-user")
    browser.get("/tasks/nonsense/explanation", 404)
