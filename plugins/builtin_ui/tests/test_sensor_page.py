"""The page of a sensor: chart, table, words, and who may see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

QUARTER = timedelta(minutes=15)


def table(page: Any) -> list[list[str]]:
    rows = page.one("table").all("tr")
    return [[cell.text for part in ("th", "td") for cell in row.all(part)] for row in rows]


def test_values_and_schedule_are_shown_side_by_side(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock() - 2 * QUARTER, [1.5, -2.0])
    store(tenant.power, clock() - QUARTER, [-3.0, 1234.5], by="scheduler")
    browser.log_in(tenant.member)
    page = browser.get(f"/sensors/{tenant.power.id}")
    assert table(page) == [
        ["From", "recorded", "scheduled"],
        ["Mon 2 Mar 2026"],
        ["09:30", "1.5", ""],
        ["09:45", "−2", "−3"],
        ["10:00", "", "1 234"],
    ]
    assert page.one("caption").text == "Values of power of battery [kW], times in Europe/Amsterdam"
    facts = page.one("dl", "facts").text
    assert "Last recorded −2 kW at 09:45" in facts
    assert "production is positive" in facts


def test_the_chart_tells_measurements_schedules_and_forecasts_apart(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock() - 2 * QUARTER, [1.0, 2.0])
    store(tenant.power, clock(), [3.0, 4.0], by="scheduler")
    store(tenant.power, clock(), [5.0], by="forecaster")
    browser.log_in(tenant.member)
    page = browser.get(f"/sensors/{tenant.power.id}")
    for size in ("wide", "narrow"):
        chart = page.one("svg", size)
        kinds = [line.attributes["class"].split()[1] for line in chart.all("path", "line")]
        assert kinds == ["recorded", "forecast", "scheduled"]
        assert len(chart.all("path", "now")) == 1
        assert chart.attributes["role"] == "img"
        assert "Scheduled from 10:00 to 10:15, between 3 and 4 kW." in chart.one("desc").text
    assert [each.text for each in page.one("ul", "legend").all("li")] == [
        "recorded (data entered by user some user)",
        "forecast (forecast by some forecaster)",
        "scheduled (schedule by some scheduler)",
    ]


def test_the_style_sheet_draws_what_is_not_measured_with_dashes(browser: Any) -> None:
    with browser.client.get("/ui/static/charts.css") as answer:
        css = answer.text
    for kind in ("forecast", "scheduled"):
        assert "stroke-dasharray" in css.split(f".line.{kind} {{")[1].split("}")[0]
    assert "stroke-dasharray" not in css.split(".line.recorded {")[1].split("}")[0]
    assert "url(" not in css
    assert "@import" not in css


def test_pointing_at_the_chart_tells_the_values(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock(), [3.0], by="scheduler")
    browser.log_in(tenant.member)
    chart = browser.get(f"/sensors/{tenant.power.id}").one("svg", "wide")
    assert chart.one("rect", "spot").text == "Mon 2 Mar 10:00 scheduled: 3 kW"


def test_a_sensor_without_values_says_so(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    page = browser.get(f"/sensors/{tenant.status.id}")
    assert page.one("h2").text == "No values yet"
    assert page.all("svg") == []


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
