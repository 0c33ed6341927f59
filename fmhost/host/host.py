"""One installation's plugins: found, checked, and ready to be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmhost.errors import PluginError
from fmhost.host import conflicts, discovery, versions
from fmhost.host.hooks import Hooks
from fmhost.host.lifecycle import PluginRecord, Stage, Status
from fmhost.host.manifest import PLUGIN_API
from fmhost.host.registry import Registry


@dataclass(frozen=True, slots=True)
class Composition:
    """Which plugins the host wants, and how contests between them end.

    :param disabled: names of plugins that stay switched off (``FMHOST_PLUGINS_DISABLED``).
    :param allowed: where not empty, all others stay switched off (``FMHOST_PLUGINS_ALLOWED``).
    :param prefer: who keeps a contested claim (``FMHOST_PREFER``).
    :param strict: refuse to start where a plugin is not healthy (``FMHOST_STRICT_PLUGINS``).
    :param import_budget: limit on each import of a plugin's code [s].
    """

    disabled: Sequence[str] = ()
    allowed: Sequence[str] = ()
    prefer: Mapping[str, str] | None = None
    strict: bool = False
    import_budget: float = 20.0

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Composition:
        """The composition that the host's settings describe."""
        return cls(
            disabled=settings["FMHOST_PLUGINS_DISABLED"],
            allowed=settings["FMHOST_PLUGINS_ALLOWED"],
            prefer=settings["FMHOST_PREFER"],
            strict=settings["FMHOST_STRICT_PLUGINS"],
            import_budget=settings["FMHOST_PLUGIN_IMPORT_TIMEOUT"],
        )


class Host:
    """The plugins of an installation.

    Making one reads the manifests and settles conflicts, and imports no other code of any plugin;
    :meth:`start` loads the hooks.
    """

    def __init__(self, composition: Composition | None = None) -> None:
        self.composition = composition or Composition()
        found = discovery.find(self.composition.import_budget)
        conflicts.fail_duplicates(found)
        for record in found:
            self._admit(record)
        conflicts.settle(found, self.composition.prefer or {})
        ordered = conflicts.in_order(found)
        self.plugins: dict[str, PluginRecord] = {record.name: record for record in ordered}
        self._require(ordered)
        for record in ordered:
            if record.active:
                record.stage = Stage.UNCONTESTED
        self.registry = Registry(self.plugins, import_budget=self.composition.import_budget)
        self.hooks = Hooks()
        if self.composition.strict:
            self.require_healthy()

    def _admit(self, record: PluginRecord) -> None:
        if record.name in self.composition.disabled:
            record.status = Status.DISABLED
            record.cause = "FMHOST_PLUGINS_DISABLED names it."
            record.fix = "Take it off that list to use it."
        elif self.composition.allowed and record.name not in self.composition.allowed:
            record.status = Status.DISABLED
            record.cause = "FMHOST_PLUGINS_ALLOWED does not name it."
            record.fix = "Add it to that list to use it."
        elif record.active and record.manifest is not None:
            try:
                fits = versions.contains(record.manifest.plugin_api, PLUGIN_API)
            except ValueError as error:
                record.fail(
                    f"Its plugin_api range cannot be read: {error}.",
                    f"Ask the author of {record.distribution} for a range such as '>=1.0,<2'.",
                )
                return
            if fits:
                record.stage = Stage.COMPATIBLE
            else:
                have = ".".join(map(str, PLUGIN_API))
                record.fail(
                    f"It works with plugin API {record.manifest.plugin_api}, and this is {have}.",
                    f"Install a version of {record.distribution} made for this fmhost.",
                )

    def _require(self, ordered: Sequence[PluginRecord]) -> None:
        for record in ordered:
            if not record.active or record.manifest is None:
                continue
            for name in record.manifest.requires:
                other = self.plugins.get(name)
                if other is None or not other.active:
                    state = "is not installed" if other is None else f"is {other.status}"
                    record.fail(
                        f"It requires the plugin '{name}', which {state}.",
                        f"Install or enable '{name}'.",
                    )
                    break

    @property
    def active(self) -> list[PluginRecord]:
        """The active plugins in their order."""
        return [record for record in self.plugins.values() if record.active]

    def require_healthy(self) -> None:
        """:raises PluginError: where a plugin failed or a claim is contested, naming each."""
        problems = [
            record.describe_failure() if not record.active else " ".join(record.contested.values())
            for record in self.plugins.values()
            if not record.healthy
        ]
        if problems:
            raise PluginError(
                "FMHOST_STRICT_PLUGINS is on, and not every plugin is healthy. "
                + " ".join(problems)
            )

    def start(self) -> None:
        """Load the hooks and tell the plugins that the installation starts.

        :raises RefuseStartup: where a plugin vetoes.
        :raises PluginError: where a plugin is not healthy and the composition is strict.
        """
        self.hooks.load(self.plugins, budget=self.composition.import_budget)
        if self.composition.strict:
            self.require_healthy()
        for record in self.active:
            record.stage = Stage.ACTIVE
        self.hooks.call("fmhost_startup", host=self)
