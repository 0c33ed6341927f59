"""Records of the plugins that the setting FLEXMEASURES_PLUGINS lists."""

from __future__ import annotations

import time
from collections.abc import Sequence

from fmhost.errors import PluginError
from fmhost.host.budget import time_budget
from fmhost.host.lifecycle import PluginRecord, Stage
from fmhost.host.listed.importing import import_entry
from fmhost.host.listed.synthesis import synthesise
from fmhost.host.loading import explain

#: Version of a plugin that does not say.
DEFAULT_VERSION = "0.1"


def listed(entries: Sequence[str]) -> list[PluginRecord]:
    """One record per entry, in their order; nothing is imported."""
    records = []
    for entry in entries:
        name = entry.rstrip("/").rsplit("/", 1)[-1]
        records.append(PluginRecord(name, name, DEFAULT_VERSION, entry, listed=True))
    return records


def read_manifest(record: PluginRecord, *, budget: float) -> None:
    """Import a listed plugin and make its manifest; one that cannot be imported is failed.

    :param budget: limit on the import [s].
    """
    started = time.perf_counter()
    try:
        with time_budget(budget):
            module = import_entry(record.entry_point, record.name)
        record.version = str(getattr(module, "__version__", DEFAULT_VERSION))
        record.manifest = synthesise(record, module)
    except PluginError as error:
        record.fail_by(error)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        record.fail_by(explain(record, record.entry_point, error, budget=budget))
    else:
        record.stage = Stage.READ
    finally:
        record.manifest_ms = record.import_ms = (time.perf_counter() - started) * 1000
