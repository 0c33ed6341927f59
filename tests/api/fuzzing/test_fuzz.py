"""Every operation of the API's document, with requests that schemathesis makes up from it.

Some are as the document wants them, and some are not. Left alone, few of them would get past the
first look: so parts of them are taken from a valid request, and most paths name what exists.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from fmhost.api.operations import operations
from fmhost.testing.fuzzing.requests import ROWS, valid_requests


@st.composite
def requests(draw, operation, mode, valid, existing):
    """A request that is made up, but for what it takes from a valid one and from what exists."""
    case = draw(operation.as_strategy(generation_mode=mode))
    asked = draw(st.sampled_from(valid))
    if isinstance(case.body, dict) and isinstance(asked.json, dict):
        case.body = draw(mixtures(case.body, asked.json))
    if asked.query:
        case.query = draw(mixtures(dict(case.query or {}), dict(asked.query)))
    for name in case.path_parameters or {}:
        known = existing(operation.path, name)
        if known and draw(st.integers(0, 9)):
            case.path_parameters[name] = draw(st.sampled_from(known))
    return case


def mixtures(made_up, valid):
    """Some of what is made up, and some of what is valid."""
    return st.builds(
        lambda kept, taken: {
            **{name: made_up[name] for name in sorted(kept)},
            **{name: valid[name] for name in sorted(taken)},
        },
        subsets(made_up),
        subsets(valid),
    )


def subsets(names):
    return st.sets(st.sampled_from(sorted(names))) if names else st.just(frozenset())


def takes_arguments(operation):
    """Whether there is anything in its requests that can be made up."""
    described = operation.definition.raw
    return bool(described.get("parameters") or described.get("requestBody"))


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", ROWS)
def test_made_up_requests(fuzzed, operation, mode, fuzz_settings):
    made_up = fuzzed.operation(operation)
    if mode is GenerationMode.NEGATIVE and not takes_arguments(made_up):
        mode = GenerationMode.POSITIVE  # there is nothing to get wrong
    valid = valid_requests(fuzzed.stage.world, operation)

    @given(requests(made_up, mode, valid, fuzzed.existing))
    @fuzz_settings
    def ask(case):
        fuzzed.send(case)

    ask()


def test_no_operation_is_left_out(fuzzed):
    served = {f"{each.method} {rule}" for rule, each in operations(fuzzed.stage.app)}
    assert served == set(ROWS)
