"""What a plugin offers, as plain values that are known before any of its code is loaded.

A plugin is a distribution with one entry point in the group ``fmhost.plugins``. Its value is a
:class:`Manifest` in a module that imports nothing heavy. Version, summary and licence are not
repeated here: they come from the distribution's metadata.

Every class here checks its values when it is made, and raises
:class:`~fmhost.errors.PluginError` with the field and an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fmhost.host import checks, versions

#: Version of the contract between the host and its plugins. The major part rises when an existing
#: plugin may break, the minor part when something is added.
PLUGIN_API = (1, 0)

#: The kinds of classes that a registry finds by name.
DRIVER_KINDS = ("scheduler", "forecaster", "reporter")

_CONVERTER = re.compile(r"<[^>]*>")


def normalized_route(route: str) -> str:
    """The URL rule without the names and types of its variables: ``/weather/<>``."""
    return _CONVERTER.sub("<>", route)


@dataclass(frozen=True, slots=True)
class Driver:
    """A scheduler, forecaster or reporter class that the registry imports at first use.

    :param target: import path of the class, ``"package.module:Class"``.
    :param asset_types: names of the asset types for which it is the choice when neither sensor
        nor asset name another one. One plugin only can be the choice for an asset type.
    """

    target: str
    asset_types: Sequence[str] = ()

    def __post_init__(self) -> None:
        checks.text(self.target, "Driver.target", checks.OBJECT)
        checks.texts(self.asset_types, "Driver.asset_types", checks.OFFER)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the ``fmhost`` program.

    :param path: the words after ``fmhost``, e.g. ``"add account"``.
    :param target: import path of a :class:`click.Command`, ``"package.module:command"``.
    :param help: one line, shown in lists of commands without importing the target.
    """

    path: str
    target: str
    help: str

    def __post_init__(self) -> None:
        checks.text(self.path, "Command.path", checks.COMMAND_PATH)
        checks.text(self.target, "Command.target", checks.OBJECT)
        checks.text(self.help, "Command.help", checks.LINE)


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """A group of commands that has no action of its own, e.g. ``"show"``.

    :param path: the words after ``fmhost``.
    :param help: one line, shown in lists of commands.
    """

    path: str
    help: str

    def __post_init__(self) -> None:
        checks.text(self.path, "CommandGroup.path", checks.COMMAND_PATH)
        checks.text(self.help, "CommandGroup.help", checks.LINE)


