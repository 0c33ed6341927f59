"""The queues by name, and the contract of the drivers that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from fmhost.errors import InvalidInput

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

#: Names of the queues, each with the jobs of one kind of work.
QUEUES = ("forecasting", "scheduling", "ingestion", "reporting")

#: Entry-point group of the drivers; ``FMHOST_QUEUE`` chooses one.
DRIVERS = "fmhost.queues"


class QueueDriver(Protocol):
    """One way to get jobs run; an installation uses one."""

    def __init__(self, installation: Installation) -> None: ...

    def enqueue(self, job_id: str, queue: str) -> None:
        """Have the job run; its row is committed.

        :raises QueueNotReady: where the queue cannot be reached.
        """

    def restore(self, queue: str, job_ids: Sequence[str]) -> int:
        """See that these jobs run, all of which wait in the queue; some may be known already.

        :return: how many of them were not.
        :raises QueueNotReady: where the queue cannot be reached.
        """

    def attend(self) -> None:
        """Called once in each process of a server: what it does for the jobs from then on."""

    def serves(self, queue: str) -> bool:
        """Whether somebody runs the jobs of this queue now.

        :raises QueueNotReady: where the queue cannot be reached.
        """

    def check(self) -> None:
        """:raises QueueNotReady: where the queue cannot be reached."""

    def work(
        self, queues: Sequence[str], name: str, *, burst: bool = False, steward: bool = True
    ) -> None:
        """Run the jobs of `queues` in this process until it is told to stop.

        :param name: of the worker, unique among those that run.
        :param burst: stop when no job waits any more.
        :param steward: whether this worker may be the one that looks after all jobs.
        :raises ConfigurationError: where this driver needs no worker of its own.
        """


def parse_queues(text: str) -> list[str]:
    """The queues in ``"forecasting|scheduling"``, in that order.

    :raises InvalidInput: for a name that is no queue.
    """
    names = [part.strip() for part in text.split("|") if part.strip()]
    unknown = [name for name in names if name not in QUEUES]
    if unknown or not names:
        wrong = f"'{unknown[0]}' is" if unknown else "Nothing is"
        raise InvalidInput(
            f"{wrong} not a queue.",
            field="queue",
            hint=f"Available: {', '.join(QUEUES)}; join several with '|'.",
        )
    return names
