"""Classes that the host's settings allow by import path, although no plugin offers them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Any

from fmhost.errors import PluginError
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.loading import import_offer

#: What stands for the plugin in the provenance of such a class.
PLUGIN = "allowed by the host"

#: Version of a module that no distribution brings.
UNKNOWN_VERSION = "unknown"


class AllowedClasses:
    """Imports classes that ``FMHOST_PLUGIN_CLASSES_ALLOWED`` lists, and nothing else.

    :param targets: import paths, ``"package.module:Class"``, as the setting lists them.
    :param import_budget: limit on each import [s].
    """

    def __init__(self, targets: list[str], *, import_budget: float) -> None:
        self.targets = tuple(targets)
        self._budget = import_budget
        self._records: dict[str, PluginRecord] = {}
        self._loaded: dict[str, type[Any]] = {}

    def record(self, target: str) -> PluginRecord:
        """Which distribution brings the class, in the form that plugins have; imports nothing.

        :raises KeyError: where the target is not allowed.
        """
        if target not in self.targets:
            raise KeyError(target)
        if target not in self._records:
            distribution, version = _distribution_of(target.partition(":")[0])
            self._records[target] = PluginRecord(PLUGIN, distribution, version, target)
        return self._records[target]

    def get(self, kind: str, target: str, *, fits: Callable[[Any], bool]) -> type[Any]:
        """The class; imported when it is first asked for.

        :param fits: whether an object is a class of this kind.
        :raises KeyError: where the target is not allowed.
        :raises PluginError: where it cannot be imported, or is no such class.
        """
        record = self.record(target)
        if target not in self._loaded:
            self._loaded[target] = self._import(record, kind, target, fits)
        return self._loaded[target]

    def _import(
        self, record: PluginRecord, kind: str, target: str, fits: Callable[[Any], bool]
    ) -> type[Any]:
        try:
            found: type[Any] = import_offer(
                record,
                kind,
                target,
                target,
                budget=self._budget,
                fits=fits,
                expected="class with a method compute()",
            )
        except PluginError as error:
            cause = record.problem(error).cause
            raise PluginError(
                f"{target}, which FMHOST_PLUGIN_CLASSES_ALLOWED lists, cannot be used. {cause}",
                hint="Repair it, or take it off that list.",
            ) from error
        return found


def _distribution_of(module: str) -> tuple[str, str]:
    """Name and version of the installed distribution that brings a module."""
    package = module.partition(".")[0]
    for name in metadata.packages_distributions().get(package, ()):
        return name, metadata.version(name)
    return package, UNKNOWN_VERSION
