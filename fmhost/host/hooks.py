"""Call the hooks of all plugins, each implementation by itself under a guard."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from fmhost.errors import PluginError, RefuseStartup
from fmhost.host.lifecycle import PluginRecord, Stage, Status
from fmhost.host.loading import import_target
from fmhost.telemetry.figures import PLUGIN_ERRORS

if TYPE_CHECKING:
    from fmhost.host.host import Host

logger = logging.getLogger("fmhost.host")

Part = TypeVar("Part")

#: So many failures of one hook in a row take the plugin's hooks out of service until the next
#: start.
QUARANTINE_AFTER = 5

#: A call that takes longer is logged [s].
SLOW = 1.0


@dataclass(frozen=True, slots=True)
class Implementation:
    """One plugin's function for one hook.

    :param arguments: the arguments of the hook that the function takes.
    """

    record: PluginRecord
    function: Callable[..., Any]
    arguments: tuple[str, ...]


def _ask(function: Callable[..., Any], given: dict[str, Any]) -> Any:
    return function(**given)


class Hooks:
    """The hook implementations of the active plugins."""

    def __init__(self) -> None:
        self._implementations: dict[str, list[Implementation]] = {}
        #: Called with a plugin that is taken out of service.
        self.on_quarantine: Callable[[PluginRecord], object] | None = None
        self._lock = threading.Lock()

    def load(self, records: Iterable[PluginRecord], *, budget: float) -> None:
        """Import the hook modules of the active plugins, in the given order.

        A module that cannot be imported, or implements a hook that does not exist or with an
        argument that the hook does not have, fails its plugin.
        """
        from fmhost.host.implementations import find  # loads pluggy, which help need not pay

        for record in records:
            if not record.active or record.manifest is None:
                continue
            if record.manifest.hooks is not None:
                try:
                    module = import_target(record, record.manifest.hooks, budget=budget)
                    found = find(record, module)
                except PluginError as error:
                    record.fail_by(error)
                    continue
                for name, implementation in found.items():
                    self._implementations.setdefault(name, []).append(implementation)
            record.stage = Stage.LOADED

    def implementers(self, name: str) -> list[PluginRecord]:
        """The active plugins that implement hook `name`, in the order in which they are called."""
        return [each.record for each in self._serving(name)]

    def start(self, host: Host) -> None:
        """Call ``fmhost_startup`` of every plugin; one that raises there is failed.

        :raises RefuseStartup: where a plugin vetoes the start.
        """
        for implementation in self._serving("fmhost_startup"):
            record = implementation.record
            try:
                with _timed(record, "fmhost_startup"):
                    implementation.function(**_given(implementation, {"host": host}))
            except RefuseStartup as error:
                raise RefuseStartup(
                    f"{record} refuses the start: {error.message}", error.hint or ""
                ) from error
            except (Exception, SystemExit) as error:
                record.fail(
                    f"Its hook fmhost_startup failed: {type(error).__name__}: {error}.",
                    "See the log for the traceback.",
                )
                PLUGIN_ERRORS.add(1, record.name, "fmhost_startup")
                logger.exception("%s failed in hook fmhost_startup.", record)

    def call(self, name: str, **arguments: Any) -> list[Any]:
        """Call every implementation of hook `name`; the results that are not None, in plugin order.

        An exception is logged with the plugin's name and counted, never raised.
        """
        return [result for _, result in self._results(name, arguments)]

    def call_each(self, name: str, **arguments: Any) -> list[tuple[PluginRecord, Any]]:
        """The same, each result with the plugin that gave it."""
        return list(self._results(name, arguments))

    def first(self, name: str, **arguments: Any) -> Any | None:
        """The first result that is not None; later implementations are not called."""
        return next((result for _, result in self._results(name, arguments)), None)

    def gather(
        self,
        name: str,
        kind: type[Part],
        *,
        around: Callable[[], AbstractContextManager[Any]] = nullcontext,
        **arguments: Any,
    ) -> list[tuple[PluginRecord, Part]]:
        """What all implementations of a hook that answers with sequences have to give.

        An answer that is no sequence of `kind` is a failure of the implementation.

        :param around: made for each call, and left with the exception where the call fails: a
            savepoint of the database session, for example.
        """

        def ask(function: Callable[..., Any], given: dict[str, Any]) -> list[Part]:
            with around():
                return _parts(name, kind, function(**given))

        found = self._results(name, arguments, ask)
        return [(record, part) for record, parts in found for part in parts]

    def _serving(self, name: str) -> Iterator[Implementation]:
        for implementation in self._implementations.get(name, ()):
            if implementation.record.status is Status.ACTIVE:
                yield implementation

    def _results(
        self,
        name: str,
        arguments: Mapping[str, Any],
        ask: Callable[[Callable[..., Any], dict[str, Any]], Any] = _ask,
    ) -> Iterator[tuple[PluginRecord, Any]]:
        for implementation in self._serving(name):
            record = implementation.record
            try:
                with _timed(record, name):
                    result = ask(implementation.function, _given(implementation, arguments))
            except (Exception, SystemExit) as error:
                self._count_failure(record, name, error)
                continue
            if name in record.failures:
                with self._lock:
                    record.failures.pop(name, None)
            if result is not None:
                yield record, result

    def _count_failure(self, record: PluginRecord, hook: str, error: BaseException) -> None:
        with self._lock:
            count = record.failures[hook] = record.failures.get(hook, 0) + 1
        PLUGIN_ERRORS.add(1, record.name, hook)
        logger.error("%s failed in hook %s (%d in a row).", record, hook, count, exc_info=error)
        if count == QUARANTINE_AFTER:
            record.status = Status.QUARANTINED
            record.cause = (
                f"Its hook {hook} failed {count} times in a row, the last time with "
                f"{type(error).__name__}: {error}. None of its hooks is called any more."
            )
            record.fix = "See the log for the tracebacks, mend the cause and restart."
            for problem in record.problems():
                logger.error("%s", problem)
            if self.on_quarantine is not None:
                self.on_quarantine(record)


def _parts(hook: str, kind: type[Part], answer: Any) -> list[Part]:
    if answer is None:
        return []
    if isinstance(answer, Sequence) and all(isinstance(part, kind) for part in answer):
        return list(answer)
    raise TypeError(f"{hook} must answer with a sequence of {kind.__name__}, not {answer!r}")


def _given(implementation: Implementation, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in implementation.arguments}


@contextmanager
def _timed(record: PluginRecord, hook: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        elapsed = time.perf_counter() - started
        if elapsed > SLOW:
            logger.warning("%s spent %.1f s in hook %s.", record, elapsed, hook)
