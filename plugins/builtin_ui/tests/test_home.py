"""The home page: who sees which assets, and what is said about schedules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

#: What each user of the tenant sees, group by group.
SEEN = {
    "admin": {"Acme": ["battery", "inverter"], "Other Inc": ["battery"], "Public": ["market"]},
    "admin_reader": {
        "Acme": ["battery", "inverter"],
        "Other Inc": ["battery"],
        "Public": ["market"],
    },
    "account_admin": {"Acme": ["battery", "inverter"], "Public": ["market"]},
    "member": {"Acme": ["battery", "inverter"], "Public": ["market"]},
    "other_member": {"Other Inc": ["battery"], "Public": ["market"]},
    "consultant": {"Acme": ["battery", "inverter"], "Public": ["market"]},
    "clerk": {"Public": ["market"]},
}


def groups(page: Any) -> dict[str, list[str]]:
    return {
        section.one("h2").text: [card.one("h3").text for card in section.all("li", "card")]
        for section in page.all("section", "group")
    }


@pytest.mark.parametrize("role", SEEN)
def test_everybody_sees_what_they_may_read(browser: Any, tenant: Any, role: str) -> None:
    page = browser.log_in(getattr(tenant, role))
    assert groups(page) == SEEN[role]
    for link in page.one("main").all("a"):
        if link.attributes["href"].startswith("/sensors/"):
            browser.get(link.attributes["href"])


def test_the_own_account_comes_first(browser: Any, tenant: Any) -> None:
    assert next(iter(groups(browser.log_in(tenant.other_member)))) == "Other Inc"


def test_an_asset_shows_its_sensors(browser: Any, tenant: Any) -> None:
    battery, inverter, _ = browser.log_in(tenant.member).all("li", "card")
    assert [(a.text, a.attributes["href"]) for a in battery.one("ul", "sensors").all("a")] == [
        ("power", f"/sensors/{tenant.power.id}"),
        ("level", f"/sensors/{tenant.level.id}"),
    ]
    assert inverter.one("p", "soft").text == "part of battery"
    assert battery.all("p", "story") == []


def test_a_schedule_is_told_in_one_sentence(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    start = clock() - timedelta(hours=1)  # it is 10:00 in Amsterdam
    store(tenant.power, start, [-20.0] * 6 + [0.0] * 4 + [30.0] * 2, by="scheduler")
    page = browser.log_in(tenant.member)
    story = page.one("p", "story")
    assert story.text == "Charging at 20 kW until 10:30, then idle until 11:30."
    assert "taking" in story.attributes["class"]
    on_sensor_page = browser.get(f"/sensors/{tenant.power.id}").one("p", "story")
    assert on_sensor_page.text == story.text


def test_what_was_measured_or_is_over_is_no_schedule(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock() - timedelta(hours=1), [-20.0] * 8, by="user")
    store(tenant.power, clock() - timedelta(hours=3), [-20.0] * 12, by="scheduler")
    assert browser.log_in(tenant.member).all("p", "story") == []


def test_schedules_of_others_are_not_told(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.other_power, clock(), [-20.0] * 8, by="scheduler")
    assert browser.log_in(tenant.member).all("p", "story") == []


def test_the_menu_shows_where_one_is(browser: Any, tenant: Any) -> None:
    (entry,) = browser.log_in(tenant.member).one("nav", "menu").all("a")
    assert (entry.text, entry.attributes["aria-current"]) == ("Assets", "page")


def test_an_asset_cannot_smuggle_in_markup(browser: Any, tenant: Any, installation: Any) -> None:
    name = "<script>alert(1)</script>"
    with installation.database.transaction() as session:
        session.merge(tenant.battery).name = name
    page = browser.log_in(tenant.member)
    assert name in [heading.text for heading in page.all("h3")]
