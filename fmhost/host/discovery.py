"""Find the plugins that are installed, and read their manifests.

``importlib.metadata`` is used directly: a cache on disk could serve entry points of distributions
that are gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint, distributions

from fmhost.errors import PluginError
from fmhost.host.lifecycle import PluginRecord, Stage
from fmhost.host.loading import import_target
from fmhost.host.manifest import Manifest

#: Name of the entry-point group whose members are manifests.
GROUP = "fmhost.plugins"


def installed() -> list[PluginRecord]:
    """One record per plugin that an installed distribution announces, sorted; nothing is imported.

    Of a distribution that is on the import path twice, the first counts, as it does for imports.
    """
    records: list[PluginRecord] = []
    seen: set[str] = set()
    for distribution in distributions():
        announced = list(_announced(distribution))
        if not announced:
            continue
        name, version = _identity(distribution)
        if name in seen:
            continue
        seen.add(name)
        for entry_point in announced:
            record = PluginRecord(entry_point.name, name, version, entry_point.value)
            if name == "?":
                record.fail(
                    f"The metadata of the distribution that announces {entry_point.value} cannot "
                    "be read.",
                    "Reinstall it: pip install --force-reinstall.",
                )
            records.append(record)
    return sorted(records, key=lambda record: (record.name, record.distribution))


def _announced(distribution: Distribution) -> Iterator[EntryPoint]:
    """The distribution's members of the group; none where its entry points cannot be read."""
    try:
        if GROUP in (distribution.read_text("entry_points.txt") or ""):
            yield from (found for found in distribution.entry_points if found.group == GROUP)
    except Exception:  # whatever a damaged distribution causes, the others are none the worse
        return


def _identity(distribution: Distribution) -> tuple[str, str]:
    try:
        said = distribution.metadata  # which is parsed at each access
        return said["Name"] or "?", said["Version"] or "?"
    except Exception:
        return "?", "?"


def read_manifest(record: PluginRecord, *, budget: float) -> None:
    """Import the manifest of an announced plugin; one that cannot be read fails the plugin.

    :param budget: limit on the import [s].
    """
    started = time.perf_counter()
    try:
        manifest = import_target(record, record.entry_point, budget=budget)
    except PluginError as error:
        record.fail_by(error)
        return
    finally:
        record.manifest_ms = (time.perf_counter() - started) * 1000
    if not isinstance(manifest, Manifest):
        record.fail(
            f"{record.entry_point} is a {type(manifest).__name__}, no fmhost.plugin.Manifest.",
            f"Install a version of {record.distribution} made for fmhost.",
        )
    elif manifest.name != record.name:
        record.fail(
            f"Its entry point is named '{record.name}', and its manifest '{manifest.name}'.",
            f"Ask the author of {record.distribution} to give both the same name.",
        )
    else:
        record.manifest = manifest
        record.stage = Stage.READ
