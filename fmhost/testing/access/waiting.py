"""A queue in which every job waits for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fmhost.errors import ConfigurationError

if TYPE_CHECKING:
    from fmhost.services.installation import Installation


class WaitingQueue:
    """A driver, see :class:`fmhost.jobs.queues.QueueDriver`, that runs nothing by itself."""

    def __init__(self, installation: Installation) -> None:
        self.waiting: list[str] = []

    def enqueue(self, job_id: str, queue: str) -> None:
        """Have the job wait."""
        self.waiting.append(job_id)

    def restore(self, queue: str, job_ids: Sequence[str]) -> int:
        """They wait already."""
        return 0

    def attend(self) -> None:
        """Nothing is done for the jobs."""

    def serves(self, queue: str) -> bool:
        """Yes: whoever asks for a job is told that it will run."""
        return True

    def check(self) -> None:
        """The queue can always be reached."""

    def work(
        self, queues: Sequence[str], name: str, *, burst: bool = False, steward: bool = True
    ) -> None:
        """:raises ConfigurationError: always; nobody works here."""
        raise ConfigurationError("Jobs of this queue wait for ever.", hint="Use another queue.")
