"""Call the hooks of all plugins, each implementation by itself under a guard."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fmhost.errors import PluginError, RefuseStartup
from fmhost.host.lifecycle import PluginRecord, Stage, Status
from fmhost.host.loading import import_target

logger = logging.getLogger("fmhost.host")

#: So many failures of one hook take the plugin's hooks out of service until the next start.
QUARANTINE_AFTER = 5


@dataclass(frozen=True, slots=True)
class _Implementation:
    record: PluginRecord
    function: Callable[..., Any]
    arguments: tuple[str, ...]


class Hooks:
    """The hook implementations of the active plugins."""

    def __init__(self) -> None:
        self._implementations: dict[str, list[_Implementation]] = {}

    def load(self, records: Mapping[str, PluginRecord], *, budget: float) -> None:
        """Import the hook modules; a module that fails or has a misspelled hook fails its plugin."""
        import pluggy  # costs milliseconds that the command line's help need not pay

        from fmhost.host import hookspecs

        for record in records.values():
            if not record.active or record.manifest is None or record.manifest.hooks is None:
                continue
            checker = pluggy.PluginManager("fmhost")
            checker.add_hookspecs(hookspecs)
            try:
                module = import_target(record, record.manifest.hooks, budget=budget)
                checker.register(module, record.name)
                checker.check_pending()
            except PluginError as error:
                record.fail(error.message, error.hint or "")
                logger.error("%s", record.describe_failure())
                continue
            except pluggy.PluginValidationError as error:
                record.fail(
                    f"A hook in {record.manifest.hooks} does not fit: {error}.",
                    "Compare it with `fmhost plugins hooks`, which lists every hook.",
                )
                logger.error("%s", record.describe_failure())
                continue
            record.stage = Stage.LOADED
            for name, caller in checker.hook.__dict__.items():
                if name.startswith("_"):
                    continue
                self._implementations.setdefault(name, []).extend(
                    _Implementation(record, found.function, tuple(found.argnames))
                    for found in caller.get_hookimpls()
                )

    def call(self, name: str, **arguments: Any) -> list[Any]:
        """Call every implementation of hook `name`; the results that are not None, in plugin order.

        An exception is logged with the plugin's name and counted, never raised, save
        :class:`~fmhost.errors.RefuseStartup`.
        """
        return list(self._results(name, arguments))

    def first(self, name: str, **arguments: Any) -> Any | None:
        """The first result that is not None; later implementations are not called."""
        return next(self._results(name, arguments), None)

    def _results(self, name: str, arguments: Mapping[str, Any]) -> Iterator[Any]:
        for implementation in self._implementations.get(name, ()):
            record = implementation.record
            if not record.active:
                continue
            started = time.perf_counter()
            try:
                result = implementation.function(
                    **{key: arguments[key] for key in implementation.arguments}
                )
            except RefuseStartup:
                raise
            except Exception:
                self._count_failure(record, name)
                continue
            finally:
                elapsed = (time.perf_counter() - started) * 1000
                if elapsed > 1000:
                    logger.warning(
                        "Plugin '%s' spent %.0f ms in hook %s.", record.name, elapsed, name
                    )
            if result is not None:
                yield result

    def _count_failure(self, record: PluginRecord, hook: str) -> None:
        record.failures[hook] = record.failures.get(hook, 0) + 1
        logger.exception(
            "Plugin '%s' (%s %s) failed in hook %s (failure %d).",
            record.name,
            record.distribution,
            record.version,
            hook,
            record.failures[hook],
        )
        if record.failures[hook] >= QUARANTINE_AFTER:
            record.status = Status.QUARANTINED
            record.cause = f"Its hook {hook} failed {record.failures[hook]} times."
            record.fix = "See the log for the errors, then restart."
            logger.error("%s", record.describe_failure())
