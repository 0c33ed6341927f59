"""From trigger to schedule through HTTP, at a server that runs already."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from over_http.targets import Client, our_server
from sqlalchemy import select

from fmhost.model import Account
from fmhost.testing.databases import fresh_database
from planning.cases import Case
from planning.stored import Stored, installation_on, store

#: How long a client waits before it asks again [s].
PAUSE = 0.005


def message(request: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a trigger."""
    minutes = request["resolution"].total_seconds() / 60
    hours = request["duration"].total_seconds() / 3600
    return {
        "start": request["start"].isoformat(),
        "duration": f"PT{hours:g}H",
        "resolution": f"PT{minutes:g}M",
        "flex-model": request["flex_model"],
        "flex-context": request["flex_context"],
        "force-new-job-creation": True,
    }


def latency(case: Case, repetitions: int) -> float:
    """Milliseconds from trigger to schedule, at the median: one process serves and works."""
    with (
        fresh_database("sqlite") as database,
        TemporaryDirectory(prefix="fmhost-bench-") as folder,
        our_server(database, Path(folder), 0, 0, workers=1) as target,
    ):
        with database.reading() as session:
            account = session.scalars(select(Account.id).where(Account.name == "Acme")).one()
        with installation_on(database) as opened:
            site = store(opened, case, account)
        client = Client(target)
        return median(seconds_of(client, site) for _ in range(repetitions)) * 1000


def seconds_of(client: Client, site: Stored) -> float:
    """Seconds until the schedule of the first device is there.

    Before, it is answered that the schedule is unknown.
    """
    body = json.dumps(message(site.request)).encode()
    began = time.perf_counter()
    answer = client.call("POST", f"/api/v3_0/assets/{site.asset}/schedules/trigger", body)
    path = f"/api/v3_0/sensors/{site.sensors[0]}/schedules/{json.loads(answer)['schedule']}"
    while True:
        status, content = client.ask("GET", path)
        if status == 200:
            return time.perf_counter() - began
        if b"failed" in content or status not in (202, 400):
            raise SystemExit(f"{path} was answered {status}: {content[:500]!r}")
        time.sleep(PAUSE)
