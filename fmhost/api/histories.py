"""The audit logs of accounts, users and assets."""

from __future__ import annotations

from fmhost.api.operations import Resource

histories = Resource("histories", __name__, url_prefix="/api/v3_0")
