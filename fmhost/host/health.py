"""What a part of the installation says about its own health."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One finding.

    :param name: key in the answer of the readiness endpoint.
    :param healthy: whether the part can do its work.
    :param cause: why not, and what to do; empty where it is healthy.
    """

    name: str
    healthy: bool
    cause: str = ""
