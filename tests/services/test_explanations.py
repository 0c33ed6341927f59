"""Explanations that were kept with jobs."""

from __future__ import annotations

from typing import Any

import pytest

from fmhost.model import Job, JobState
from fmhost.services import explanations


@pytest.fixture
def database_kind() -> str:
    """No statement depends on the database."""
    return "sqlite"


@pytest.mark.parametrize("scheduler", ["StorageScheduler", "a scheduler that is gone"])
def test_what_nobody_can_describe_is_told_as_it_was_kept(installation: Any, scheduler: str) -> None:
    kept = {"scheduler": scheduler, "explanation": {"in": "the words of another version"}}
    job = Job(state=JobState.FINISHED, meta={explanations.META: [kept]})
    told = explanations.explanation_of(installation, job)
    assert told == {"scheduler": scheduler, "in": "the words of another version"}
