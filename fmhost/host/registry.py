"""Find a scheduler, forecaster or reporter by name, and know where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.errors import InvalidInput
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.loading import import_target
from fmhost.host.manifest import DRIVER_KINDS, Driver


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an object came from; stored with every result that it produces.

    :param plugin: name of the plugin.
    :param distribution: the distribution that brings it, and its `version`.
    :param name: the name under which it was found.
    """

    plugin: str
    distribution: str
    version: str
    name: str

    def as_dict(self) -> dict[str, str]:
        """The same as a JSON object."""
        return {
            "plugin": self.plugin,
            "distribution": self.distribution,
            "version": self.version,
            "name": self.name,
        }


@dataclass(frozen=True, slots=True)
class Registered:
    """An offer that the registry knows, whether or not it has been imported."""

    record: PluginRecord
    driver: Driver
    provenance: Provenance


class Registry:
    """The drivers of all active plugins. It imports a class when it is first asked for."""

    def __init__(self, records: Mapping[str, PluginRecord], *, import_budget: float) -> None:
        self._records = records
        self._budget = import_budget
        self._offers: dict[str, dict[str, Registered]] = {kind: {} for kind in DRIVER_KINDS}
        self._loaded: dict[tuple[str, str], Any] = {}
        for record in records.values():
            if record.manifest is None:
                continue
            for kind in DRIVER_KINDS:
                for name, driver in record.manifest.drivers(kind).items():
                    if record.owns(kind, name):
                        provenance = Provenance(
                            record.name, record.distribution, record.version, name
                        )
                        self._offers[kind][name] = Registered(record, driver, provenance)

    def names(self, kind: str) -> list[str]:
        """The names that :meth:`get` finds, sorted."""
        return sorted(self._offers[kind])

    def offers(self, kind: str) -> Mapping[str, Registered]:
        """All offers of a kind by name, without importing any."""
        return self._offers[kind]

    def for_asset_type(self, kind: str, asset_type: str) -> str | None:
        """The name of the driver that declares itself the choice for `asset_type`, if any.

        Where several do, the first in the order of the plugins wins.
        """
        for name, offer in self._offers[kind].items():
            if asset_type in offer.driver.asset_types:
                return name
        return None

    def get(self, kind: str, name: str) -> tuple[Any, Provenance]:
        """The class of that name, and its provenance.

        :raises InvalidInput: for a name that nobody offers; the message lists those that exist,
            and says so where a plugin that would offer it is not available.
        :raises PluginError: where the plugin's code cannot be imported.
        """
        offer = self._offers[kind].get(name)
        if offer is None:
            raise self._unknown(kind, name)
        key = (kind, name)
        if key not in self._loaded:
            self._loaded[key] = import_target(
                offer.record, offer.driver.target, budget=self._budget
            )
        return self._loaded[key], offer.provenance

    def _unknown(self, kind: str, name: str) -> InvalidInput:
        for record in self._records.values():
            manifest = record.manifest
            if manifest is not None and name in manifest.drivers(kind):
                reason = (
                    f"{record.cause} {record.fix}"
                    if record.cause
                    else record.contested.get(f"{kind}:{name}", f"It is {record.status}.")
                )
                return InvalidInput(
                    f"The {kind} '{name}' is unavailable: plugin '{record.name}' offers it. "
                    f"{reason}",
                    field=f"custom-{kind}",
                )
        known = ", ".join(self.names(kind)) or "none, no installed plugin brings one"
        return InvalidInput(
            f"There is no {kind} named '{name}'.",
            field=f"custom-{kind}",
            hint=f"Available: {known}.",
        )
