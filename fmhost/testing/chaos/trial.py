"""The whole trial: ask for jobs, have everything fail, and see what has become of them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from fmhost.errors import FmhostError
from fmhost.host.host import Composition, Host
from fmhost.jobs.dispatch import dispatch
from fmhost.model import Job, JobState, migrations
from fmhost.model.job import request_job
from fmhost.services import plugin_tables
from fmhost.services.installation import Installation
from fmhost.settings import load
from fmhost.testing.chaos.faults import Workers, faults
from fmhost.testing.chaos.posts import Poster
from fmhost.testing.chaos.servers import Postgres, Redis, fragile_servers
from fmhost.testing.chaos.worker import KIND, QUEUE, TABLE
from fmhost.testing.live import Program
from fmhost.testing.tenants import Tenant, create_tenant

_SETTINGS = {
    "FMHOST_QUEUE": "rq",
    "FMHOST_JOB_ATTEMPTS": 100,
    "FMHOST_JOB_RETRY_DELAY": 0.2,
    "FMHOST_JOB_HEARTBEAT": 0.5,
    "FMHOST_JOB_LOST_AFTER": 4.0,
    "FMHOST_JOB_CHECK_INTERVAL": 0.5,
    "FMHOST_LEGACY_JOB_RESPONSES": False,
    "RATELIMIT_ENABLED": False,
}

#: What the workers do. Arriving data may ask for forecasts, which are none of our business here.
_QUEUES = (QUEUE, "ingestion")


@dataclass(frozen=True)
class Plan:
    """How large the trial is.

    :param jobs: how many are asked for, while things fail.
    :param rounds: how often each fault happens.
    :param pause: longest pause between two faults [s].
    :param longest_job: how long a job takes at most [s].
    :param patience: how long all may take after the last fault [s].
    """

    jobs: int = 2000
    workers: int = 3
    rounds: int = 5
    pause: float = 4.0
    longest_job: float = 0.02
    patience: float = 60.0


@dataclass(frozen=True)
class Outcome:
    """What became of the jobs and the data.

    :param lost: jobs that were asked for and did not end well, by state.
    :param doubled: jobs that had their effect more than once.
    :param without_effect: jobs that ended well and had none.
    :param settled_after: how long it took until the last job was through, after the last fault [s].
    :param attempts: how many jobs were started so often.
    """

    jobs: int
    lost: dict[str, int]
    doubled: int
    without_effect: int
    settled_after: float
    attempts: dict[int, int]
    posts: int
    refused_posts: int
    missing_posts: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost or doubled."""
        return not (self.lost or self.doubled or self.without_effect or self.missing_posts)


def run(plan: Plan, folder: Path, say: Callable[[str], None] = lambda text: None) -> Outcome:
    """Do it.

    :param folder: for logs and clocks.
    :param say: gets one line for each fault.
    """
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(fragile_servers())
        installation, tenant = _prepare(folder, postgres, redis)
        stack.callback(installation.close)
        program = Program(folder, installation.database, _settings(redis))
        server = stack.enter_context(program.serve(workers=2)).log_in(tenant.account_admin)
        workers = Workers(folder, program.environ(), plan.workers, _QUEUES)
        stack.callback(workers.stop)
        workers.start_missing()
        poster = Poster(server, tenant.power.id, tenant.power.unit)
        stack.callback(poster.stop)
        poster.start()
        job_ids = _fail_and_ask(plan, installation, workers, faults(workers, postgres, redis), say)
        last_fault = time.monotonic()
        workers.start_missing()
        poster.stop()
        _wait(installation, workers, plan.patience)
        return _judge(installation, job_ids, poster, time.monotonic() - last_fault)


def _settings(redis: Redis) -> dict[str, Any]:
    return {**_SETTINGS, "FLEXMEASURES_REDIS_URL": redis.url}


def _prepare(folder: Path, postgres: Postgres, redis: Redis) -> tuple[Installation, Tenant]:
    environ = {"FMHOST_INSTANCE": str(folder), "HOME": str(folder)}
    overrides = {**_settings(redis), "SQLALCHEMY_DATABASE_URI": postgres.uri, "SECRET_KEY": "chaos"}
    settings = load(environ=environ, environment="testing", overrides=overrides)
    host = Host(Composition.from_settings(settings))
    installation = Installation.open(settings, host)
    migrations.upgrade(installation.database)
    plugin_tables.upgrade(host, installation.database)
    with installation.database.transaction() as session:
        session.execute(text(TABLE))
        return installation, create_tenant(session, settings)


def _fail_and_ask(
    plan: Plan,
    installation: Installation,
    workers: Workers,
    possible: dict[str, Callable[[], None]],
    say: Callable[[str], None],
) -> list[str]:
    """Ask for the jobs, a few before each fault; the ids of those that were promised."""
    names = list(possible) * plan.rounds
    random.shuffle(names)
    asked: list[str] = []
    for number, name in enumerate(names, 1):
        while len(asked) < plan.jobs * number // len(names):
            asked += _ask(plan, installation)
        time.sleep(random.uniform(0.0, plan.pause))
        say(f"{number}/{len(names)}: {name}")
        possible[name]()
        workers.start_missing()
    return asked


def _ask(plan: Plan, installation: Installation) -> list[str]:
    """Ask for one job; its id where the database promised to keep it."""
    try:
        with installation.database.transaction() as session:
            job_id = request_job(
                session,
                kind=KIND,
                queue=QUEUE,
                arguments={"longest_s": plan.longest_job},
                priority=random.randrange(3),
            ).id
    except (FmhostError, SQLAlchemyError):
        return []
    # Where it cannot: as if the server that asked had been killed before it told the queue.
    with suppress(FmhostError, SQLAlchemyError):
        dispatch(installation, job_id)
    return [job_id]


def _wait(installation: Installation, workers: Workers, patience: float) -> None:
    """Wait until no job is open any more, or patience is at an end."""
    open_states = (JobState.QUEUED, JobState.SCHEDULED, JobState.STARTED, JobState.DEFERRED)
    query = select(func.count()).where(
        Job.state.in_([state.value for state in open_states]), Job.queue.in_(_QUEUES)
    )
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        workers.start_missing()
        with installation.database.reading() as session:
            if not session.scalar(query):
                return
        time.sleep(0.2)
    workers.tell_where_they_are()
    time.sleep(0.5)  # for them to write


def _judge(
    installation: Installation, job_ids: list[str], poster: Poster, settled_after: float
) -> Outcome:
    with installation.database.reading() as session:
        rows = session.execute(
            select(Job.id, Job.state, Job.attempts).where(Job.queue.in_(_QUEUES))
        ).all()
        effects = Counter(session.scalars(text("SELECT job_id FROM chaos_effect")))
    asked = set(job_ids)
    states = {job_id: (state, attempts) for job_id, state, attempts in rows}
    ended = [states.get(job_id, ("gone", 0)) for job_id in job_ids]
    # Beliefs that came through a job count, too.
    ended += [state for job_id, state in states.items() if job_id not in asked]
    return Outcome(
        jobs=len(job_ids),
        lost=dict(Counter(state for state, _ in ended if state != JobState.FINISHED)),
        doubled=sum(count > 1 for count in effects.values()),
        without_effect=sum(effects[job_id] == 0 for job_id in job_ids),
        settled_after=settled_after,
        attempts=dict(sorted(Counter(attempts for _, attempts in ended).items())),
        posts=len(poster.acknowledged),
        refused_posts=poster.refused,
        missing_posts=len(poster.missing(installation.database)),
    )
