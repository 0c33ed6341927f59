"""Import what a plugin names, with a time limit and an error that says whose fault it is."""

from __future__ import annotations

import importlib
import time
from typing import Any

from fmhost.errors import PluginError
from fmhost.host.budget import BudgetExceeded, time_budget
from fmhost.host.lifecycle import PluginRecord


def import_target(record: PluginRecord, target: str, *, budget: float) -> Any:
    """The object at `target`, ``"package.module:attribute"`` or ``"package.module"``.

    The time is added to the record's `import_ms`. Whatever the plugin's code does on import, the
    caller gets a :class:`PluginError` that names plugin, target, cause and fix.

    :param budget: limit on the import [s].
    """
    module_name, _, attribute = target.partition(":")
    started = time.perf_counter()
    try:
        with time_budget(budget):
            found: Any = importlib.import_module(module_name)
            for part in filter(None, attribute.split(".")):
                found = getattr(found, part)
    except BudgetExceeded:
        raise PluginError(
            f"Plugin '{record.name}' ({record.distribution} {record.version}) did not finish "
            f"importing {target} within {budget:g} s.",
            hint=f"Ask its author to move slow work out of the import, or disable it with "
            f'FMHOST_PLUGINS_DISABLED=["{record.name}"].',
        ) from None
    except ModuleNotFoundError as error:
        raise PluginError(
            f"Plugin '{record.name}' ({record.distribution} {record.version}) cannot import "
            f"{target}: module '{error.name}' is missing.",
            hint=f"Reinstall it with its dependencies: pip install --upgrade "
            f"{record.distribution}.",
        ) from error
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise PluginError(
            f"Plugin '{record.name}' ({record.distribution} {record.version}) cannot import "
            f"{target}: {type(error).__name__}: {error}.",
            hint=f"Install a version of {record.distribution} that fits fmhost, or disable it "
            f'with FMHOST_PLUGINS_DISABLED=["{record.name}"].',
        ) from error
    finally:
        record.import_ms += (time.perf_counter() - started) * 1000
    return found
