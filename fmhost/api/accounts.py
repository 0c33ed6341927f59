"""``/api/v3_0/accounts``."""

from __future__ import annotations

from fmhost.api.operations import Resource

accounts = Resource("accounts", __name__, url_prefix="/api/v3_0/accounts")
