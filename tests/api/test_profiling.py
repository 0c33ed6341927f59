"""Answers tell how long they took, where a setting says so."""

from __future__ import annotations

import pytest

from fmhost.app import create


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_answers_tell_their_time_if_asked(open_installation):
    def answer(**settings):
        client = create(installation=open_installation(**settings)).test_client()
        return client.get("/api/v3_0/health/ready")

    told = answer(FLEXMEASURES_PROFILE_REQUESTS=True).headers["Server-Timing"]
    assert 0 < float(told.removeprefix("total;dur=")) < 60_000
    assert "Server-Timing" not in answer().headers
