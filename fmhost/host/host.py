"""One installation's plugins: found, checked, and ready to be used."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from fmhost.errors import PluginError
from fmhost.host import conflicts, discovery, order, versions
from fmhost.host.composition import Composition
from fmhost.host.hooks import Hooks
from fmhost.host.lifecycle import PluginRecord, Stage
from fmhost.host.listed import records as listed_records
from fmhost.host.manifest import PLUGIN_API
from fmhost.host.registry import Registry

if TYPE_CHECKING:
    from fmhost.settings import Settings

__all__ = ["Composition", "Host"]

logger = logging.getLogger("fmhost.host")


class Host:
    """The plugins of an installation.

    Making one reads the manifests and settles conflicts, and imports no other code of any plugin.
    It raises nothing on account of a plugin: what is wrong stands on the plugin's record.
    :meth:`configure` adds the plugins' settings to the host's, :meth:`start` loads the hooks.

    :param without: names of plugins to treat as if they were not installed.
    :ivar records: every plugin that was found, the active ones first and in their order.
    :ivar plugins: the same by name; where several have one name, the first of them.
    """

    def __init__(
        self, composition: Composition | None = None, *, without: Collection[str] = ()
    ) -> None:
        self.composition = composition or Composition()
        self.records: Sequence[PluginRecord] = _assemble(self.composition, without)
        self.plugins: dict[str, PluginRecord] = {}
        for record in self.records:
            self.plugins.setdefault(record.name, record)
        self.registry = Registry(self.plugins, import_budget=self.composition.import_budget)
        self.hooks = Hooks()
        self._settings: Settings | None = None
        self._started = False

    @property
    def settings(self) -> Settings:
        """The settings of the installation, those of plugins included.

        :raises PluginError: before :meth:`configure`.
        """
        if self._settings is None:
            raise PluginError("The plugins are not configured yet.")
        return self._settings

    @property
    def active(self) -> list[PluginRecord]:
        """The active plugins in their order."""
        return [record for record in self.records if record.active]

    def problems(self) -> list[str]:
        """What is wrong with plugins, one line each: name, stage, cause and fix."""
        return [problem for record in self.records for problem in record.problems()]

    def warnings(self) -> list[str]:
        """What is probably not meant, one line each: names in the host's settings that mean no
        installed plugin, and listed plugins that offer no pages.
        """
        bare = [
            f"No blueprints found for plugin {record.name} at {record.entry_point}."
            for record in self.active
            if record.listed and record.manifest and not record.manifest.pages
        ]
        return [*_misnamed(self.composition, self.records), *bare]

    def require_healthy(self) -> None:
        """:raises PluginError: where a plugin failed or a claim is contested, naming each."""
        problems = self.problems()
        if problems:
            raise PluginError(
                "\n".join(["FMHOST_STRICT_PLUGINS is on, and not all plugins are fit.", *problems])
            )

    def configure(self, settings: Settings) -> Settings:
        """The settings of the installation with those that the plugins declare."""
        from fmhost.host.configuration import configure  # help needs no settings of plugins

        budget = self.composition.import_budget
        self._settings = configure(self.active, settings, budget=budget)
        order.dismiss_unmet(self.records)
        return self._settings

    def load(self) -> None:
        """Import the hooks of the active plugins; a plugin whose hooks do not fit is failed."""
        self.hooks.load(self.active, budget=self.composition.import_budget)
        order.dismiss_unmet(self.records)

    def start(self) -> None:
        """Load the hooks, log what is wrong, and tell the plugins that the installation starts.

        A second call does nothing.

        :raises RefuseStartup: where a plugin vetoes.
        :raises PluginError: where a plugin is not healthy and the composition is strict.
        """
        if self._started:
            return
        self._started = True
        self.load()
        self._complain()
        self.hooks.start(self)
        order.dismiss_unmet(self.records)
        for record in self.active:
            record.stage = Stage.ACTIVE
        if self.composition.strict:
            self.require_healthy()

    def _complain(self) -> None:
        for line in self.warnings():
            logger.warning("%s", line)
        for line in self.problems():
            logger.error("%s", line)
        if self.composition.strict:
            self.require_healthy()


def _assemble(composition: Composition, without: Collection[str]) -> Sequence[PluginRecord]:
    """Every plugin with its manifest, conflicts settled, in order."""
    found = [*listed_records.listed(composition.listed), *discovery.installed()]
    records = [record for record in found if record.name not in without]
    for record in records:
        _switch_off(record, composition)
    conflicts.settle_names(records, composition.prefer)
    for record in records:
        if record.active:
            read = (listed_records if record.listed else discovery).read_manifest
            read(record, budget=composition.import_budget)
        if record.active:
            _require_compatible(record)
    order.dismiss_unmet(records)
    conflicts.settle(records, composition.prefer)
    ordered = order.in_order(records)
    order.dismiss_unmet(ordered)
    for record in ordered:
        if record.active:
            record.stage = Stage.UNCONTESTED
    return sorted(ordered, key=lambda record: not record.active)


def _switch_off(record: PluginRecord, composition: Composition) -> None:
    if record.name in composition.disabled:
        record.switch_off("FMHOST_PLUGINS_DISABLED names it.", "Take it off that list to use it.")
    elif composition.allowed and record.name not in composition.allowed:
        record.switch_off("FMHOST_PLUGINS_ALLOWED does not name it.", "Add it there to use it.")


def _require_compatible(record: PluginRecord) -> None:
    assert record.manifest is not None
    if versions.contains(record.manifest.plugin_api, PLUGIN_API):
        record.stage = Stage.COMPATIBLE
    else:
        have = ".".join(map(str, PLUGIN_API))
        record.fail(
            f"It works with plugin API {record.manifest.plugin_api}, and this is {have}.",
            f"Install a version of {record.distribution} made for this fmhost.",
        )


def _misnamed(composition: Composition, records: Sequence[PluginRecord]) -> Iterator[str]:
    names = {record.name for record in records}
    wanted = {
        "FMHOST_PLUGINS_DISABLED": composition.disabled,
        "FMHOST_PLUGINS_ALLOWED": composition.allowed,
        "FMHOST_PREFER": [
            keeper
            for claim, keeper in composition.prefer.items()
            if not claim.startswith("plugin:")
        ],
    }
    for setting, listed in wanted.items():
        for name in listed:
            if name not in names:
                known = ", ".join(sorted(names)) or "none"
                yield f"{setting} names '{name}', which is no installed plugin. Installed: {known}."
