"""``fmhost add schedule``: with the storage scheduler, which is installed next to the commands."""

from __future__ import annotations

from typing import Any

import pytest

START = "2026-03-02T06:00+00:00"
WINDOW = ("--start", START, "--duration", "PT4H")
STORAGE = (
    *("add", "schedule", "for-storage", "--sensor-id", "2", "--consumption-price-sensor", "3"),
    *(*WINDOW, "--soc-at-start", "50%", "--roundtrip-efficiency", "90%"),
)
SHOW = ("show", "beliefs", "--sensor", "2", *WINDOW)


@pytest.fixture
def market(toy: Any) -> Any:
    """The toy account, with four hours of prices of which the second is the lowest."""
    path = toy.folder / "prices.csv"
    rows = [f"2026-03-02T0{6 + hour}:00Z,{price}" for hour, price in enumerate((50, 10, 60, 90))]
    path.write_text("\n".join(["t,v", *rows]))
    toy.ok("add", "beliefs", "--sensor", "3", "--source", "toy-user", "--horizon", "0", path)
    return toy


def _power(cli: Any, *show: str) -> list[float]:
    """Power of the battery by quarter, consumption positive [MW]."""
    (found,) = cli.json(*(show or SHOW))
    return [0.0 if value is None else -value for value in found["values"]]


def test_a_storage_is_charged_when_it_is_cheap(market: Any) -> None:
    assert market.ok(*STORAGE) == "New schedule is stored.\n"
    power = _power(market)
    assert len(power) == 16
    hours = [sum(power[quarter : quarter + 4]) / 4 for quarter in range(0, 16, 4)]
    assert hours[1] > 0.4  # bought at 10
    assert hours[3] < -0.3  # sold at 90
    (source,) = (s for s in market.json("show", "data-sources") if s["type"] == "scheduler")
    assert source["model"] == "StorageScheduler"


def test_new_names_of_options_mean_the_same(market: Any) -> None:
    market.ok(*STORAGE)
    power = _power(market)
    market.ok(
        *("add", "schedule", "--sensor", "2", *WINDOW, "--soc-at-start", "0.225 MWh"),
        *("--flex-model", '{"roundtrip-efficiency": "90%"}'),
        *("--flex-context", '{"consumption-price": {"sensor": 3}}'),
        *("--scheduler", "StorageScheduler"),
    )
    assert _power(market) == pytest.approx(power)
    market.ok(
        *(
            part.replace("--consumption-price-sensor", "--optimization-context-id")
            for part in STORAGE
        )
    )
    assert _power(market) == pytest.approx(power)


def test_json_is_read_from_files(market: Any) -> None:
    model = market.folder / "model.json"
    model.write_text('{"soc-at-start": "0.225 MWh", "roundtrip-efficiency": 0.9}')
    context = market.folder / "context.json"
    context.write_text('{"consumption-price": {"sensor": 3}}')
    market.ok(
        *("add", "schedule", "--sensor", "2", *WINDOW),
        *("--flex-model", model, "--flex-context", context, "--prior", "2026-03-02T00:00Z"),
    )
    assert any(_power(market))


def test_a_dry_run_shows_and_stores_nothing(market: Any) -> None:
    printed = market.ok(*STORAGE, "--dry-run")
    assert "storage_schedule of sensor 2 [MW]" in printed
    assert printed.endswith("This was a dry run: nothing is stored.\n")
    assert not any(_power(market))
    assert not any(market.json("jobs", "show-queues").values())


def test_as_a_job_it_is_done_when_the_embedded_queue_is_through(market: Any) -> None:
    printed = market.ok(*STORAGE, "--as-job")
    assert printed.startswith("New scheduling job ")
    assert printed.endswith(" has been added to the queue.\n")
    assert any(_power(market))
    assert market.json("jobs", "show-queues")["scheduling"] == {"finished": 1}
    assert market.ok(*STORAGE, "--as-job") == printed  # the same request, the same job


