"""Blueprints of plugins: registered under a guard that keeps every route with its owner.

A route belongs to the kernel, or to the one plugin that claims it. A plugin may take a route of the
kernel only where ``FMHOST_ROUTE_OVERRIDES`` grants it. A listed plugin claims nothing beforehand;
it comes first, and to list it is to let it have what no other listed plugin has. What a plugin
cannot have is left out and stands on its record; the rest of its blueprint works.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, has_request_context, request

from fmhost.errors import PluginError
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord, Problem
from fmhost.host.loading import import_offer
from fmhost.host.manifest import Pages, normalized_route

logger = logging.getLogger("fmhost.host")


class GuardedFlask(Flask):
    """An application that knows who adds a route.

    :param granted: routes of the kernel that plugins may replace.
    """

    def __init__(self, import_name: str, *, granted: Iterable[str], **options: Any) -> None:
        self._granted = {normalized_route(route) for route in granted}
        self._adding: PluginRecord | None = None
        self._claimed: set[str] = set()
        self._owners: dict[str, PluginRecord | None] = {}
        self._waiting: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._names: dict[str, str] = {}
        super().__init__(import_name, **options)

    @contextmanager
    def adding(self, record: PluginRecord) -> Iterator[None]:
        """Within the block, routes are those of a plugin."""
        self._adding = record
        self._claimed = _claimed_by(record)
        try:
            yield
        finally:
            self._adding = None

    def add_url_rule(self, rule: str, *arguments: Any, **options: Any) -> None:
        """Add a route, unless it is not for the one who adds it.

        Where somebody else has the route, ``url_for`` finds it all the same, and leads there.
        """
        route = normalized_route(rule)
        if self._adding is None and route in self._granted:
            self._waiting.append((rule, arguments, options))
        elif self._adding is None or self._may_have(self._adding, rule, route):
            self._owners[route] = self._adding
            super().add_url_rule(rule, *arguments, **options)
        elif route in self._owners:
            super().add_url_rule(rule, *arguments, **{**options, "build_only": True})

    def register_beside(self, blueprint: Blueprint, owner: str) -> None:
        """Register a blueprint of a plugin, whose name may be one of the kernel or another plugin.

        It then gets another one, by which it is known to others; its own views go on to call
        themselves by the name that it was given.
        """
        name = blueprint.name
        number = 1
        while name in self.blueprints:
            name = f"{owner}_{blueprint.name}{'' if number == 1 else number}".replace(".", "_")
            number += 1
        self._names[name] = blueprint.name
        self.register_blueprint(blueprint, name=name)

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """The URL of an endpoint, see :meth:`flask.Flask.url_for`."""
        here = (request.blueprint if has_request_context() else None) or ""
        own = self._names.get(here, here)
        if own != here and endpoint.startswith(f"{own}."):
            endpoint = f"{here}{endpoint.removeprefix(own)}"
        return super().url_for(endpoint, **values)

    def owner_of(self, rule: str) -> PluginRecord | None:
        """The plugin that has a route; None for the kernel."""
        return self._owners.get(normalized_route(rule))

    def keep_the_rest(self) -> None:
        """Give the kernel those of the granted routes that no plugin has taken."""
        for rule, arguments, options in self._waiting:
            taken = normalized_route(rule) in self._owners
            super().add_url_rule(rule, *arguments, **{**options, "build_only": taken})

    def _may_have(self, record: PluginRecord, rule: str, route: str) -> bool:
        claim = f"route:{route}"
        if record.why_not("route", route) is not None:
            return False
        if route in self._owners and self._owners[route] is not record:
            owner = self._owners[route]
            if owner is not None and owner.listed and not record.listed:
                record.withheld[claim] = Problem(
                    f"FLEXMEASURES_PLUGINS lists '{owner.name}', which replaces the route {rule}.",
                    "Take that plugin off the list to have it back.",
                )
                return False
            problem = _occupied(rule, owner)
        elif not record.listed and route not in self._claimed:
            problem = Problem(
                f"It adds the route {rule}, which its manifest does not name.",
                f"Ask the author of {record.distribution} to name it in Manifest.pages.",
            )
        else:
            return True
        record.broken[claim] = problem
        logger.error("%s: %s", record, problem)
        return False


def _claimed_by(record: PluginRecord) -> set[str]:
    claims = record.manifest.claims() if record.manifest else ()
    return {name for kind, name in claims if kind == "route"}


def _occupied(rule: str, owner: PluginRecord | None) -> Problem:
    if owner is None:
        return Problem(
            f"It adds the route {rule}, which belongs to fmhost itself.",
            f'Grant it with FMHOST_ROUTE_OVERRIDES = ["{rule}"], or leave it.',
        )
    return Problem(
        f"It adds the route {rule}, which belongs to '{owner.name}'.",
        "Disable one of them with FMHOST_PLUGINS_DISABLED.",
    )


@dataclass(frozen=True, slots=True)
class FoundBlueprint:
    """A blueprint that was imported, and the plugin that brings it."""

    record: PluginRecord
    pages: Pages
    blueprint: Blueprint


def import_blueprints(host: Host) -> list[FoundBlueprint]:
    """Import the blueprints of the active plugins; one that fails is left out, with the cause."""
    found = []
    for record in host.active:
        for pages in record.manifest.pages if record.manifest else ():
            try:
                found.append(FoundBlueprint(record, pages, import_blueprint(host, record, pages)))
            except PluginError as error:
                logger.error("%s", error)
    return found


def import_blueprint(host: Host, record: PluginRecord, pages: Pages) -> Blueprint:
    """The blueprint that a manifest names.

    :raises PluginError: where it cannot be imported, or is none.
    """
    blueprint: Blueprint = import_offer(
        record,
        "pages",
        pages.target,
        pages.target,
        budget=host.composition.import_budget,
        fits=lambda found: isinstance(found, Blueprint),
        expected="flask.Blueprint",
    )
    return blueprint


def register_blueprints(app: GuardedFlask, found: list[FoundBlueprint]) -> None:
    """Add the blueprints to the application, each under the guard."""
    for each in found:
        try:
            with app.adding(each.record):
                app.register_beside(each.blueprint, each.record.name)
        except Exception as error:  # whatever a plugin's set-up code does
            logger.exception("%s: %s cannot be registered.", each.record, each.pages.target)
            each.record.broken[f"pages:{each.pages.target}"] = Problem(
                f"Its pages {each.pages.target} cannot be used: {type(error).__name__}: {error}.",
                f"Install a version of {each.record.distribution} that fits fmhost.",
            )
    app.keep_the_rest()
    app.config["LOADED_PLUGINS"] = {
        each.record.name: each.record.version for each in found if each.record.listed
    }
