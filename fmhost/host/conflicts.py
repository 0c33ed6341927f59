"""Two plugins that claim the same thing, found before either is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmhost.host.lifecycle import PluginRecord

#: Claims that cannot be withheld one by one: without its table prefix or its settings a plugin
#: would run half-way, so a contest about them fails the plugin as a whole.
_INDIVISIBLE = ("table-prefix", "permission", "setting")


def settle(records: Sequence[PluginRecord], prefer: Mapping[str, str]) -> None:
    """Withhold every contested claim from all who make it, unless the host has decided.

    The rest of what these plugins offer goes on working, so that a newcomer that claims the name
    of a built-in command cannot take all built-in commands away.

    :param prefer: ``{"scheduler:Greedy": "acme"}``: who keeps a contested claim (``FMHOST_PREFER``).
    """
    claimants: dict[str, list[PluginRecord]] = {}
    for record in records:
        if record.active and record.manifest:
            for kind, name in record.manifest.claims():
                claimants.setdefault(f"{kind}:{name}", []).append(record)
    for claim, rivals in claimants.items():
        if len(rivals) < 2:
            continue
        names = [record.name for record in rivals]
        keeper = prefer.get(claim)
        kind, _, name = claim.partition(":")
        for record in rivals:
            if record.name == keeper:
                continue
            others = " and ".join(f"'{other}'" for other in names if other != record.name)
            cause = (
                f"It claims the {kind} '{name}', and so does {others or 'itself a second time'}."
            )
            fix = (
                f'Decide with FMHOST_PREFER = {{"{claim}": "{names[0]}"}}, or disable one of them '
                "with FMHOST_PLUGINS_DISABLED."
            )
            if keeper in names:
                record.withheld[claim] = f"FMHOST_PREFER gives the {kind} '{name}' to '{keeper}'."
            elif kind in _INDIVISIBLE:
                record.fail(cause, fix)
            else:
                record.contested[claim] = f"{cause} {fix}"


def fail_duplicates(records: Sequence[PluginRecord]) -> None:
    """Fail plugins that share one name: nobody could say which one a setting means."""
    by_name: dict[str, list[PluginRecord]] = {}
    for record in records:
        by_name.setdefault(record.name, []).append(record)
    for name, same in by_name.items():
        if len(same) > 1:
            distributions = " and ".join(sorted(record.distribution for record in same))
            for record in same:
                record.fail(
                    f"The distributions {distributions} both bring a plugin named '{name}'.",
                    "Uninstall one of them.",
                )


def in_order(records: Sequence[PluginRecord]) -> list[PluginRecord]:
    """The records so that each comes after those it names in `after` and `requires`, else by name.

    Plugins on a circle are failed.
    """
    waiting = {record.name: record for record in sorted(records, key=lambda r: r.name)}
    known = set(waiting)
    ordered: list[PluginRecord] = []
    placed: set[str] = set()
    while waiting:
        for name, record in waiting.items():
            manifest = record.manifest
            before = {*manifest.after, *manifest.requires} & known if manifest else set()
            if before <= placed | {name}:
                ordered.append(waiting.pop(name))
                placed.add(name)
                break
        else:
            circle = ", ".join(f"'{name}'" for name in waiting)
            for name in list(waiting):
                record = waiting.pop(name)
                record.fail(
                    f"The plugins {circle} wait for each other (`after`, `requires`).",
                    "Disable one of them with FMHOST_PLUGINS_DISABLED.",
                )
                ordered.append(record)
    return ordered