def test_targets_and_limits_are_shares_of_the_maximum(market: Any) -> None:
    market.ok(*STORAGE, "--soc-target", "100%", "2026-03-02T10:00+00:00", "--soc-max", "100%")
    one_way = 0.9**0.5
    charge = 0.225
    for power in _power(market):
        charge += power / 4 * (one_way if power > 0 else 1 / one_way)
    assert charge == pytest.approx(0.45, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--sensor-id", "99"), "No sensor found with ID 99."),
        (("--sensor-id", "3"), "Sensor with ID 3 is not a power sensor."),
        (("--sensor-id", "1"), "Sensor 1 has no max_soc_in_mwh attribute."),
        (("--consumption-price-sensor", "99"), "99"),
        (("--consumption-price-sensor", "2"), "price"),
        (("--duration", "PT0H"), "duration"),
        (("--duration", "P100D"), "FLEXMEASURES_MAX_PLANNING_HORIZON"),
    ],
)
def test_impossible_requests_are_refused(
    market: Any, options: tuple[str, ...], message: str
) -> None:
    assert message in market.refused(*STORAGE, *options)
    assert not any(_power(market))
    assert not any(market.json("jobs", "show-queues").values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--start", "2026-03-02T06:00"), "Not a valid aware datetime."),
        (("--soc-at-start", "120%"), "not between 0 and 1"),
        (("--soc-at-start", "12 kWh"), "is no share"),
        (("--soc-target", "100%", "tomorrow"), "Not a valid datetime"),
    ],
)
def test_wrong_values_are_usage_errors(market: Any, options: tuple[str, ...], message: str) -> None:
    result = market(*STORAGE, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_infeasible_schedule_says_why_and_stores_nothing(market: Any) -> None:
    refused = market.refused(
        *("add", "schedule", "--sensor", "2", *WINDOW, "--soc-at-start", "0.05 MWh"),
        "--flex-model",
        '{"soc-targets": [{"value": "0.45 MWh", "datetime": "2026-03-02T06:15+00:00"}]}',
        "--flex-context",
        '{"consumption-price": {"sensor": 3}, "relax-constraints": false}',
    )
    assert "infeasible" in refused.lower()
    assert "target" in refused
    assert not any(_power(market))


def test_unknown_prices_are_explained(toy: Any) -> None:
    refused = toy.refused(*STORAGE)
    assert "price" in refused.lower()
    assert not any(_power(toy))


def test_the_plain_form_needs_a_target_and_a_window(market: Any) -> None:
    assert "Give --sensor or --asset." in market.refused("add", "schedule", *WINDOW)
    both = ("--sensor", "2", "--asset", "3")
    assert "Give --sensor or --asset." in market.refused("add", "schedule", *WINDOW, *both)
    assert "Missing option '--start'" in market("add", "schedule", "--sensor", "2").stderr
    result = market("add", "schedule", "--sensor", "2", "--start", START)
    assert (result.exit_code, "Missing option '--duration'" in result.stderr) == (2, True)
    assert "No asset found with ID 99." in market.refused(
        "add", "schedule", *WINDOW, "--asset", "99"
    )
    refused = market.refused("add", "schedule", *WINDOW, "--sensor", "2", "--scheduler", "Magic")
    assert "There is no scheduler named 'Magic'." in refused
    refused = market.refused(
        *("add", "schedule", *WINDOW, "--sensor", "2", "--soc-at-start", "1 kWh"),
        *("--flex-model", "[]"),
    )
    assert "soc-at-start" in refused


def test_a_schedule_tells_why(market: Any) -> None:
    told = market(*STORAGE).stderr
    job_id = told.split("show schedule ")[1].split()[0]
    shown = market.ok("show", "schedule", job_id)
    assert "Scheduling job finished." in shown
    assert "Computed by StorageScheduler." in shown
    assert "fallback" not in shown
    shown = market.ok("show", "schedule", job_id, "--why")
    assert "toy-battery" in shown
    assert "Charges as energy costs 10.00 EUR/MWh now" in shown
    assert "- electricity net energy:" in shown
    assert "soc-max from 2026-03-02T08:00:00+00:00" in shown
    found = market.json("show", "schedule", job_id, "--why")
    assert found["explanation"]["cost"] == pytest.approx(found["cost"])


def test_a_schedule_tells_what_another_choice_costs(market: Any) -> None:
    job_id = market(*STORAGE).stderr.split("show schedule ")[1].split()[0]
    asked = ("--at", "2026-03-02T07:00Z", "--power", "0 kW")
    shown = market.ok("show", "schedule", job_id, *asked)
    assert "more than what is scheduled" in shown or "costs as much" in shown
    found = market.json("show", "schedule", job_id, *asked)
    assert found["answer"]["cost-difference"] >= -1e-9
    assert "A question needs --at and --power." in market.refused(
        *("show", "schedule", job_id, "--power", "1 kW")
    )
    assert "There is no schedule nonsense" in market.refused("show", "schedule", "nonsense")


def test_an_impossible_schedule_tells_why(market: Any) -> None:
    late = '[{"value": "450 kWh", "datetime": "2026-03-02T06:15Z"}]'
    said = market.refused(
        *("add", "schedule", "--sensor", "2", *WINDOW, "--flex-context"),
        *('{"consumption-price": {"sensor": 3}}', "--flex-model"),
        f'{{"soc-at-start": "0.1 MWh", "soc-targets": {late}}}',
    )
    assert "The smallest change with which there is a schedule" in said
