"""Charts, replay and the ribbon of plans in a real browser."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmhost.beliefs import Beliefs, save
from fmhost.domain.arrays import moment64
from fmhost.jobs.execute import execute
from fmhost.model import Asset, Sensor, User
from fmhost.services import recording, schedules, sources

pytestmark = [
    pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:'get_token_status' is deprecated"),
]

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

#: What the chart of the page has drawn: the data of its lines, by name.
_DRAWN = """() => Object.fromEntries(
  document.querySelector("[data-chart]").chart.chart.getOption().series
    .filter((each) => each.type === "line" && each.data.length)
    .map((each) => [each.name, each.data]))"""

#: How much there is to see on the canvas: the length of its picture.
_INKED = """document.querySelector("[data-chart] canvas").toDataURL().length"""

_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def database_kind() -> str:
    """What a browser shows is the same on either database."""
    return "sqlite"


@pytest.fixture
def visit(real_browser: Any, tenant: Any) -> Iterator[Callable[..., Any]]:
    """``visit(path, phone=False, person=tenant.member)``: a page; nothing must go wrong on it."""

    def open_page(path: str, *, phone: bool = False, person: Any = tenant.member) -> Any:
        page = real_browser.open(path, person, phone=phone)
        drawn(page)
        return page

    yield open_page
    assert real_browser.close() == []


def drawn(page: Any, condition: str = "true") -> dict[str, list[list[Any]]]:
    """What the chart has drawn once its data have come, and a condition holds."""
    page.wait_for_function(
        f"""() => {{
          const box = document.querySelector("[data-chart]");
          const chart = box.chart;
          return chart?.data && !box.hasAttribute("aria-busy") && ({condition});
        }}"""
    )
    found: dict[str, list[list[Any]]] = page.evaluate(_DRAWN)
    return found


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def known(points: list[list[Any]]) -> list[float]:
    return [value for _, value in points if value is not None]


def test_the_chart_of_a_sensor(
    visit: Any, tenant: Any, store: Any, clock: Any, tmp_path: Path
) -> None:
    store(tenant.power, clock() - 4 * QUARTER, [1.5, -2.0, float("nan"), 4.0])
    store(tenant.power, clock(), [3.0, 2.5], by="scheduler")
    page = visit(f"/sensors/{tenant.power.id}")
    lines = drawn(page)
    user, scheduler = (f"{tenant.power.id}/{source}" for source in (1, 2))
    began = milliseconds(clock())
    assert lines[scheduler] == [
        [began, 3.0],
        [began + 900_000, 2.5],
        [began + 1800_000, 2.5],
        [began + 1800_000, None],
    ]
    assert [value for _, value in lines[user]] == [1.5, -2.0, -2.0, None, 4.0, 4.0, None]
    assert page.evaluate(_INKED) > 5000
    # as a table
    page.click("summary:has-text('The same as a table')")
    told = page.locator("[data-part='table'] tbody tr:not(.day)")
    told.first.wait_for()
    rows = told.all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["09:00", "1.5", ""],
        ["09:15", "−2", ""],
        ["09:45", "4", ""],
        ["10:00", "", "3"],
        ["10:15", "", "2.5"],
    ]
    # the legend
    page.click("button.legend-entry:has-text('schedule by')")
    assert scheduler not in drawn(page)
    page.click("button.legend-entry:has-text('schedule by')")
    # saved
    files = {}
    for kind in ("csv", "json", "png", "svg"):
        page.click("summary:has-text('Save')")
        with page.expect_download() as saving:
            page.click(f"[data-part='{kind}']")
        name = saving.value.suggested_filename
        assert name == f"sensor-{tenant.power.id}-power.{kind}"
        saving.value.save_as(tmp_path / name)
        files[kind] = (tmp_path / name).read_bytes()
    first, *_ = csv.DictReader(files["csv"].decode().splitlines())
    assert first["event_start"] == "2026-03-02T09:00:00+01:00"
    assert (first["event_value"], first["unit"]) == ("1.5", "kW")
    assert [each["event_value"] for each in json.loads(files["json"])] == [1.5, -2, 4, 3, 2.5]
    assert files["png"].startswith(b"\x89PNG")
    assert b"<svg" in files["svg"]
    # drawn as shapes, until somebody wants it fast again
    for tag in ("svg", "canvas"):
        page.click("summary:has-text('Save')")
        with page.expect_navigation():
            page.click("[data-part='fast']")
        drawn(page)
        assert page.locator(f"[data-part='screen'] {tag}").count() == 1
    # other kinds of charts
    for kind in ("histogram", "daily_heatmap", "weekly_heatmap"):
        page.select_option("[data-part='type']", kind)
        drawn(page, f"chart.type === '{kind}' && !chart.data.lines")
        assert page.evaluate(_INKED) > 5000
    assert "chart_type=weekly_heatmap" in page.url


def test_a_hundred_thousand_values_are_looked_at_by_zooming(
    visit: Any, tenant: Any, installation: Any, clock: Any
) -> None:
    count = 100_000
    values = np.sin(np.arange(count) / 500)
    values[60_000] = 9.0
    end = clock()
    starts = moment64(end) - np.arange(count, 0, -1) * np.timedelta64(QUARTER)
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        source = sources.create_source(session, name="meter", source_type="user")
        save(session, sensor, Beliefs.of(starts, np.timedelta64(0, "us"), source.id, values))
    begin = end - count * QUARTER
    window = f"start_time={begin:%Y-%m-%dT%H:%M:%SZ}&end_time={end:%Y-%m-%dT%H:%M:%SZ}"
    page = visit(f"/sensors/{tenant.power.id}?{window}")
    (points,) = drawn(page).values()
    assert 1000 < len(points) < 6000
    assert max(known(points)) == 9.0
    assert "100\u202f000 values" in page.inner_text("[data-part='reduced']")
    # in to a hundredth, by dragging over it
    box = page.locator("[data-part='screen']").bounding_box()
    page.mouse.move(box["x"] + 500, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 512, box["y"] + 150)
    page.mouse.up()
    (points,) = drawn(page, "chart.data.lines[0]?.events < 3000").values()
    assert len(points) < 3000
    assert page.inner_text("[data-part='reduced']") == ""
    zoomed = page.url
    assert zoomed.count("start_time") == 1
    page.click("[data-part='out']")
    drawn(page, f"location.href !== {zoomed!r}")
    page.go_back()
    drawn(page, f"location.href === {zoomed!r} && chart.data.lines[0]?.events < 3000")


def test_replay_shows_what_was_known_then(
    visit: Any, tenant: Any, installation: Any, clock: Any
) -> None:
    with installation.database.transaction() as session:
        sensor = session.get_one(Sensor, tenant.power.id)
        source = sources.create_source(session, name="some", source_type="forecaster")
        for hours, value in ((3, 1.0), (2, 2.0), (1, 3.0)):
            at = clock() - hours * HOUR
            recording.record(
                installation,
                session,
                sensor,
                source,
                start=clock(),
                values=[value] * 4,
                belief_time=at,
            )
    page = visit(f"/sensors/{tenant.power.id}")

    def shown() -> set[float]:
        return {value for points in drawn(page).values() for value in known(points)}

    assert shown() == {3.0}
    seen = []
    for _ in range(3):
        before = page.inner_text("[data-part='said']")
        page.keyboard.press("n")
        drawn(page, f"document.querySelector('[data-part=said]').textContent !== {before!r}")
        seen.append((page.inner_text("[data-part='said']").split()[-1], shown()))
    assert seen == [("07:00", {1.0}), ("08:00", {2.0}), ("09:00", {3.0})]
    assert "known_at=2026-03-02T09%3A00%3A00%2B01%3A00" in page.url
    page.keyboard.press("p")  # from the start, as it has come to the end
    drawn(page, "chart.prior < " + str(milliseconds(clock() - 2 * HOUR)))
    assert page.inner_text("[data-part='play']") == "Pause"
    page.keyboard.press("p")
    page.click("[data-part='stop']")
    drawn(page, "chart.prior === undefined")
    assert shown() == {3.0}
    assert "known_at" not in page.url


def test_the_ribbon_tells_why_and_why_not(
    visit: Any,
    tenant: Any,
    installation: Any,
    battery_site: Any,
    day_ahead_prices: Any,
    clock: Any,
    tmp_path: Path,
) -> None:
    with installation.database.transaction() as session:
        battery = session.get_one(Asset, battery_site.battery.id)
        battery.flex_context = {"consumption-price": {"sensor": battery_site.prices.id}}
        job = schedules.trigger(
            installation,
            session,
            target=session.get_one(Sensor, battery_site.power.id),
            start=clock(),
            duration=24 * HOUR,
            flex_model={
                "soc-at-start": "2 kWh",
                "roundtrip-efficiency": "90%",
                "soc-maxima": [
                    {"value": "9 kWh", "start": clock().isoformat(), "duration": "PT6H"},
                    {"value": "10 kWh", "datetime": (clock() + 9 * HOUR).isoformat()},
                ],
            },
            requester=session.get_one(User, tenant.member.id),
        )
        job_id = job.id
    assert execute(installation, job_id, "test")
    page = visit(f"/assets/{battery_site.battery.id}")
    assert "At stake" in page.inner_text(".plan .story")
    slots = page.locator(".slot")
    assert slots.count() == 96
    charging = page.locator(".slot.taking").first
    charging.click()
    assert page.inner_text("[data-part='slot-title']") == charging.get_attribute("aria-label")
    assert "Charges" in page.inner_text("[data-part='slot-reason']")
    page.fill("[name='power']", "-1")
    page.click("button:has-text('Ask')")
    page.wait_for_selector("[data-part='ask'] button:not(:disabled)")
    assert "more than what is planned" in page.inner_text("[data-part='answer']")
    page.keyboard.press("Tab")
    charging.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    following = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert page.inner_text("[data-part='slot-title']") == following
    assert following != charging.get_attribute("aria-label")
    prices, power = (f"{each.id}/" for each in (battery_site.prices, battery_site.power))
    names = drawn(page).keys()
    assert any(name.startswith(prices) for name in names)
    assert any(name.startswith(power) for name in names)
    began = milliseconds(clock())
    assert page.evaluate(
        """(name) => document.querySelector("[data-chart]").chart.chart.getOption().series
            .filter((each) => each.name === name).map((each) => each.data)""",
        f"soc-maxima/{battery_site.level.id}",
    ) == [[[began, 9], [began + 6 * 3600_000, 9]], [[began + 9 * 3600_000, 10]]]
    phone = visit(f"/assets/{battery_site.battery.id}", phone=True)
    assert not phone.evaluate(_SIDEWAYS)
    for name, each in (("desk", page), ("phone", phone)):
        each.screenshot(path=tmp_path / f"{name}.png", full_page=True)


def test_choosing_what_the_graphs_show(visit: Any, tenant: Any, store: Any, clock: Any) -> None:
    store(tenant.power, clock(), [1.0])
    store(tenant.prices, clock(), [50.0])
    path = f"/assets/{tenant.battery.id}"
    assert visit(path, person=tenant.admin_reader).locator(".graph-editor").count() == 0
    page = visit(path)
    assert page.evaluate("document.querySelector('[data-chart]').chart.data.rows.length") == 2
    page.click(".graph-editor summary")
    page.click("[data-part='add']")
    page.fill("[aria-label='Title of row 1']", "What energy costs")
    page.select_option("[aria-label='Add a sensor to row 1']", str(tenant.prices.id))
    page.click("[data-part='keep']")
    page.wait_for_selector(".toast:has-text('what you chose')")
    drawn(page, "chart.data.rows.length === 1")
    (title,) = page.evaluate(
        "document.querySelector('[data-chart]').chart.data.rows.map((row) => row.title)"
    )
    assert title == "What energy costs"
