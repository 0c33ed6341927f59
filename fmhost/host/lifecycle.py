"""What the host knows about each plugin, failed ones included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fmhost.errors import FmhostError
from fmhost.host.manifest import Manifest


class Stage(StrEnum):
    """How far a plugin has come; each stage is entered only after the one before it."""

    FOUND = "found"
    READ = "manifest read"
    COMPATIBLE = "compatible"
    UNCONTESTED = "free of conflicts"
    CONFIGURED = "configured"
    LOADED = "loaded"
    ACTIVE = "active"


class Status(StrEnum):
    """Where a plugin ended up.

    A quarantined plugin goes on working, without its hooks.
    """

    ACTIVE = "active"
    DISABLED = "disabled"
    FAILED = "failed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a plugin, or a part of it, from working.

    :param cause: what happened and why; one or a few sentences.
    :param fix: what to do about it.
    """

    cause: str
    fix: str

    def __str__(self) -> str:
        return f"{self.cause} {self.fix}".rstrip()


@dataclass(slots=True, eq=False)
class PluginRecord:
    """One plugin of an installation; the same in command line, API and pages.

    :param name: the plugin's name.
    :param distribution: the distribution that brings it, and its `version`.
    :param entry_point: where its manifest is, ``"package.manifest:manifest"``; for a plugin that
        the setting FLEXMEASURES_PLUGINS lists, the entry of that list.
    :param listed: whether that setting lists it, rather than it announcing itself.
    :param stage: the last stage it entered.
    :param cause: why it is not active, and `fix` what to do about it.
    :param contested: claims that it makes together with another plugin, and that nobody has until
        the host decides, by ``"kind:name"``.
    :param withheld: claims that the host's settings have given to another plugin.
    :param broken: claims whose code could not be imported when it was needed.
    :param provided: objects of a listed plugin by the target that its manifest gives them.
    :param manifest_ms: time that reading its manifest took [ms].
    :param import_ms: time spent on importing its code so far, manifest included [ms].
    :param failures: how often in a row its hooks have failed, by hook.
    """

    name: str
    distribution: str
    version: str
    entry_point: str
    listed: bool = False
    manifest: Manifest | None = None
    stage: Stage = Stage.FOUND
    status: Status = Status.ACTIVE
    cause: str | None = None
    fix: str | None = None
    contested: dict[str, Problem] = field(default_factory=dict)
    withheld: dict[str, Problem] = field(default_factory=dict)
    broken: dict[str, Problem] = field(default_factory=dict)
    provided: dict[str, Any] = field(default_factory=dict)
    manifest_ms: float = 0.0
    import_ms: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"Plugin '{self.name}' ({self.distribution} {self.version})"

    @property
    def active(self) -> bool:
        """Whether what the plugin offers can be used."""
        return self.status in (Status.ACTIVE, Status.QUARANTINED)

    @property
    def healthy(self) -> bool:
        """Active with all that it offers, or switched off on purpose."""
        return not any(True for _ in self.problems())

    def owns(self, kind: str, name: str) -> bool:
        """Whether the claim may be used: the plugin is active and nobody else contests it."""
        claim = f"{kind}:{name}"
        return self.active and claim not in self.contested and claim not in self.withheld

    def fail(self, cause: str, fix: str) -> None:
        """Take the plugin out of service at its present stage."""
        self.status = Status.FAILED
        self.cause = cause
        self.fix = fix

    def fail_by(self, error: FmhostError) -> None:
        """Take the plugin out of service because of `error`."""
        problem = self.problem(error)
        self.fail(problem.cause, problem.fix)

    def problem(self, error: FmhostError) -> Problem:
        """The same as `error`, without the plugin's name, which stands on the record."""
        return Problem(error.message.removeprefix(f"{self}: "), error.hint or "")

    def switch_off(self, cause: str, fix: str) -> None:
        """Leave the plugin out because the host's settings say so; that is no problem."""
        self.status = Status.DISABLED
        self.cause = cause
        self.fix = fix

    def why_not(self, kind: str, name: str) -> Problem | None:
        """Why a claim of the plugin cannot be used; None where it can."""
        claim = f"{kind}:{name}"
        if not self.active:
            return Problem(f"{self} is {self.status}: {self.cause}", self.fix or "")
        return self.contested.get(claim) or self.withheld.get(claim)

    def problems(self) -> Iterator[str]:
        """Everything that is wrong with the plugin, one line each: name, stage, cause and fix."""
        if self.status in (Status.FAILED, Status.QUARANTINED):
            yield (
                f"{self} is {self.status} (stage reached: {self.stage}): {self.cause} {self.fix}"
            )
        for problem in (*self.contested.values(), *self.broken.values()):
            yield f"{self}: {problem}"
