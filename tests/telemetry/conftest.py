"""What is told does not depend on the kind of database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fmhost.jobs.tasks import TASKS
from fmhost.model.job import request_job

KIND = "made up by a test"


@pytest.fixture
def database_kind() -> str:
    """SQLite alone."""
    return "sqlite"


@pytest.fixture
def request_work(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``request_work(installation, task)``: the id of a new job that does what `task` does."""

    def request(installation: Any, task: Callable[..., Any] = lambda *_: {}) -> str:
        monkeypatch.setattr("fmhost.jobs.execute.TASKS", {**TASKS, KIND: task})
        given: dict[str, Any] = {"kind": KIND, "queue": "scheduling", "arguments": {}}
        with installation.database.transaction() as session:
            return request_job(session, **given, now=installation.now()).id

    return request
