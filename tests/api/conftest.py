"""Call the API in the name of somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

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

    def patch(self, path: str, body: Any):
        return self.client.patch(f"/api/v3_0{path}", headers=self.headers, json=body)

    def delete(self, path: str):
        return self.client.delete(f"/api/v3_0{path}", headers=self.headers)


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
