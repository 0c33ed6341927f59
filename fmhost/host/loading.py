"""Import what a plugin names, with a time limit and an error that says whose fault it is."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

from fmhost.errors import FmhostError, PluginError
from fmhost.host.budget import BudgetExceeded, time_budget
from fmhost.host.lifecycle import PluginRecord


def import_target(record: PluginRecord, target: str, *, budget: float) -> Any:
    """The object at `target`, ``"package.module:attribute"`` or ``"package.module"``.

    The time is added to the record's `import_ms`. Whatever the plugin's code does on import, the
    caller gets a :class:`PluginError` that names plugin, target, cause and fix.

    :param budget: limit on the import [s].
    """
    if target in record.provided:
        return record.provided[target]
    module_name, _, attribute = target.partition(":")
    started = time.perf_counter()
    try:
        with time_budget(budget):
            found: Any = importlib.import_module(module_name)
            for part in filter(None, attribute.split(".")):
                found = getattr(found, part)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise explain(record, target, error, budget=budget) from error
    finally:
        record.import_ms += (time.perf_counter() - started) * 1000
    return found


def import_offer(
    record: PluginRecord,
    kind: str,
    name: str,
    target: str,
    *,
    budget: float,
    fits: Callable[[Any], bool] = lambda found: True,
    expected: str = "object",
) -> Any:
    """What the plugin offers under the claim `kind` and `name`.

    A failure stands on the record from then on, and the import is not tried a second time: one
    that hangs would cost its time limit again and again.

    :param fits: whether an object is what such a claim stands for, and `expected` says what that
        is, as in "it is no ...".
    :raises PluginError: where it cannot be imported or does not fit.
    """
    claim = f"{kind}:{name}"
    known = record.broken.get(claim)
    if known is not None:
        raise PluginError(f"{record}: {known.cause}", hint=known.fix)
    try:
        found = import_target(record, target, budget=budget)
        if not fits(found):
            raise PluginError(
                f"{record}: It names {target} for the {kind} '{name}', which is no {expected}.",
                hint=f"Install a version of {record.distribution} that fits fmhost.",
            )
    except PluginError as error:
        record.broken[claim] = record.problem(error)
        raise
    return found


def explain(
    record: PluginRecord, target: str, error: BaseException, *, budget: float
) -> PluginError:
    """The error that says why an import of the plugin failed, and what to do about it."""
    cause, fix = _cause_and_fix(record, target, error, budget)
    return PluginError(f"{record}: {cause}", hint=fix)


def _cause_and_fix(
    record: PluginRecord, target: str, error: BaseException, budget: float
) -> tuple[str, str]:
    disable = f'disable it with FMHOST_PLUGINS_DISABLED=["{record.name}"]'
    if isinstance(error, BudgetExceeded):
        return (
            f"It did not finish importing {target} within {budget:g} s.",
            f"Ask its author to move slow work out of the import, or {disable}.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        own = target.partition(":")[0]
        if own == error.name or own.startswith(f"{error.name}."):
            return (
                f"It names {target}, and there is no module '{error.name}'.",
                f"Reinstall {record.distribution}; if that does not help, tell its author.",
            )
        install = f"Reinstall it with its dependencies: pip install -U {record.distribution}."
        return (
            f"It cannot import {target}: module '{error.name}' is missing.",
            f"Install that module, or {disable}." if record.listed else install,
        )
    what = str(error) if isinstance(error, FmhostError) else f"{type(error).__name__}: {error}"
    return (
        f"It cannot import {target}: {what.rstrip('.')}.",
        f"Install a version of {record.distribution} that fits fmhost, or {disable}.",
    )
