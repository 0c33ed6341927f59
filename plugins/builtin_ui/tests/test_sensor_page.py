"""The page of a sensor: chart, table, words, and who may see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

QUARTER = timedelta(minutes=15)


def table(page: Any) -> list[list[str]]:
    rows = page.one("table", "stacks").all("tr")
    return [[cell.text for part in ("th", "td") for cell in row.all(part)] for row in rows]


def test_each_source_is_told_with_what_it_recorded(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock() - 2 * QUARTER, [1.5, -2.0])
    store(tenant.power, clock() - QUARTER, [-3.0, 1234.5], by="scheduler")
    browser.log_in(tenant.member)
    page = browser.get(f"/sensors/{tenant.power.id}")
    head, user, scheduler = table(page)
    assert head[0] == "Source"
    assert user == [
        "data entered by user some user (source 1)",
        *("2 Mar 2026 09:30", "2 Mar 2026 10:00", "2 Mar 2026 10:00"),
        *("−2", "−0.25", "1.5", "−0.5", "2"),
    ]
    assert scheduler[0] == "schedule by some scheduler (source 2)"
    facts = page.one("dl", "facts").text
    assert "Last recorded −2 kW at 09:45" in facts
    assert "production is positive" in facts


def test_the_chart_says_where_its_data_are(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock(), [3.0], by="scheduler")
    browser.log_in(tenant.member)
    chart = browser.get(f"/sensors/{tenant.power.id}").one("section", "chart")
    assert chart.attributes["data-chart"] == f"/ui/chart_data/sensors/{tenant.power.id}"
    assert chart.attributes["data-file"] == f"sensor-{tenant.power.id}-power"
    assert chart.attributes["data-timezone"] == "Europe/Amsterdam"


def test_a_sensor_without_values_says_so(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    page = browser.get(f"/sensors/{tenant.status.id}")
    assert page.one("h2").text == "No values yet"
    assert page.all("section", "chart") == []


@pytest.mark.parametrize(
    ("user", "sensor", "status"),
    [
        ("member", "other_power", 403),
        ("clerk", "power", 403),
        ("consultant", "other_power", 403),
        ("consultant", "power", 200),
        ("clerk", "prices", 200),
        ("admin", "other_power", 200),
        ("admin_reader", "other_power", 200),
    ],
)
def test_only_who_may_read_a_sensor_sees_it(
    browser: Any, tenant: Any, store: Any, clock: Any, user: str, sensor: str, status: int
) -> None:
    store(getattr(tenant, sensor), clock().replace(minute=0), [77.0])
    browser.log_in(getattr(tenant, user))
    page = browser.get(f"/sensors/{getattr(tenant, sensor).id}", status)
    if status == 403:
        assert page.one("h1").text == "Not for you"
        assert page.one("nav", "menu")
        for secret in ("77", "power", "battery", "Other Inc"):
            assert secret not in page.one("main").text


@pytest.mark.parametrize("number", ["999", "0", "x", "-1", "9" * 30, "1 OR 1=1"])
def test_an_unknown_sensor_is_not_found(browser: Any, tenant: Any, number: str) -> None:
    browser.log_in(tenant.member)
    page = browser.get(f"/sensors/{number}", 404)
    assert page.one("h1").text == "Nothing here"
    assert page.one("nav", "menu")


def test_a_visitor_learns_nothing_about_sensors(browser: Any, tenant: Any) -> None:
    for number in (tenant.power.id, 999):
        answer = browser.client.get(f"/sensors/{number}")
        assert answer.status_code == 302
        assert answer.location == f"/login?next=/sensors/{number}"


@pytest.mark.parametrize(
    ("path", "kind", "beginning"),
    [
        ("/favicon.ico", "image/", b"\x00\x00\x01\x00"),
        ("/ui/static/logo.svg", "image/svg+xml", b"<svg"),
        ("/ui/static/site.css", "text/css", b"/*"),
    ],
)
def test_files_need_no_login(browser: Any, path: str, kind: str, beginning: bytes) -> None:
    with browser.client.get(path) as answer:
        assert answer.status_code == 200
        assert answer.mimetype.startswith(kind)
        assert answer.data.startswith(beginning)
