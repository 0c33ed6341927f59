"""The conformance suites pass sound drivers, and find each fault by the check that is about it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from fmhost.errors import ConfigurationError
from fmhost.testing import ForecasterConformance, SchedulerConformance

pytest_plugins = ["pytester"]

FAULTY = Path(__file__).parent / "faulty"

SCHEDULERS = {
    "Sound": set(),
    "ProductionPositive": {"consumption_is_positive"},
    "TurnsTheSignOfTheSensor": {"consumption_is_positive"},
    "RolledDice": {"same_request_same_schedule", "nothing_recorded_later_counts"},
    "Peeks": {"nothing_recorded_later_counts"},
    # The host refuses a schedule that leaves out steps, so that nothing it computes succeeds.
    "ForgetsTheLastStep": {
        "every_step_has_a_value",
        "power_keeps_to_its_bounds",
        "state_of_charge_keeps_to_its_bounds",
        "units_do_not_matter",
        "consumption_is_positive",
        "days_of_clock_changes",
        "same_request_same_schedule",
        "nothing_recorded_later_counts",
        "provenance",
        "stored_schedule_is_fetched",
    },
    "EveryDayHas24Hours": {"days_of_clock_changes"},
    "TypeErrorForBadInput": {"bad_fields_are_named"},
    "MissingPricesAreZero": {"missing_prices_are_told"},
    "TooMuchPower": {"power_keeps_to_its_bounds"},
    "TooMuchEnergy": {"state_of_charge_keeps_to_its_bounds"},
    "KilowattsAreMegawatts": {"units_do_not_matter"},
    "CrashesWhereThereIsNoSolution": {"infeasible_requests_are_refused"},
    "HasAlwaysASolution": {"infeasible_requests_are_refused"},
    "HasNoReason": {"infeasible_requests_are_refused"},
    "DoesNotApply": set(),
}

FORECASTERS = {
    "Sound": set(),
    "Peeks": {"nothing_recorded_later_counts"},
    "RolledDice": {"same_request_same_forecast", "nothing_recorded_later_counts"},
    "QuantilesDescend": {"quantiles_ascend"},
    "ForgetsTheLastEvent": {
        "every_event_has_a_value",
        "days_of_clock_changes",
        "gaps_in_history_are_told",
    },
    "EveryDayHas24Hours": {"days_of_clock_changes"},
    "ZeroWithoutHistory": {"too_little_history_is_told"},
    "CrashesWithoutHistory": {"too_little_history_is_told"},
    "SilentAboutGaps": {"gaps_in_history_are_told"},
    "AlwaysKilowatts": {"units_do_not_matter"},
    "TurnsTheSign": {"unit_and_sign_are_those_of_the_sensor"},
}


def failures(pytester, module):
    """The checks that fail, by class, when an author runs them; on SQLite alone, to save time."""
    pytester.makeconftest(
        """
        import pytest

        pytest_plugins = ["fmhost.testing.plugin"]

        @pytest.fixture
        def database(sqlite_database):
            return sqlite_database
        """
    )
    pytester.makepyfile(test_drivers=(FAULTY / module).read_text())
    report = pytester.path / "report.xml"
    options = ["-q", "--import-mode=importlib", "-W", "error", "-p", "no:cacheprovider", "-rs"]
    result = pytester.runpytest_subprocess(*options, f"--junitxml={report}")
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.attrib["classname"].rpartition(".Test")[2]
        assert case.find("error") is None, case.find("error").text
        failed = found.setdefault(name, set())
        if case.find("failure") is not None:
            failed.add(case.attrib["name"].removeprefix("test_"))
    return found, result.stdout.str()


def test_each_fault_of_a_scheduler_fails_its_check(pytester):
    found, output = failures(pytester, "schedulers.py")
    assert found == SCHEDULERS, output
    assert "It stores nothing." in output


def test_each_fault_of_a_forecaster_fails_its_check(pytester):
    found, output = failures(pytester, "forecasters.py")
    assert found == FORECASTERS, output


def test_what_does_not_apply_is_a_check():
    with pytest.raises(ConfigurationError, match="names 'prices', which is no check") as caught:
        type("TestIt", (SchedulerConformance,), {"does_not_apply": {"prices": "It has none."}})
    assert "missing_prices_are_told" in str(caught.value)


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_what_does_not_apply_has_a_reason(reason):
    with pytest.raises(ConfigurationError, match="gives no reason for 'quantiles_ascend'"):
        type("TestIt", (ForecasterConformance,), {"does_not_apply": {"quantiles_ascend": reason}})