@dataclass(frozen=True, slots=True)
class Pages:
    """A Flask blueprint with the web pages or API resources of a plugin.

    A :class:`fmhost.plugin.Resource` is a blueprint, too: one whose operations have schemas,
    permissions, transactions and errors as those of the host, and stand in its OpenAPI document.

    :param target: import path of the blueprint, ``"package.module:blueprint"``.
    :param routes: the URL rules that it adds, e.g. ``("/weather", "/weather/<int:id>")``. They
        stand here so that two plugins that claim one route are found before either is imported.
    """

    target: str
    routes: Sequence[str]

    def __post_init__(self) -> None:
        checks.text(self.target, "Pages.target", checks.OBJECT)
        checks.texts(self.routes, "Pages.routes", checks.ROUTE)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the web menu.

    :param key: unique name, also the blueprint's endpoint name.
    :param url: path of the page.
    :param title: what people read.
    :param permission: only users with this permission see it; None for every logged-in user.
    """

    key: str
    url: str
    title: str
    permission: str | None = None

    def __post_init__(self) -> None:
        checks.text(self.key, "MenuEntry.key", checks.OFFER)
        checks.text(self.url, "MenuEntry.url", checks.ROUTE)
        checks.text(self.title, "MenuEntry.title", checks.LINE)
        checks.optional_text(self.permission, "MenuEntry.permission", checks.OFFER)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that the host must know about a plugin before it loads its code.

    :param name: the plugin's own name, unique in an installation; its entry point has the same.
    :param plugin_api: range of plugin-API versions it works with, e.g. ``">=1.0,<2"``.
    :param requires: names of plugins that must be active for this one to be.
    :param after: names of plugins that come earlier where order matters, if they are there.
    :param schedulers: scheduler classes by the name that ``custom-scheduler`` uses.
    :param forecasters: forecaster classes by the name that ``custom-forecaster`` uses.
    :param reporters: reporter classes by name.
    :param groups: groups of commands without an action.
    :param commands: commands of the ``fmhost`` program.
    :param pages: blueprints with pages or API resources.
    :param menu: menu entries.
    :param permissions: names of permissions that the plugin brings.
    :param grants: which of these permissions the users with a role have, by the name of the role;
        admins have all of them.
    :param settings: import path of a mapping from setting name to
        :class:`fmhost.plugin.Setting`, in a module that imports nothing heavy.
    :param setting_names: names of these settings, for the check of conflicts.
    :param migrations: Alembic folder as ``"package:folder"``; needs ``table_prefix``.
    :param table_prefix: how the names of the plugin's tables begin, e.g. ``"weather_"``.
    :param hooks: import path of the module with the hook implementations.
    :param asset_types: asset types that the plugin brings, name to description.
    :param roles: user roles that the plugin brings, name to description.
    """

    name: str
    plugin_api: str = ">=1.0,<2"
    requires: Sequence[str] = ()
    after: Sequence[str] = ()
    schedulers: Mapping[str, Driver] = field(default_factory=dict)
    forecasters: Mapping[str, Driver] = field(default_factory=dict)
    reporters: Mapping[str, Driver] = field(default_factory=dict)
    groups: Sequence[CommandGroup] = ()
    commands: Sequence[Command] = ()
    pages: Sequence[Pages] = ()
    menu: Sequence[MenuEntry] = ()
    permissions: Sequence[str] = ()
    grants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: str | None = None
    setting_names: Sequence[str] = ()
    migrations: str | None = None
    table_prefix: str | None = None
    hooks: str | None = None
    asset_types: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks.text(self.name, "Manifest.name", checks.NAME)
        versions.require_range(self.plugin_api, "Manifest.plugin_api")
        for names in ("requires", "after"):
            checks.texts(getattr(self, names), f"Manifest.{names}", checks.NAME)
        for kind in DRIVER_KINDS:
            checks.mapping(self.drivers(kind), f"Manifest.{kind}s", Driver)
        checks.sequence(self.groups, "Manifest.groups", CommandGroup)
        checks.sequence(self.commands, "Manifest.commands", Command)
        checks.sequence(self.pages, "Manifest.pages", Pages)
        checks.sequence(self.menu, "Manifest.menu", MenuEntry)
        checks.texts(self.permissions, "Manifest.permissions", checks.OFFER)
        checks.grants(self.grants, "Manifest.grants", self.permissions)
        checks.optional_text(self.settings, "Manifest.settings", checks.OBJECT)
        checks.texts(self.setting_names, "Manifest.setting_names", checks.SETTING_NAME)
        checks.optional_text(self.migrations, "Manifest.migrations", checks.FOLDER)
        checks.optional_text(self.table_prefix, "Manifest.table_prefix", checks.TABLE_PREFIX)
        checks.optional_text(self.hooks, "Manifest.hooks", checks.MODULE)
        for names in ("asset_types", "roles"):
            checks.descriptions(getattr(self, names), f"Manifest.{names}")
        checks.together(self.settings, "settings", self.setting_names, "setting_names")
        checks.together(self.migrations, "migrations", self.table_prefix, "table_prefix")
        checks.distinct(self.claims())

    def drivers(self, kind: str) -> Mapping[str, Driver]:
        """The schedulers, forecasters or reporters, by name; `kind` is the singular."""
        return {
            "scheduler": self.schedulers,
            "forecaster": self.forecasters,
            "reporter": self.reporters,
        }[kind]

    def claims(self) -> Iterator[tuple[str, str]]:
        """What only one plugin may own, as pairs of kind and name.

        Two active plugins never make the same claim; see :mod:`fmhost.host.conflicts`.
        """
        for kind in DRIVER_KINDS:
            for name, driver in self.drivers(kind).items():
                yield kind, name
                for asset_type in driver.asset_types:
                    yield f"{kind}-for", asset_type
        for command in self.commands:
            yield "command", command.path
        for pages in self.pages:
            for route in pages.routes:
                yield "route", normalized_route(route)
        for entry in self.menu:
            yield "menu", entry.key
        for permission in self.permissions:
            yield "permission", permission
        for setting in self.setting_names:
            yield "setting", setting
        if self.table_prefix is not None:
            yield "table-prefix", self.table_prefix
