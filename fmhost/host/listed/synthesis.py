"""The manifest of a listed plugin, made of what stands in its module."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from fmhost.host.lifecycle import PluginRecord
from fmhost.host.listed.settings import descriptors
from fmhost.host.manifest import Command, CommandGroup, Driver, Manifest, Pages

#: Where the base classes of drivers are, once something has imported them.
_CONTRACTS = {
    "Scheduler": "fmhost.domain.flexibility",
    "Forecaster": "fmhost.domain.flexibility",
    "Reporter": "fmhost.domain.reporting",
}


def synthesise(record: PluginRecord, module: ModuleType) -> Manifest:
    """The manifest of what stands in the module; the objects go into the record."""
    blueprints = _blueprints(module)
    groups: dict[str, CommandGroup] = {}
    commands: dict[str, Command] = {}
    for attribute, blueprint in blueprints.items():
        group = _group(blueprint)
        if group and blueprint.cli.commands:
            groups.setdefault(group, CommandGroup(group, _first_line(blueprint.cli.help, record)))
        for name, command in blueprint.cli.commands.items():
            target = f"{module.__name__}:{attribute}.cli.{name}"
            record.provided[target] = command
            help_line = command.get_short_help_str(100) or _first_line(None, record)
            path = f"{group} {name}".strip()
            commands[path] = Command(path, target, help_line)
    record.provided["__settings__"] = descriptors(getattr(module, "__settings__", {}))
    return Manifest(
        name=record.name,
        schedulers=_drivers(record, module, "Scheduler"),
        forecasters=_drivers(record, module, "Forecaster"),
        reporters=_drivers(record, module, "Reporter"),
        groups=tuple(groups.values()),
        commands=tuple(commands.values()),
        pages=tuple(_pages(record, module, blueprints)),
    )


def _blueprints(module: ModuleType) -> dict[str, Any]:
    """The Blueprints in the module, by the first name under which each stands there."""
    # A plugin that has Blueprints has imported Flask, and the host need not.
    flask = sys.modules.get("flask")
    found: dict[str, Any] = {}
    if flask is not None:
        for name, value in vars(module).items():
            known = any(value is other for other in found.values())
            if isinstance(value, flask.Blueprint) and not known:
                found[name] = value
    return found


def _pages(
    record: PluginRecord, module: ModuleType, blueprints: Mapping[str, Any]
) -> Iterator[Pages]:
    for attribute, blueprint in blueprints.items():
        target = f"{module.__name__}:{attribute}"
        record.provided[target] = blueprint
        yield Pages(target, routes=())


def _group(blueprint: Any) -> str:
    """The group of the Blueprint's commands: as it says, else by its name, else none."""
    if blueprint.cli_group is None:
        return ""
    group = blueprint.cli_group if isinstance(blueprint.cli_group, str) else blueprint.name
    return "-".join(group.split())


def _first_line(text: str | None, record: PluginRecord) -> str:
    lines = (text or "").strip().splitlines()
    return lines[0] if lines else f"Commands of the plugin {record.name}."


def _drivers(record: PluginRecord, module: ModuleType, base_name: str) -> dict[str, Driver]:
    """The plugin's own subclasses of a base class, by their class names."""
    base = getattr(sys.modules.get(_CONTRACTS[base_name]), base_name, None)
    found: dict[str, Driver] = {}
    if base is None:
        return found
    for own in _own_modules(module):
        for value in list(vars(own).values()):
            is_driver = isinstance(value, type) and issubclass(value, base) and value is not base
            if is_driver and value.__module__ == own.__name__:
                target = f"{own.__name__}:{value.__qualname__}"
                record.provided[target] = value
                found.setdefault(value.__name__, Driver(target))
    return found


def _own_modules(module: ModuleType) -> list[ModuleType]:
    """The module, and every module that was imported from its package or folder."""
    folder = Path(module.__file__ or os.devnull).parent
    is_package = hasattr(module, "__path__")
    own = [module]
    for name, other in list(sys.modules.items()):
        file = getattr(other, "__file__", None)
        inside = is_package and file is not None and Path(file).is_relative_to(folder)
        if other is not module and (name.startswith(f"{module.__name__}.") or inside):
            own.append(other)
    return own
