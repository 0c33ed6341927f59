"""The rows of all operations of the kernel."""

from __future__ import annotations

from typing import Final

from fmhost.testing.access import (
    kernel_accounts,
    kernel_assets,
    kernel_references,
    kernel_sensors,
)
from fmhost.testing.access.estates import PASSWORD, TASK
from fmhost.testing.access.rows import Row
from fmhost.testing.access.rules import Need

_V3 = "/api/v3_0"

_OF_THE_HOST = (
    Row("GET /api/", public=True),
    Row(f"GET {_V3}", public=True),
    Row(f"GET {_V3}/openapi.json", public=True),
    Row(f"GET {_V3}/health/ready", public=True),
    Row("GET /api/ops/ping", public=True),
    Row(
        "POST /api/requestAuthToken",
        json=lambda world, _: {"email": world.users["task-runner"].email, "password": PASSWORD},
        public=True,
    ),
    Row(
        "POST /api/requestAuthToken",
        json=lambda world, _: {"email": world.users["inactive"].email, "password": PASSWORD},
        public=True,
        allowed=401,
        way="of somebody who is not active",
    ),
    Row(f"GET {_V3}/plugins", needs=(Need("plugins", "list"),)),
    Row(
        "GET /api/ops/getLatestTaskRun",
        needs=(Need("task status", "ask"),),
        query=lambda *_: {"name": TASK},
        login=True,
        nobody=(401, 403),  # who has a token that is worth nothing has a wrong one
    ),
    Row(
        "POST /api/ops/postLatestTaskRun",
        needs=(Need("task run", "report"),),
        form=lambda *_: {"name": TASK},
    ),
)

#: Operations that only servers in the mode ``play`` have.
PLAYING: Final = (
    Row(
        "PUT /api/restoreData",
        needs=(Need("backups", "restore"),),
        query=lambda *_: {"backup": "there is none"},
        allowed=400,
    ),
)

ROWS: Final[tuple[Row, ...]] = (
    *_OF_THE_HOST,
    *kernel_accounts.ROWS,
    *kernel_assets.ROWS,
    *kernel_sensors.ROWS,
    *kernel_references.ROWS,
)
