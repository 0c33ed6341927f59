"""The data of charts, for the scripts that draw them, and who may have them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

QUARTER = timedelta(minutes=15)


@pytest.fixture
def database_kind() -> str:
    """What becomes of beliefs on either database is tested with the service."""
    return "sqlite"


@pytest.fixture
def ask(browser: Any, tenant: Any) -> Any:
    """``ask(path, **query)``: what a member of the account is answered."""
    browser.log_in(tenant.member)

    def asked(path: str, status: int = 200, **query: Any) -> Any:
        answer = browser.client.get(f"/ui/chart_data/{path}?{urlencode(query)}")
        assert answer.status_code == status, answer.text
        return answer.json

    return asked


def window(start: Any, hours: float) -> dict[str, str]:
    end = start + timedelta(hours=hours)
    return {"event_starts_after": start.isoformat(), "event_ends_before": end.isoformat()}


def test_a_sensor_comes_with_lines_sources_and_times(
    ask: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock(), [1.0, float("nan"), 3.0])
    data = ask(f"sensors/{tenant.power.id}", width=500)
    assert data["timezone"] == "Europe/Amsterdam"
    assert data["now"] == clock().timestamp() * 1000
    (row,) = data["rows"]
    assert (row["title"], row["units"]) == ("Power", ["kW"])
    (line,) = data["lines"]
    began = int(clock().timestamp() * 1000)
    assert line["starts"] == [began, began + 1800_000]
    assert line["values"] == [1.0, 3.0]
    assert line["gaps"] == [[0, 1], [began + 900_000, began + 2700_000]]
    assert line["recorded"] == began
    assert line["horizons"] == [900_000, 2700_000]
    assert line["source"]["label"] == "data entered by user some user"
    assert (line["kind"], line["events"]) == ("recorded", 2)


def test_what_is_far_away_is_not_in_the_window(
    ask: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock(), [1.0] * 8)
    data = ask(f"sensors/{tenant.power.id}", **window(clock() + QUARTER, 1))
    assert len(data["lines"][0]["values"]) == 4


def test_an_asset_shows_only_what_the_user_may_read(
    ask: Any, tenant: Any, store: Any, clock: Any, installation: Any
) -> None:
    store(tenant.power, clock(), [1.0])
    store(tenant.other_power, clock(), [77.0])
    with installation.database.transaction() as session:
        battery = session.get_one(type(tenant.battery), tenant.battery.id)
        battery.sensors_to_show = [tenant.power.id, tenant.other_power.id]
    data = ask(f"assets/{tenant.battery.id}")
    assert list(data["sensors"]) == [str(tenant.power.id)]
    assert [line["values"] for line in data["lines"]] == [[1.0]]


@pytest.mark.parametrize(
    ("person", "power", "prices"),
    [
        ("member", 200, 200),
        ("consultant", 200, 200),
        ("admin_reader", 200, 200),
        ("other_member", 403, 200),
        ("clerk", 403, 200),
    ],
)
def test_who_may_read_a_sensor_gets_its_data(
    browser: Any, tenant: Any, person: str, power: int, prices: int
) -> None:
    browser.log_in(getattr(tenant, person))
    for path, status in (
        (f"sensors/{tenant.power.id}", power),
        (f"assets/{tenant.battery.id}", power),
        (f"sensors/{tenant.prices.id}", prices),
        ("sensors/999", 404),
        ("assets/x", 404),
    ):
        answer = browser.client.get(f"/ui/chart_data/{path}")
        assert answer.status_code == status
        assert ("message" in answer.json) == (status != 200)


def test_a_visitor_gets_nothing(browser: Any, tenant: Any) -> None:
    path = f"/ui/chart_data/sensors/{tenant.power.id}"
    assert browser.client.get(path, headers={"Accept": "application/json"}).status_code == 401


def test_nonsense_is_refused_in_words(ask: Any, tenant: Any) -> None:
    late, early = "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"
    for query in (
        {"width": "0"},
        {"width": "x"},
        {"width": "9" * 30},
        {"chart_type": "pie"},
        {"beliefs_before": "yesterday"},
        {"event_starts_after": late},
        {"event_starts_after": late, "event_ends_before": early},
    ):
        assert ask(f"sensors/{tenant.power.id}", 422, **query)["message"]


def test_patterns_of_a_sensor(ask: Any, tenant: Any, store: Any, clock: Any) -> None:
    store(tenant.power, clock(), [1.0, 2.0, 3.0, 6.0])
    path = f"sensors/{tenant.power.id}"
    counts = ask(path, chart_type="histogram")["counts"]
    assert sum(counts) == 4
    daily = ask(path, chart_type="daily_heatmap")
    assert (daily["days"], daily["hours"], daily["cells"]) == (["2026-03-02"], 24, [[10, 0, 3.0]])
    assert ask(path, chart_type="weekly_heatmap")["hours"] == 168


def test_the_session_remembers_what_was_chosen(
    browser: Any, ask: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock(), [1.0])
    path = f"sensors/{tenant.power.id}"

    def shown() -> tuple[str | None, str]:
        section = browser.get(f"/{path}").one("section", "chart")
        (kind,) = [each for each in section.all("option") if "selected" in each.attributes][:1]
        return section.attributes.get("data-start"), kind.attributes["value"]

    assert shown() == (None, "bar_chart")
    ask(path, **window(clock(), 2))
    assert shown() == (None, "bar_chart")
    ask(path, chart_type="histogram", remember=1, **window(clock(), 2))
    assert shown() == (clock().isoformat(), "histogram")
    other = "2026-01-01T00:00:00+00:00"
    query = urlencode({"start_time": other, "end_time": "2026-01-02T00:00:00+00:00"})
    section = browser.get(f"/{path}?{query}").one("section", "chart")
    assert section.attributes["data-start"] == other
