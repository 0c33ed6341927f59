"""The dashboard: who sees which assets, in which groups, and what is said about schedules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fmhost.model import Sensor

#: What each user of the tenant sees, account by account.
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


@pytest.fixture
def database_kind() -> str:
    """What pages show is the same on either database; statements are tested with the services."""
    return "sqlite"


def groups(page: Any) -> dict[str, list[str]]:
    return {
        group.one("h2").text: [link.text for link in group.all("a")]
        for group in page.all("details", "group")
    }


def by_owner(page: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in page.one("ul", "listed").all("li"):
        found.setdefault(row.one("span").text, []).append(row.one("a").text)
    return found


@pytest.mark.parametrize("role", SEEN)
def test_everybody_sees_what_they_may_read(browser: Any, tenant: Any, role: str) -> None:
    page = browser.log_in(getattr(tenant, role))
    assert by_owner(page) == SEEN[role]
    chips = [link.text for link in page.one("nav", "chips").all("a")]
    number = sum(map(len, SEEN[role].values()))
    assert chips == [f"All {number}", f"Battery {number}"]


@pytest.mark.parametrize("role", ["admin_reader", "consultant"])
def test_who_looks_after_accounts_can_group_by_them(browser: Any, tenant: Any, role: str) -> None:
    browser.log_in(getattr(tenant, role))
    assert groups(browser.get("/dashboard?group_by_accounts=1")) == SEEN[role]


def test_others_cannot(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.account_admin)
    assert list(groups(browser.get("/dashboard?group_by_accounts=1"))) == ["Battery"]


def test_types_of_one_group_are_shown_together(browse: Any, tenant: Any) -> None:
    browser = browse(FLEXMEASURES_ASSET_TYPE_GROUPS={"storage": ["battery"]})
    browser.log_in(tenant.member)
    assert list(groups(browser.get("/dashboard?group=storage"))) == ["Storage"]
    assert groups(browser.get("/dashboard?group=wind")) == {}


def test_a_schedule_is_told_in_one_sentence(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    start = clock() - timedelta(hours=1)  # it is 10:00 in Amsterdam
    store(tenant.power, start, [-20.0] * 6 + [0.0] * 4 + [30.0] * 2, by="scheduler")
    story = browser.log_in(tenant.member).one("li", "story")
    assert story.text == "battery Charging at 20 kW until 10:30, then idle until 11:30."
    assert "taking" in story.attributes["class"]


def test_a_large_site_tells_some_plans_and_that_there_are_more(
    browser: Any, tenant: Any, store: Any, clock: Any, installation: Any
) -> None:
    with installation.database.transaction() as session:
        power = session.merge(tenant.power)
        more = [
            Sensor(
                name=f"power {number}",
                unit="kW",
                event_resolution=power.event_resolution,
                timezone=power.timezone,
                generic_asset=power.generic_asset,
            )
            for number in range(25)
        ]
        session.add_all(more)
    for sensor in more:
        store(sensor, clock(), [-20.0], by="scheduler")
    page = browser.log_in(tenant.member)
    assert len(page.all("li", "story")) == 24
    assert "There may be more" in page.one("section", "plans").text
    assert "There may be more" not in browser.get("/dashboard?group=wind").text


def test_what_was_measured_or_is_over_is_no_schedule(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock() - timedelta(hours=1), [-20.0] * 8, by="user")
    store(tenant.power, clock() - timedelta(hours=3), [-20.0] * 12, by="scheduler")
    assert browser.log_in(tenant.member).all("li", "story") == []


def test_schedules_of_others_are_not_told(
    browser: Any, tenant: Any, store: Any, clock: Any
) -> None:
    store(tenant.other_power, clock(), [-20.0] * 8, by="scheduler")
    assert browser.log_in(tenant.member).all("li", "story") == []


def test_the_map_has_assets_with_a_location(
    browser: Any, tenant: Any, installation: Any, store: Any, clock: Any
) -> None:
    store(tenant.power, clock() - timedelta(minutes=30), [-20.0, -12.5, 3.0])
    with installation.database.transaction() as session:
        for asset in (tenant.battery, tenant.other_battery):
            merged = session.merge(asset)
            merged.latitude, merged.longitude = 52.5, 5.25
    browser.log_in(tenant.member)
    answer = browser.client.get("/dashboard/places")
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.get_json()
    with browser.client.get(found["outline"]) as outline:
        assert set(outline.get_json()) == {"size", "land", "borders"}
        assert outline.headers["Cache-Control"] == "no-cache"  # asked for again, sent only if new
    assert found["places"] == [[tenant.battery.id, "battery", 0, "battery", 52.5, 5.25]]
    assert found["groups"] == [{"key": "battery", "title": "Battery"}]
    assert found["tiles"] is None
    told = browser.client.get(f"/dashboard/places/{tenant.battery.id}").get_json()
    assert told["owner"] == "Acme"
    # The last value that is past: it is 10:00, and 3 kW began then.
    assert told["values"] == [{"name": "power", "value": "3\N{NO-BREAK SPACE}kW", "at": "10:00"}]


@pytest.mark.parametrize(
    ("mode", "state", "at"),
    [
        ("", "consuming 12.5\N{NO-BREAK SPACE}kW", "09:45"),
        ("play", "producing 1.5\N{NO-BREAK SPACE}MW", "10:15"),
    ],
)
def test_a_table_tells_what_each_kind_does(
    browse: Any, tenant: Any, store: Any, clock: Any, mode: str, state: str, at: str
) -> None:
    store(tenant.power, clock() - timedelta(minutes=15), [-12.5])
    store(tenant.power, clock() + timedelta(minutes=15), [1500.0])
    store(tenant.power, clock(), [-20.0] * 8, by="scheduler")
    browser = browse(FLEXMEASURES_MODE=mode)
    table = browser.log_in(tenant.member).one("table", "states")
    (row,) = table.one("tbody").all("tr")
    assert [cell.text for cell in (*row.all("th"), *row.all("td"))] == ["Battery", "3", "", ""]
    assert row.one("a").attributes["href"] == "/dashboard?group=battery"
    told = browser.client.get(table.attributes["data-states"]).get_json()
    assert told["states"] == {"battery": {"state": state, "at": at, "of": 1}}


def test_demonstrations_tell_of_all_kinds_but_not_what_belongs_to_others(
    browse: Any, tenant: Any
) -> None:
    for mode, number in (("", 3), ("demo", 4)):
        page = browse(FLEXMEASURES_MODE=mode).log_in(tenant.member)
        chips = [link.text for link in page.one("nav", "chips").all("a")]
        assert chips == [f"All {number}", f"Battery {number}"]
        assert "Other Inc" not in page.text
    assert page.one("summary").text == "Battery 4 assets, 1 of them of others"


def test_pictures_of_maps_come_from_where_the_settings_say(browse: Any, tenant: Any) -> None:
    browser = browse(
        FMHOST_MAP_TILES="https://maps.example.org/{z}/{x}/{y}.png?key={token}",
        MAPBOX_ACCESS_TOKEN="pk.1",
    )
    browser.log_in(tenant.member)
    assert browser.client.get("/dashboard/places").get_json()["tiles"] == (
        "https://maps.example.org/{z}/{x}/{y}.png?key=pk.1"
    )
    browser.get("/dashboard")
    policy = browser.answer.headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://maps.example.org;" in policy


def test_clearing_the_session_keeps_the_login(browser: Any, tenant: Any) -> None:
    browser.log_in(tenant.member)
    with browser.client.session_transaction() as session:
        session["chart_type"] = "histogram"
    page = browser.get("/dashboard?clear-session=1")
    assert page.one("p", "message").text == "Your session was cleared."
    with browser.client.session_transaction() as session:
        assert "chart_type" not in session


def test_an_asset_cannot_smuggle_in_markup(browser: Any, tenant: Any, installation: Any) -> None:
    name = "<script>alert(1)</script>"
    with installation.database.transaction() as session:
        session.merge(tenant.battery).name = name
    page = browser.log_in(tenant.member)
    assert name in [link.text for link in page.one("ul", "listed").all("a")]
