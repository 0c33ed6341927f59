"""Load all that plugins offer, to find what is wrong before a user does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from fmhost.api.blueprints import import_blueprint
from fmhost.cli.root import load_command
from fmhost.errors import PluginError
from fmhost.host.host import Host
from fmhost.host.lifecycle import PluginRecord
from fmhost.host.manifest import DRIVER_KINDS
from fmhost.settings import Settings

#: A manifest that takes longer to import is worth a word to its author [ms].
SLOW_MANIFEST = 100.0


@dataclass(frozen=True, slots=True)
class Findings:
    """What the check found.

    :param problems: what keeps a plugin or a part of it from working; one line each.
    :param advice: what works, and had better be otherwise; one line each.
    """

    problems: list[str]
    advice: list[str]


def check(host: Host, settings: Settings) -> Findings:
    """Read the settings of all plugins, load their hooks and import everything they offer.

    Start-up hooks are not called: a check changes nothing.
    """
    host.configure(settings)
    host.load()
    for record in host.active:
        import_offers(record, host)
    return Findings(host.problems(), [*host.warnings(), *slow_manifests(host)])


def import_offers(record: PluginRecord, host: Host) -> None:
    """Import everything a plugin offers; what does not fit stands on its record afterwards."""
    manifest = record.manifest
    assert manifest is not None
    budget = host.composition.import_budget
    for kind in DRIVER_KINDS:
        for name in manifest.drivers(kind):
            if record.owns(kind, name):
                with suppress(PluginError):
                    host.registry.get(kind, name)
    for command in manifest.commands:
        with suppress(PluginError):
            load_command(record, command, budget)
    for pages in manifest.pages:
        with suppress(PluginError):
            import_blueprint(host, record, pages)


def slow_manifests(host: Host) -> Iterator[str]:
    """Plugins whose manifests cost every start of the program time; one line each."""
    for record in host.active:
        if record.manifest_ms > SLOW_MANIFEST and not record.listed:
            yield (
                f"{record} spends {record.manifest_ms:.0f} ms on its manifest, at every start of "
                f"fmhost. Ask its author to import nothing heavy there."
            )
