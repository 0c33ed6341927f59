"""A writer that is killed in the middle leaves all of a batch, or nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from fmhost.beliefs import Query, read
from fmhost.beliefs.summaries import summarise
from fmhost.model import Sensor, Source
from fmhost.model.database import Database

ROWS = 5000

#: Writes batches without end, each with a horizon of its own, and tells when each is committed.
WRITER = f"""
import sys
import numpy as np
from fmhost.beliefs import Beliefs, save
from fmhost.model import Sensor
from fmhost.model.database import Database

database = Database(sys.argv[1])
starts = np.datetime64("2026-01-01", "us") + np.arange({ROWS}) * np.timedelta64(900_000_000, "us")
number = 0
while True:
    number += 1
    with database.transaction() as session:
        horizon = np.timedelta64(-number, "us")
        beliefs = Beliefs.of(starts, horizon, int(sys.argv[3]), np.full({ROWS}, float(number)))
        save(session, session.get(Sensor, int(sys.argv[2])), beliefs)
        print("written", flush=True)
    print("committed", flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 3, 5])
def test_a_killed_writer_leaves_all_or_nothing(
    database: Database, committed: tuple[Sensor, Source], lines: int
) -> None:
    sensor, source = committed
    uri = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITER, uri, str(sensor.id), str(source.id)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(lines)]
        writer.kill()
        told += writer.stdout.read().split()
    with database.transaction() as session:
        stored = read(session, Query(sensor=sensor, most_recent=False))
        batches, counts = np.unique(stored.belief_horizon, return_counts=True)
        assert set(counts.tolist()) <= {ROWS}
        # What was said to be committed is there; what was written last may be.
        assert told.count("committed") <= len(batches) <= told.count("written") + 1
        found = summarise(session, sensor).by_source
        assert sum(summary.number for summary in found.values()) == len(stored)
