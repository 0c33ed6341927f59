"""What a check finds, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from fmhost.errors import ConfigurationError, FmhostError, QueueNotReady
from fmhost.jobs.dispatch import queue_of
from fmhost.services.installation import Installation
from fmhost.settings import Settings

Severity = Literal["problem", "advice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is amiss.

    :param check: the name of the check that found it.
    :param problem: what is amiss.
    :param remedy: what to do about it.
    :param severity: ``problem``, or ``advice`` for what works and had better be otherwise.
    """

    check: str
    problem: str
    remedy: str
    severity: Severity = "problem"

    @classmethod
    def of(cls, check: str, error: FmhostError) -> Finding:
        """What an error says."""
        return cls(check, error.message, error.hint or "")


@dataclass(frozen=True)
class Patient:
    """What is examined.

    :param installation: opened without starting its plugins; the examination changes nothing.
    :param least_free: how much room has to be left on disks [bytes].
    """

    installation: Installation
    least_free: int

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.installation.settings

    @cached_property
    def queue_trouble(self) -> FmhostError | None:
        """Why the queue of jobs cannot be reached; None where it can. Asked for once."""
        try:
            queue_of(self.installation).check()
        except (QueueNotReady, ConfigurationError) as error:
            return error
        return None

    @property
    def serves_others(self) -> bool:
        """Whether the installation is more than a trial of developers."""
        return self.settings.environment in ("production", "staging")


Check = Callable[[Patient], Iterator[Finding]]
