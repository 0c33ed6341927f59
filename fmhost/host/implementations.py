"""Find the hook implementations in a plugin's module, and compare them with the specifications."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import pluggy

from fmhost.errors import PluginError
from fmhost.host import hookspecs
from fmhost.host.hooks import Implementation
from fmhost.host.lifecycle import PluginRecord

PREFIX = "fmhost_"
MARK = "fmhost_impl"


def specifications() -> dict[str, Callable[..., Any]]:
    """The function that specifies each hook, by the hook's name."""
    return {
        name: function
        for name, function in vars(hookspecs).items()
        if name.startswith(PREFIX) and inspect.isfunction(function)
    }


def is_first_result(specification: Callable[..., Any]) -> bool:
    """Whether the first answer to the hook counts, and later implementations are not called."""
    options: dict[str, Any] = getattr(specification, "fmhost_spec", {})
    return bool(options.get("firstresult"))


def find(record: PluginRecord, module: Any) -> dict[str, Implementation]:
    """The implementations in `module`, by hook.

    :raises PluginError: for a name that is no hook, an argument that the hook does not have, a
        function that lacks the marker ``@hookimpl``, and wrappers.
    """
    manager = pluggy.PluginManager("fmhost")
    manager.register(module, record.name)
    where = record.manifest.hooks if record.manifest else module.__name__
    specified = specifications()
    found: dict[str, Implementation] = {}
    for caller in manager.get_hookcallers(manager.get_plugin(record.name)) or ():
        (implementation,) = caller.get_hookimpls()
        if caller.name not in specified:
            if implementation.optionalhook:
                continue
            raise PluginError(
                f"{where} implements '{caller.name}', and there is no such hook.",
                hint=_suggest(caller.name, list(specified)),
            )
        if implementation.wrapper or implementation.hookwrapper:
            raise PluginError(
                f"{where} implements '{caller.name}' as a wrapper.",
                hint="Hooks of fmhost are called one by one and cannot be wrapped.",
            )
        accepted = list(inspect.signature(specified[caller.name]).parameters)
        unknown = [name for name in implementation.argnames if name not in accepted]
        if unknown:
            raise PluginError(
                f"{where} implements '{caller.name}' with the argument '{unknown[0]}'.",
                hint=f"That hook has these: {', '.join(accepted) or 'none'}.",
            )
        taken = [*implementation.argnames, *implementation.kwargnames]
        found[caller.name] = Implementation(
            record, implementation.function, tuple(name for name in taken if name in accepted)
        )
    _require_markers(where, module)
    return found


def _require_markers(where: str | None, module: Any) -> None:
    for name, function in vars(module).items():
        is_hook = name.startswith(PREFIX) and inspect.isfunction(function)
        if is_hook and not hasattr(function, MARK):
            raise PluginError(
                f"{where} defines '{name}' without the marker that makes it a hook.",
                hint="Put @fmhost.plugin.hookimpl above it, or give it another name.",
            )


def _suggest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return (
        f"Did you mean '{near[0]}'?" if near else "`fmhost plugins hooks` lists those that exist."
    )
