"""Call the API in the name of somebody."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from fmhost.testing.hosting import site as site


@dataclass
class Caller:
    """A client with the headers of a user, and the API's prefix before every path."""

    client: Any
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/v3_0{path}", headers=self.headers, query_string=query)

    def post(self, path: str, body: Any = None, **options: Any):
        if body is not None:
            options["json"] = body
        return self.client.post(f"/api/v3_0{path}", headers=self.headers, **options)


@pytest.fixture
def nobody(client) -> Caller:
    """Calls without a login."""
    return Caller(client)


@pytest.fixture
def as_user(client, log_in):
    """Calls in the name of a user."""
    return lambda user: Caller(client, log_in(user))


@pytest.fixture
def member(as_user, tenant) -> Caller:
    """Calls in the name of a plain member of the account."""
    return as_user(tenant.member)


@pytest.fixture
def statements(installation):
    """Counts the SQL statements within a block."""

    @contextmanager
    def counting():
        counted = SimpleNamespace(number=0)

        def count(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
            counted.number += not statement.startswith("PRAGMA")

        event.listen(installation.database.engine, "before_cursor_execute", count)
        try:
            yield counted
        finally:
            event.remove(installation.database.engine, "before_cursor_execute", count)

    return counting
