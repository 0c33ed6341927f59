"""Every error that fmhost raises on purpose.

::

    FmhostError
    ├── ConfigurationError        a setting is missing or malformed               exit 2
    ├── InvalidInput              a value that a person or client gave is wrong   422
    │   ├── UnitMismatch          units that do not convert into each other       422
    │   └── UnreadableFile        a bad row or column in an imported file         422
    ├── NotAuthenticated          nobody knows who asks                           401
    ├── NotAuthorized             we know who asks, and the answer is no          403
    ├── NotFound                  an entity that does not exist                   404
    ├── Conflict                  the write contradicts what is stored            409
    │   └── ReplacementNotAllowed a belief exists with another value              403
    ├── DatabaseNotReady          the database is missing or not upgraded         503
    ├── QueueNotReady             the job queue cannot be reached                 503
    ├── MailNotSent               the mail server did not take a mail             503
    ├── JobLost                   a run of a job that does not count any more     409
    ├── JobTimeout                a job that ran longer than it may               500
    ├── WorkerDied                a worker that went while it ran a job           500
    ├── DependencyFailed          a job waited for one that failed                500
    ├── PluginError               a plugin is missing, broken or in conflict      500
    │   └── RefuseStartup         a plugin vetoes the start of the installation   500
    └── ComputationFailed         a scheduler, forecaster or reporter gave up     400
        ├── TemporaryFailure      ... for now: the job is run again later         503
        ├── UnknownPrices         prices are missing for the whole window         400
        └── InfeasibleProblem     no schedule satisfies the hard constraints      400

Each class has a stable ``code``, the HTTP status with which the API answers, and the exit code of
the command line. A message says what happened, why, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class FmhostError(Exception):
    """Root of all errors that fmhost raises on purpose; ``str(error)`` is fit for users.

    :param message: one or a few sentences: what happened and why.
    :param field: name of the offending field, as the user wrote it (``soc-at-start``).
    :param hint: what to do about it.

    An error may have `details` for programs: a JSON object, which a failed job keeps.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    details: Mapping[str, Any] | None = None

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class ConfigurationError(FmhostError):
    """A setting is missing or malformed."""

    code = "configuration"
    exit_code = 2


class InvalidInput(FmhostError):
    """A value that a person or a client gave is wrong; ``field`` names it."""

    code = "invalid-input"
    http_status = 422


class UnitMismatch(InvalidInput):
    """Two units do not convert into each other, or a unit cannot be read."""

    code = "unit-mismatch"


class UnreadableFile(InvalidInput):
    """A file cannot be imported; the message names the row, the column and the reason."""

    code = "unreadable-file"


class NotAuthenticated(FmhostError):
    """Nobody knows who asks."""

    code = "not-authenticated"
    http_status = 401


class NotAuthorized(FmhostError):
    """We know who asks, and the answer is no."""

    code = "not-authorized"
    http_status = 403


class NotFound(FmhostError):
    """An entity does not exist (or may not be known to exist by the one who asks)."""

    code = "not-found"
    http_status = 404


class Conflict(FmhostError):
    """A write contradicts what is stored."""

    code = "conflict"
    http_status = 409


class ReplacementNotAllowed(Conflict):
    """A belief with the same key exists with another value, and overwriting is switched off."""

    code = "replacement-not-allowed"
    http_status = 403


class DatabaseNotReady(FmhostError):
    """The database cannot be reached, does not exist or is not upgraded."""

    code = "database-not-ready"
    http_status = 503


class QueueNotReady(FmhostError):
    """The job queue cannot be reached."""

    code = "queue-not-ready"
    http_status = 503


class MailNotSent(FmhostError):
    """The mail server cannot be reached, or did not take a mail."""

    code = "mail-not-sent"
    http_status = 503


class JobLost(FmhostError):
    """A run of a job does not count any more: the job was stopped, or given to another worker."""

    code = "job-lost"
    http_status = 409


class JobTimeout(FmhostError):
    """A job ran longer than it may."""

    code = "job-timeout"


class WorkerDied(FmhostError):
    """The worker that ran a job is gone: killed, out of memory, or cut off."""

    code = "worker-died"


class DependencyFailed(FmhostError):
    """A job waited for another one, which did not end well."""

    code = "dependency-failed"


class PluginError(FmhostError):
    """A plugin is missing, broken or in conflict with another one."""

    code = "plugin"


class RefuseStartup(PluginError):
    """A plugin vetoes the start of the installation.

    :param reason: why the installation must not start.
    :param fix: what the host should do.
    """

    code = "refuse-startup"

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason, hint=fix)


class ComputationFailed(FmhostError):
    """A scheduler, forecaster or reporter could not produce a result."""

    code = "computation-failed"
    http_status = 400


class TemporaryFailure(ComputationFailed):
    """There is no result now, and may be one later: the job is run again after a while.

    For drivers that need something from elsewhere, such as a weather service that does not answer.
    """

    code = "temporary-failure"
    http_status = 503


class UnknownPrices(ComputationFailed):
    """No price is known for the whole planning window."""

    code = "unknown-prices"


class InfeasibleProblem(ComputationFailed):
    """No schedule satisfies the hard constraints."""

    code = "infeasible-problem"
