"""Tell people by mail what fails for good: jobs, and plugins that are taken out of service.

One mail about each kind of failure, and no further one for a while: then the next one says how many
there were. Every process counts for itself. That a mail cannot be sent stands in the log.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from fmhost.errors import FmhostError
from fmhost.host.lifecycle import PluginRecord
from fmhost.model import Job
from fmhost.services import mails
from fmhost.telemetry.redaction import Redaction

if TYPE_CHECKING:
    from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.mail")

_RECIPIENTS = "FLEXMEASURES_MONITORING_MAIL_RECIPIENTS"


class Alerts:
    """The mails of one process about failures.

    :param stopwatch: time that passes, whatever clocks say [s].
    """

    def __init__(
        self, installation: Installation, stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = installation.settings
        self._stopwatch = stopwatch
        self._pause = self._settings["FMHOST_ALERT_PAUSE"].total_seconds()
        self._redact = Redaction(self._settings)
        self._lock = threading.Lock()
        self._sent: dict[str, float] = {}
        self._silent: dict[str, int] = {}
        self._postman: ThreadPoolExecutor | None = None
        installation.on_close(self.close)

    def tell(self, about: str, text: str) -> None:
        """Have the recipients told soon, unless they were told of the same a short while ago.

        :param about: the kind of failure, which becomes the subject.
        """
        if not self._settings[_RECIPIENTS]:
            return
        with self._lock:
            now = self._stopwatch()
            if now - self._sent.get(about, -self._pause) < self._pause:
                self._silent[about] = self._silent.get(about, 0) + 1
                return
            self._sent[about] = now
            missed = self._silent.pop(about, 0)
            if self._postman is None:
                self._postman = ThreadPoolExecutor(1, thread_name_prefix="fmhost-alerts")
        if missed:
            text += f"\n\nThis happened {missed} more times since the last mail about it."
        self._postman.submit(self._send, about, text)

    def close(self) -> None:
        """Wait until everything is sent."""
        if self._postman is not None:
            self._postman.shutdown()

    def _send(self, about: str, text: str) -> None:
        try:
            mails.send(
                self._settings,
                self._settings[_RECIPIENTS],
                f"{self._settings['FMHOST_SITE_URL'] or 'fmhost'}: {about}",
                self._redact(text),
            )
        except FmhostError as error:
            logger.error("%s", error)


_of: WeakKeyDictionary[Installation, Alerts] = WeakKeyDictionary()


def alerts_of(installation: Installation) -> Alerts:
    """The alerts of an installation, made once per process."""
    found = _of.get(installation)
    if found is None:
        found = _of[installation] = Alerts(installation)
    return found


def job_failed(installation: Installation, job: Job, error: BaseException) -> None:
    """Tell of a job that failed for good."""
    what = f"{type(error).__name__}: {error}"
    text = (
        f"The {job.kind} job {job.id} of the queue '{job.queue}' failed after {job.attempts} "
        f"attempt(s).\n\n{what}\n\nSee it with: fmhost jobs inspect-job --job {job.id}\n"
        f"Run it again with: fmhost jobs requeue --job {job.id}"
    )
    alerts_of(installation).tell(f"a {job.kind} job failed", text)


def plugin_quarantined(installation: Installation, record: PluginRecord) -> None:
    """Tell of a plugin that is taken out of service."""
    text = f"{record}: {record.cause}\n\n{record.fix}"
    alerts_of(installation).tell(f"the plugin '{record.name}' is out of service", text)
