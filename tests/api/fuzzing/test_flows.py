"""Requests that follow each other, along the links of the API's document."""

from __future__ import annotations

from hypothesis import settings

from fmhost.testing.fuzzing.flows import state_machine

#: How many requests follow each other.
STEPS = 12


def test_flows(fuzzed, fuzz_settings):
    # A run is many requests.
    runs = max(3, fuzz_settings.max_examples // 2)
    machine = state_machine(fuzzed)
    machine.run(settings=settings(fuzz_settings, max_examples=runs, stateful_step_count=STEPS))
