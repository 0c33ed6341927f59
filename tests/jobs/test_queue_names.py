"""Names of queues on the command line."""

from __future__ import annotations

import pytest

from fmhost.errors import InvalidInput
from fmhost.jobs.queues import parse_queues


def test_queues_are_joined_with_a_bar_and_keep_their_order():
    assert parse_queues("scheduling|forecasting") == ["scheduling", "forecasting"]
    assert parse_queues(" forecasting ") == ["forecasting"]


@pytest.mark.parametrize("text", ["", "|", "sceduling", "scheduling|x"])
def test_an_unknown_queue_is_refused_with_the_names_that_exist(text):
    with pytest.raises(InvalidInput, match="forecasting, scheduling") as caught:
        parse_queues(text)
    assert caught.value.field == "queue"
