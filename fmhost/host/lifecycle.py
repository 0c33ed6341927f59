"""What the host knows about each plugin, failed ones included."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from fmhost.host.manifest import Manifest


class Stage(StrEnum):
    """How far a plugin has come; each stage is entered only after the one before it."""

    FOUND = "found"
    COMPATIBLE = "compatible"
    UNCONTESTED = "free of conflicts"
    CONFIGURED = "configured"
    MIGRATED = "migrated"
    LOADED = "loaded"
    ACTIVE = "active"


class Status(StrEnum):
    """Where a plugin ended up."""

    ACTIVE = "active"
    DISABLED = "disabled"
    FAILED = "failed"
    QUARANTINED = "quarantined"


@dataclass(slots=True)
class PluginRecord:
    """One plugin of an installation; the same in command line, API and pages.

    :param name: the plugin's name (of its entry point as long as the manifest is not read).
    :param distribution: the distribution that brings it, and its `version` and `summary`.
    :param entry_point: where its manifest is, ``"package.manifest:manifest"``.
    :param stage: the last stage it entered.
    :param cause: why it is not active, and `fix` what to do about it.
    :param contested: claims that it makes together with another plugin, and that nobody has until
        the host decides: ``"kind:name"`` to cause and fix.
    :param withheld: claims that the host has given to another plugin.
    :param import_ms: time spent on importing its code so far [ms].
    :param failures: how often its hooks failed since the start, by hook.
    """

    name: str
    distribution: str
    version: str
    entry_point: str
    summary: str = ""
    manifest: Manifest | None = None
    stage: Stage = Stage.FOUND
    status: Status = Status.ACTIVE
    cause: str | None = None
    fix: str | None = None
    contested: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)
    import_ms: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether what the plugin offers can be used."""
        return self.status is Status.ACTIVE

    @property
    def healthy(self) -> bool:
        """Active or switched off on purpose, and nothing contested."""
        return self.status in (Status.ACTIVE, Status.DISABLED) and not self.contested

    def owns(self, kind: str, name: str) -> bool:
        """Whether the claim may be used: the plugin is active and nobody else contests it."""
        claim = f"{kind}:{name}"
        return self.active and claim not in self.contested and claim not in self.withheld

    def fail(self, cause: str, fix: str) -> None:
        """Take the plugin out of service at its present stage."""
        self.status = Status.FAILED
        self.cause = cause
        self.fix = fix

    def describe_failure(self) -> str:
        """One line with name, stage, cause and fix."""
        return (
            f"Plugin '{self.name}' is {self.status} (stage reached: {self.stage}): "
            f"{self.cause} {self.fix}"
        )
