"""``fmhost demo``: from nothing to an optimal battery schedule, again and again."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from fmhost.model import Asset, Job, Sensor, Source, User, beliefs
from fmhost_cli.demo import profiles
from fmhost_cli.demo.outcome import cost, state_of_charge

DAY = ("--day", "2026-04-14")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def demo(empty_cli: Any) -> Any:
    """The program on a database without tables, without a secret key."""
    empty_cli.environment["SECRET_KEY"] = None
    return empty_cli


def _counts(database: Any) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.__name__ if isinstance(table, type) else table.name: session.scalar(
                select(func.count()).select_from(table)
            )
            for table in (User, Asset, Sensor, Source, beliefs)
        }


def _amounts(printed: str) -> list[float]:
    return [float(amount) for amount in re.findall(r"(-?[0-9]+\.[0-9]{2}) EUR", printed)]


def test_it_goes_from_nothing_to_a_schedule(demo: Any, empty_database: Any) -> None:
    printed = demo.ok("demo", *DAY)
    key = demo.folder / "instance" / "secret_key"
    assert key.stat().st_mode & 0o077 == 0
    without, with_battery, saved = _amounts(printed)
    assert saved == pytest.approx(without - with_battery, abs=0.011)
    assert saved > 10
    with empty_database.reading() as session:
        (job,) = session.scalars(select(Job))
    costs = job.result["scheduler_info"]
    assert costs["cost_without_devices"] == pytest.approx(without, abs=0.006)
    assert costs["cost"] == pytest.approx(with_battery, abs=0.006)
    assert costs["warnings"] == []


def test_it_prints_a_chart_for_eighty_columns_without_colours(demo: Any) -> None:
    printed = demo.ok("demo", *DAY)
    assert "\x1b" not in printed
    lines = printed[printed.index("Day-ahead") : printed.index("Cost of")].splitlines()
    assert max(map(len, lines)) <= 80
    for title in ("Day-ahead price [EUR/MWh]", "Battery power [kW]", "State of charge [kWh]"):
        assert any(line.startswith(title) for line in lines)
    assert any("Tue 14 Apr 2026" in line and "Wed 15 Apr 2026" in line for line in lines)


def test_it_writes_a_picture(demo: Any) -> None:
    printed = demo.ok("demo", *DAY)
    path = demo.folder / "instance" / "demo.svg"
    assert f"The picture: {path}" in printed
    picture = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    text = " ".join("".join(picture.itertext()).split())
    for words in ("Day-ahead price [EUR/MWh]", "Power [kW]", "solar roof", "Tue 14 Apr 2026"):
        assert words in text
    saved = _amounts(printed)[2]
    assert f"{saved:.2f} EUR saved in 48 hours" in text


def test_it_says_how_to_log_in_and_what_works_next(demo: Any, empty_database: Any) -> None:
    from fmhost import settings
    from fmhost.auth.passwords import verify_password

    printed = demo.ok("demo", *DAY)
    assert "fmhost run" in printed
    email = re.search(r"e-mail +(\S+)", printed)[1]
    password = re.search(r"password +(\S+)", printed)[1]
    environ = {name: value for name, value in demo.environment.items() if value is not None}
    with empty_database.reading() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
    assert verify_password(settings.load(environ=environ), password, user.password)
    after = printed.split("What to try next:")[1].replace("\\\n", " ")
    commands = [line.strip() for line in after.splitlines() if line.strip()]
    assert len(commands) == 3
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "fmhost"
        demo.ok(*arguments)


def test_a_second_run_brings_nothing_new(demo: Any, empty_database: Any) -> None:
    first = demo.ok("demo", *DAY)
    counts = _counts(empty_database)
    again = demo.ok("demo", *DAY)
    assert _counts(empty_database) == counts
    assert again == first.split("\n", 2)[2]  # all but the lines on the new key and tables


def test_a_later_day_adds_its_own_beliefs_only(demo: Any, empty_database: Any) -> None:
    demo.ok("demo", *DAY)
    counts = _counts(empty_database)
    demo.ok("demo", "--day", "2026-04-15")
    later = _counts(empty_database)
    assert {**later, "timed_belief": 0} == {**counts, "timed_belief": 0}
    # one more day of prices, production and consumption, and the schedule for two days from now on
    assert later["timed_belief"] - counts["timed_belief"] <= 24 + 96 + 96 + 192


def test_bundled_prices_do_not_mix_with_those_of_others(demo: Any) -> None:
    demo.ok("demo", *DAY)
    demo.ok("add", "toy-account")
    markets = [asset for asset in demo.json("show", "assets") if asset["account"] is None]
    assert [market["name"] for market in markets] == ["Demo market", "NL transmission zone"]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
def test_days_on_which_the_clock_changes(demo: Any, day: str) -> None:
    printed = demo.ok("demo", "--day", day)
    assert len(_amounts(printed)) == 3
    assert "nan" not in printed


def test_without_a_day_it_is_about_tomorrow(demo: Any) -> None:
    before = datetime.now(AMSTERDAM).date()
    printed = demo.ok("demo")
    after = datetime.now(AMSTERDAM).date()
    tomorrows = {f"{day + timedelta(days=1):%a %d %b %Y}" for day in (before, after)}
    assert any(tomorrow in printed for tomorrow in tomorrows)


def test_another_secret_key_gives_another_password(demo: Any) -> None:
    first = re.search(r"password +(\S+)", demo.ok("demo", *DAY))[1]
    demo.environment["SECRET_KEY"] = "another key"
    second = re.search(r"password +(\S+)", demo.ok("demo", *DAY))[1]
    assert first != second


def test_a_wrong_day_is_a_usage_error(demo: Any) -> None:
    result = demo("demo", "--day", "tomorrow")
    assert result.exit_code == 2


def test_profiles_follow_the_local_clock() -> None:
    monday = datetime(2026, 4, 13, tzinfo=AMSTERDAM).astimezone(UTC)
    hour = timedelta(hours=1)
    prices = profiles.series("prices", monday, monday + 7 * 24 * hour, hour, AMSTERDAM)
    assert len(prices) == 168
    assert min(prices) < 0 < 100 < max(prices)
    sunday_midday = prices[6 * 24 + 14]
    assert sunday_midday == min(prices)
    # in winter the same hour of the day has the same price
    winter = datetime(2026, 1, 18, 14, tzinfo=AMSTERDAM)
    (price,) = profiles.series("prices", winter, winter + hour, hour, AMSTERDAM)
    assert price == sunday_midday


def test_profiles_are_physical() -> None:
    start = datetime(2026, 4, 13, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    week = start + timedelta(days=7)
    solar = profiles.series("solar", start, week, quarter, AMSTERDAM)
    load = profiles.series("load", start, week, quarter, AMSTERDAM)
    assert len(solar) == len(load) == 7 * 96
    assert all(0 <= share <= 1 for share in solar)
    assert solar[0] == 0
    assert min(load) > 0


def test_costs_and_charge_are_what_they_mean() -> None:
    assert cost([10.0, -10.0], [100.0, 100.0]) == 0
    assert cost([40.0], [100.0]) == pytest.approx(1.0)  # 10 kWh at 0.10 EUR/kWh
    charge = state_of_charge([40.0, -40.0], 20.0)
    assert charge[1] == pytest.approx(20 + 10 * 0.9**0.5)
    assert charge[2] == pytest.approx(charge[1] - 10 / 0.9**0.5)
