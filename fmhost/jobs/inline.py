"""The embedded queue: jobs run in threads of the process that asked for them."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from fmhost.errors import ConfigurationError
from fmhost.jobs.execute import execute

if TYPE_CHECKING:
    from fmhost.services.installation import Installation


class InlineQueue:
    """Runs jobs in the server's own executor, one at a time, in the order in which they came.

    A process that ends waits for its jobs: ``Installation.close`` is not through before they are.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._name = f"inline:{socket.gethostname()}:{os.getpid()}"
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fmhost-job")
        installation.on_close(self._executor.shutdown)

    def enqueue(self, job_id: str, queue: str) -> None:
        """Run the job as soon as the ones before it are through."""
        self._executor.submit(execute, self._installation, job_id, self._name)

    def serves(self, queue: str) -> bool:
        """Always; the process itself does."""
        return True

    def check(self) -> None:
        """Always ready."""

    def work(self, queues: Sequence[str], name: str, *, burst: bool = False) -> None:
        """:raises ConfigurationError: always; jobs run in the server itself."""
        raise ConfigurationError(
            "This installation runs its jobs in the server itself (FMHOST_QUEUE=inline), so there "
            "is nothing for a worker to do.",
            field="FMHOST_QUEUE",
            hint="To run jobs in workers, set FLEXMEASURES_REDIS_URL to the host of a Redis.",
        )
