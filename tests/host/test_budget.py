"""The time limit on code of plugins."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from fmhost.host.budget import BudgetExceeded, time_budget


def spin(seconds: float) -> None:
    """Keep the interpreter busy, as a hanging import does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def spin_stubbornly(seconds: float) -> None:
    """Go on after the first interruption."""
    try:
        spin(seconds)
    except BaseException:
        spin(seconds)


def test_code_within_its_budget_runs_to_its_end() -> None:
    with time_budget(5):
        spin(0.01)


def test_code_over_its_budget_is_interrupted() -> None:
    started = time.monotonic()
    with pytest.raises(BudgetExceeded), time_budget(0.05):
        spin(20)
    assert time.monotonic() - started < 5


def test_code_that_swallows_the_interruption_is_interrupted_again() -> None:
    started = time.monotonic()
    with pytest.raises(BudgetExceeded), time_budget(0.05):
        spin_stubbornly(20)
    assert time.monotonic() - started < 5


def test_a_timer_that_runs_already_fires_afterwards() -> None:
    fired = []
    handler = signal.signal(signal.SIGALRM, lambda number, frame: fired.append(number))
    before = signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with time_budget(10):
            spin(0.01)
        assert not fired
        spin(0.2)
        assert fired == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *before)


def test_other_threads_run_without_a_limit() -> None:
    outcome = []

    def work() -> None:
        with time_budget(0.01):
            spin(0.05)
        outcome.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert outcome == ["done"]


def test_zero_sets_no_limit() -> None:
    with time_budget(0):
        spin(0.02)
