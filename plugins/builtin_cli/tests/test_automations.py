"""``add``, ``show``, ``edit`` and ``delete automation``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

FORECAST = ("add", "automation", "--name", "each day", "--kind", "forecast", "--sensor", "3")


def test_a_forecast_recurs(toy: Any) -> None:
    printed = toy.ok(*FORECAST, "--cron", "0 6 * * *", "--parameters", '{"duration": "P1D"}')
    assert "Successfully created automation with ID 1." in printed
    (shown,) = toy.json("show", "automations")
    assert (shown["kind"], shown["sensor_id"], shown["cron"]) == ("forecast", 3, "0 6 * * *")
    assert (shown["timezone"], shown["by_operator"]) == ("Europe/Amsterdam", True)
    assert datetime.fromisoformat(shown["next_at"]) > datetime.now(UTC)
    assert "0 6 * * * (Europe/Amsterdam)" in toy.ok("show", "automations")


def test_it_is_changed_switched_off_and_deleted(toy: Any) -> None:
    assert toy.ok("show", "automations") == "No automations created yet.\n"
    toy.ok(*FORECAST, "--interval", "PT1H")
    assert "due next at" in toy.ok("edit", "automation", "--id", "1", "--cron", "@hourly")
    (shown,) = toy.json("show", "automations")
    assert (shown["cron"], shown["interval"]) == ("@hourly", None)
    assert "switched off" in toy.ok("edit", "automation", "--id", "1", "--off")
    assert "switched off" in toy.ok("show", "automations")
    assert "Say what to change" in toy.refused("edit", "automation", "--id", "1")
    delete = ("delete", "automation", "--id", "1")
    assert toy(*delete, stdin="n\n").exit_code == 1
    assert "has been deleted." in toy.ok(*delete, "--force")
    assert "There is no automation with ID 1." in toy.refused(*delete, "--force")


def test_what_could_not_run_is_refused(toy: Any) -> None:
    assert "is not a cron expression" in toy.refused(*FORECAST, "--cron", "often")
    assert "either a cron expression or an interval" in toy.refused(*FORECAST)
    unknown = toy.refused(*FORECAST, "--cron", "@daily", "--user", "nobody@example.org")
    assert "There is no user with the e-mail address nobody@example.org." in unknown
    assert toy.json("show", "automations") == []
