"""Find the plugins that are installed, and read their manifests.

``importlib.metadata`` is used directly: a cache on disk could serve entry points of distributions
that are gone.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from fmhost.errors import PluginError
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.loading import import_target
from fmhost.host.manifest import Manifest

#: Name of the entry-point group whose members are manifests.
GROUP = "fmhost.plugins"


def _record(entry_point: EntryPoint) -> PluginRecord:
    distribution = entry_point.dist
    return PluginRecord(
        name=entry_point.name,
        distribution=distribution.name if distribution else "?",
        version=distribution.version if distribution else "?",
        entry_point=entry_point.value,
    )


def find(budget: float) -> list[PluginRecord]:
    """One record per installed plugin, sorted by name; a manifest that cannot be read is failed.

    :param budget: limit on the import of one manifest [s].
    """
    records = []
    for entry_point in sorted(entry_points(group=GROUP), key=lambda found: found.name):
        record = _record(entry_point)
        records.append(record)
        try:
            manifest = import_target(record, entry_point.value, budget=budget)
        except PluginError as error:
            record.fail(error.message, error.hint or "")
            continue
        if not isinstance(manifest, Manifest):
            record.fail(
                f"{entry_point.value} is a {type(manifest).__name__}, not a fmhost.plugin.Manifest.",
                f"Install a version of {record.distribution} made for fmhost.",
            )
            continue
        record.manifest = manifest
        record.name = manifest.name
    return records


def summary_of(distribution: str) -> str:
    """The one-line summary in the distribution's metadata, read only when somebody asks."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        return metadata(distribution)["Summary"] or ""
    except (PackageNotFoundError, KeyError):
        return ""
