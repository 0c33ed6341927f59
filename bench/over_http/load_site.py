"""A site of many assets, its server and worker, and what they use while they are loaded."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

from fmhost.model import Asset, Sensor
from fmhost.model.database import Database
from fmhost.services import sources
from fmhost.services.installation import Installation
from fmhost.services.recording import record
from fmhost.testing.databases import fresh_database
from fmhost.testing.live import Program
from fmhost.testing.servers import redis_server
from fmhost.testing.sites import DAY_OF_PRICES
from fmhost.testing.tenants import PASSWORD, Tenant, create_tenant
from fmhost.testing.web import settings_for_tests
from over_http.processes import family, memory
from over_http.targets import WORKERS, Target

_TOKEN = "of the benchmark alone"
#: How often memory and queue are looked at [s].
_EVERY = 1.0
#: After this share of the time everything is warm: caches, pools, imports.
_WARM = 0.2


@dataclass(frozen=True)
class Seen:
    """What was seen of our processes.

    :param growth: of the memory of server and worker since they were warm [%].
    :param queue_age: how long a job waited at most [s].
    """

    growth: dict[str, float]
    queue_age: float


@dataclass
class Watch:
    """Looks at memory and queue until it is stopped."""

    site: Site
    seconds: float
    sizes: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    queue_age: float = 0.0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> Watch:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        assert self._thread is not None
        self._thread.join()

    def _look(self) -> None:
        began = time.monotonic()
        while not self._stopped.wait(_EVERY):
            sizes = {name: sum(map(memory, family(pid))) for name, pid in self.site.pids.items()}
            self.sizes.append((time.monotonic() - began, sizes))
            self.queue_age = max(self.queue_age, self.site.queue_age())

    def growth(self, name: str) -> float:
        """How much larger the last tenth of the time is than the first one after warming up [%]."""
        warm = [sizes[name] for at, sizes in self.sizes if at >= _WARM * self.seconds]
        some = max(1, len(warm) // 10)
        return (mean(warm[-some:]) / mean(warm[:some]) - 1) * 100


@dataclass(frozen=True)
class Site:
    """A running site.

    :param pids: the first processes of server and worker.
    """

    target: Target
    pids: dict[str, int]

    def watch(self, seconds: float) -> Watch:
        """Look at what the processes use, from now on."""
        return Watch(self, seconds).start()

    def end(self, watch: Watch) -> Seen:
        """What was seen."""
        watch.stop()
        return Seen({name: watch.growth(name) for name in self.pids}, watch.queue_age)

    def queue_age(self) -> float:
        """How long the job has waited that waits longest [s]."""
        request = urllib.request.Request(
            f"{self.target.url}/metrics", headers={"Authorization": f"Bearer {_TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        ages = [line for line in lines if line.startswith("fmhost_jobs_oldest_queued_seconds{")]
        return max(float(line.rpartition(" ")[2]) for line in ages)


@contextmanager
def running_site(folder: Path, assets: int, sensors: int, *, forecasts: bool) -> Iterator[Site]:
    """Two processes of a server and one worker, on PostgreSQL and Redis."""
    settings = {
        "FLEXMEASURES_REDIS_URL": redis_server(),
        "RATELIMIT_ENABLED": False,
        "FMHOST_METRICS_TOKEN": _TOKEN,
        "FMHOST_FORECAST_AUTOMATICALLY": forecasts,
    }
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database("postgresql"))
        tenant, made, prices = _populate(database, folder, assets, sensors)
        program = Program(folder, database, settings)
        server = stack.enter_context(program.serve(workers=WORKERS))
        queues = ("ingestion", "scheduling", "forecasting", "reporting")
        worker = stack.enter_context(program.work(*queues))
        target = Target(server.url, tenant.member.email, PASSWORD, made, prices=prices)
        pids = {"server": server.process.popen.pid, "worker": worker.popen.pid}
        yield Site(target, pids)


def _populate(
    database: Database, folder: Path, assets: int, sensors: int
) -> tuple[Tenant, list[int], int]:
    """A user, so many assets with so many sensors [kW, 15 minutes], and prices for days."""
    settings = settings_for_tests(
        folder, SQLALCHEMY_DATABASE_URI=database.url.render_as_string(hide_password=False)
    )
    installation = Installation.open(settings)
    with database.transaction() as session:
        tenant = create_tenant(session, settings)
        kind, account = tenant.battery.generic_asset_type_id, tenant.account.id
        owners = [
            Asset(name=f"load {number}", generic_asset_type_id=kind, account_id=account)
            for number in range(assets)
        ]
        session.add_all(owners)
        session.flush()
        made = [
            Sensor(
                name=f"power {number}",
                unit="kW",
                event_resolution=timedelta(minutes=15),
                generic_asset_id=owners[number % assets].id,
            )
            for number in range(sensors)
        ]
        session.add_all(made)
        session.flush()
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        market = sources.create_source(session, name="market", source_type="market")
        session.flush()
        record(
            installation,
            session,
            tenant.prices,
            market,
            start=midnight - timedelta(days=1),
            values=DAY_OF_PRICES * 4,
            belief_time=midnight,
        )
        ids = [sensor.id for sensor in made]
    installation.close()
    return tenant, ids, tenant.prices.id
