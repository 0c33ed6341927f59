"""How long our schedules take, next to bare HiGHS on the same matrix."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
from sqlalchemy.orm import Session

from fmhost.jobs.collection import collect_seldom
from fmhost.jobs.execute import execute
from fmhost.model import Asset, Job
from fmhost.services import schedules
from fmhost.services.installation import Installation
from fmhost.services.schedule_requests import make_request, prepare
from fmhost_storage.formulation import formulate
from fmhost_storage.scheduler import MEMORY
from fmhost_storage.solvers.highs import load
from planning.stored import Stored

#: Overhead that counts as none where the bare run takes less than 50 ms.
ALLOWED_MS = 30
SHORT_MS = 50
#: What counts as no more than the first time; the same run differs by as much.
AS_MUCH = 1.2


@dataclass(frozen=True)
class Times:
    """The best of some runs [ms of one core].

    :param bare: HiGHS alone with our settings, on the matrix, loaded already.
    :param stock: the same without settings, as HiGHS comes.
    :param whole: from the trigger to the results in memory.
    :param again: the same for a window that the process has planned before.
    """

    bare: float
    stock: float
    whole: float
    again: float
    rung: str

    @property
    def is_slow(self) -> bool:
        """Whether the whole takes longer than it may, or longer again than the first time."""
        if self.again > AS_MUCH * self.whole:
            return True
        if self.bare <= SHORT_MS:
            return self.whole - self.bare > ALLOWED_MS
        return self.whole > 2 * self.bare


def times(installation: Installation, site: Stored, repetitions: int) -> Times:
    """Compute a schedule so many times, without and with the memory of the time before."""
    bare, stock, whole, again = [], [], [], []
    rung = ""
    # As processes that serve or work do.
    collect_seldom()
    for _ in range(repetitions):
        MEMORY.forget()
        scheduler, took = _computed(installation, site)
        whole.append(took)
        _, took = _computed(installation, site)
        again.append(took)
        rung = scheduler.info["solver"]["rung"]
        with installation.database.reading() as session:
            problem = _scheduler(installation, session, site).problem()
        highs = load(formulate(problem).model)
        bare.append(_milliseconds(highs.run))
        stock.append(_milliseconds(_as_it_comes(highs).run))
    return Times(min(bare), min(stock), min(whole), min(again), rung)


def _as_it_comes(loaded: Any) -> Any:
    """HiGHS with the same model and without any setting but silence."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(loaded.getModel())
    return highs


def _computed(installation: Installation, site: Stored) -> tuple[Any, float]:
    """A scheduler that has computed, and how long all of it took [ms]."""
    made = []

    def compute() -> None:
        with installation.database.reading() as session:
            scheduler = _scheduler(installation, session, site)
            scheduler.compute()
            made.append(scheduler)

    took = _milliseconds(compute)
    return made[0], took


def _scheduler(installation: Installation, session: Session, site: Stored) -> Any:
    target = session.get_one(Asset, site.asset)
    request = make_request(installation, target, **site.request)
    return prepare(installation, session, target, request, None, installation.now())[1]


def job_seconds(installation: Installation, site: Stored) -> tuple[float, float, float]:
    """Seconds to check the request, to run the job, saving included, and to run it once more."""

    collect_seldom()

    def ask() -> str:
        with installation.database.transaction() as session:
            target = session.get_one(Asset, site.asset)
            job = schedules.trigger(
                installation, session, target=target, force_new=True, **site.request
            )
            return job.id

    def run(job_id: str) -> None:
        execute(installation, job_id, worker="bench")
        with installation.database.reading() as session:
            job = session.get_one(Job, job_id)
            assert job.state == "finished", job.error

    began = time.perf_counter()
    job_id = ask()
    asked = time.perf_counter()
    run(job_id)
    first = time.perf_counter()
    job_id = ask()
    second = time.perf_counter()
    run(job_id)
    return asked - began, first - asked, time.perf_counter() - second


def peak_memory() -> float:
    """The most memory that this process ever had [MB] (Linux).

    What a process was forked from does not count.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _milliseconds(action: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1000
