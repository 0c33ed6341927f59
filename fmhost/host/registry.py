"""Find a scheduler, forecaster or reporter by name, and know where it came from."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmhost.errors import InvalidInput, PluginError
from fmhost.host.allowed import AllowedClasses
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.loading import import_offer
from fmhost.host.manifest import DRIVER_KINDS, Driver

logger = logging.getLogger("fmhost.host")


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
        self._loaded: dict[tuple[str, str], type[Any]] = {}
        self._allowed: AllowedClasses | None = None

    def add(self, record: PluginRecord) -> None:
        """Find the drivers of one more plugin, such as one that a test has made up."""
        self._records = {**self._records, record.name: record}

    def names(self, kind: str) -> list[str]:
        """The names that :meth:`get` finds, sorted."""
        return sorted(self.offers(kind))

    def offers(self, kind: str) -> Mapping[str, Registered]:
        """All offers of a kind by name, in the order of the plugins, without importing any.

        :param kind: ``"scheduler"``, ``"forecaster"`` or ``"reporter"``.
        """
        return {
            name: Registered(record, driver, _provenance(record, name))
            for record, name, driver in self._claims(kind)
            if record.owns(kind, name)
        }

    def for_asset_type(self, kind: str, asset_type: str) -> str | None:
        """The name of the driver that declares itself the choice for `asset_type`, if any.

        Where several plugins do, none is, until the host decides with FMHOST_PREFER.
        """
        for name, offer in self.offers(kind).items():
            declared = asset_type in offer.driver.asset_types
            if declared and offer.record.owns(f"{kind}-for", asset_type):
                return name
        return None

    def get(self, kind: str, name: str) -> tuple[type[Any], Provenance]:
        """The class of that name, and its provenance.

        :raises InvalidInput: for a name that nobody offers; the message lists those that exist,
            and says so where a plugin that would offer it is not available.
        :raises PluginError: where the plugin's code cannot be imported, or is no such class.
        """
        offer = self.offers(kind).get(name)
        if offer is None:
            raise self._unknown(kind, name)
        key = (kind, name)
        if key not in self._loaded:
            self._loaded[key] = self._load(kind, name, offer)
        return self._loaded[key], offer.provenance

    def get_allowed(
        self, kind: str, target: str, allowed: Sequence[str]
    ) -> tuple[type[Any], Provenance]:
        """The class at an import path that a plugin offers, or that the host allows.

        No module is imported because somebody names it: only what an active plugin's manifest
        names, and what is in `allowed`.

        :param target: ``"package.module:Class"``.
        :param allowed: what ``FMHOST_PLUGIN_CLASSES_ALLOWED`` lists.
        :raises InvalidInput: where the path is neither.
        :raises PluginError: where the class cannot be imported, or is none of this kind.
        """
        for name, offer in self.offers(kind).items():
            if offer.driver.target == target:
                return self.get(kind, name)
        if target not in allowed:
            known = ", ".join(self.names(kind)) or "none, no installed plugin brings one"
            raise InvalidInput(
                f"{target} is not a registered {kind}.",
                field=f"custom-{kind}",
                hint=f"Name a registered one ({known}); other classes are imported only where "
                "FMHOST_PLUGIN_CLASSES_ALLOWED lists them.",
            )
        classes = self._allowed_classes(allowed)
        record = classes.record(target)
        return classes.get(kind, target, fits=_is_driver), _provenance(record, target)

    def preload(self) -> None:
        """Import every driver now, so that none is imported when a job or request needs it.

        The time limit on imports holds in the main thread only. A process that serves or works in
        other threads calls this before it starts them: what hangs or fails is then known as such,
        and is not tried again. Failures are logged and stand on the plugins' records.
        """
        for kind in DRIVER_KINDS:
            for name in self.names(kind):
                try:
                    self.get(kind, name)
                except PluginError as error:
                    logger.error("%s", error)

    def _allowed_classes(self, allowed: Sequence[str]) -> AllowedClasses:
        if self._allowed is None or self._allowed.targets != tuple(allowed):
            self._allowed = AllowedClasses(list(allowed), import_budget=self._budget)
        return self._allowed

    def _load(self, kind: str, name: str, offer: Registered) -> type[Any]:
        found: type[Any] = import_offer(
            offer.record,
            kind,
            name,
            offer.driver.target,
            budget=self._budget,
            fits=_is_driver,
            expected="class with a method compute()",
        )
        return found

    def _claims(self, kind: str) -> Iterator[tuple[PluginRecord, str, Driver]]:
        for record in self._records.values():
            if record.manifest is not None:
                for name, driver in record.manifest.drivers(kind).items():
                    yield record, name, driver

    def _unknown(self, kind: str, name: str) -> InvalidInput:
        for record, offered, _driver in self._claims(kind):
            reason = record.why_not(kind, name) if offered == name else None
            if reason is not None:
                return InvalidInput(
                    f"The {kind} '{name}' of plugin '{record.name}' is unavailable. {reason.cause}",
                    field=f"custom-{kind}",
                    hint=reason.fix,
                )
        known = ", ".join(self.names(kind)) or "none, no installed plugin brings one"
        return InvalidInput(
            f"There is no {kind} named '{name}'.",
            field=f"custom-{kind}",
            hint=f"Available: {known}.",
        )


def _provenance(record: PluginRecord, name: str) -> Provenance:
    return Provenance(record.name, record.distribution, record.version, name)


def _is_driver(found: Any) -> bool:
    return isinstance(found, type) and callable(getattr(found, "compute", None))
