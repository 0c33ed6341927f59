"""Blueprints of plugins: registered under a guard that keeps every route with its owner.

A route belongs to the kernel, or to the one plugin that claims it. A plugin may take a route of the
kernel only where ``FMHOST_ROUTE_OVERRIDES`` grants it. What a plugin cannot have is left out and
stands on its record; the rest of its blueprint works.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask

from fmhost.errors import PluginError
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord, Problem
from fmhost.host.loading import import_offer
from fmhost.host.manifest import Pages

logger = logging.getLogger("fmhost.host")

_CONVERTER = re.compile(r"<[^>]*>")


def normalized(route: str) -> str:
    """The route without the names and types of its variables: ``/weather/<>``."""
    return _CONVERTER.sub("<>", route)


class GuardedFlask(Flask):
    """An application that knows who adds a route.

    :ivar replaced: normalised routes of the kernel that plugins may and do replace.
    """

    def __init__(self, import_name: str, **options: Any) -> None:
        self.replaced: set[str] = set()
        self._adding: PluginRecord | None = None
        self._taken: dict[str, str] = {}
        super().__init__(import_name, **options)

    @contextmanager
    def adding(self, record: PluginRecord) -> Iterator[None]:
        """Within the block, routes are those of a plugin."""
        self._adding = record
        try:
            yield
        finally:
            self._adding = None

    def add_url_rule(self, rule: str, *arguments: Any, **options: Any) -> None:
        """Add a route, unless it is not for the one who adds it."""
        route = normalized(rule)
        record = self._adding
        if record is None:
            if route not in self.replaced:
                self._taken.setdefault(route, "fmhost itself")
                super().add_url_rule(rule, *arguments, **options)
            return
        problem = record.why_not("route", route) or self._occupied(record, rule, route)
        if problem is None:
            self._taken[route] = record.name
            super().add_url_rule(rule, *arguments, **options)
            return
        claim = f"route:{route}"
        if claim not in record.contested and claim not in record.withheld:
            record.broken[claim] = problem
        logger.error("%s: the route %s is left out. %s", record, rule, problem)

    def _occupied(self, record: PluginRecord, rule: str, route: str) -> Problem | None:
        owner = self._taken.get(route, record.name)
        if owner == record.name:
            return None
        fix = "Disable one of them with FMHOST_PLUGINS_DISABLED."
        if owner == "fmhost itself":
            fix = f'Grant it with FMHOST_ROUTE_OVERRIDES=["{rule}"], or leave it.'
        return Problem(f"It adds the route '{rule}', which belongs to {owner}.", fix)


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
                imported = import_offer(
                    record,
                    "pages",
                    pages.target,
                    pages.target,
                    budget=host.composition.import_budget,
                )
            except PluginError as error:
                logger.error("%s", error)
                continue
            if isinstance(imported, Blueprint):
                found.append(FoundBlueprint(record, pages, imported))
            else:
                _report(record, pages, f"{pages.target} is no Flask blueprint.")
    return found


def grant_overrides(app: GuardedFlask, found: list[FoundBlueprint], granted: list[str]) -> None:
    """Note which routes of the kernel are left to plugins; before the kernel adds its own."""
    wanted = {normalized(route) for route in granted}
    app.replaced = {
        route
        for each in found
        for route in map(normalized, each.pages.routes)
        if route in wanted and each.record.why_not("route", route) is None
    }


def register_blueprints(app: GuardedFlask, found: list[FoundBlueprint]) -> None:
    """Add the blueprints to the application, each under the guard."""
    for each in found:
        try:
            with app.adding(each.record):
                app.register_blueprint(each.blueprint)
        except Exception as error:  # whatever a plugin's set-up code does
            logger.exception("%s: %s cannot be registered.", each.record, each.pages.target)
            _report(each.record, each.pages, f"{type(error).__name__}: {error}")


def _report(record: PluginRecord, pages: Pages, cause: str) -> None:
    problem = Problem(
        f"Its pages {pages.target} cannot be used: {cause}",
        f"Install a version of {record.distribution} that fits fmhost.",
    )
    record.broken[f"pages:{pages.target}"] = problem
    logger.error("%s: %s", record, problem)
