"""Two plugins that claim the same thing, found before either is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fmhost.host import kernel
from fmhost.host.lifecycle import PluginRecord, Problem
from fmhost.host.order import dismiss_unmet

#: Claims that cannot be withheld one by one: without its tables, permissions or settings a plugin
#: would run half-way, so a contest about them takes the plugin as a whole out of service.
INDIVISIBLE = ("table-prefix", "permission", "setting")

Preferences = Mapping[str, str]


def settle_names(records: Sequence[PluginRecord], prefer: Preferences) -> None:
    """Leave at most one plugin of each name: nobody could say which one a setting means.

    The host decides with ``{"plugin:<name>": "<distribution>"}``.
    """
    by_name: dict[str, list[PluginRecord]] = {}
    for record in records:
        if record.active:
            by_name.setdefault(record.name, []).append(record)
    for name, rivals in by_name.items():
        if len(rivals) < 2:
            continue
        claim = f"plugin:{name}"
        origins = [_origin(record) for record in rivals]
        for record in rivals:
            if prefer.get(claim) not in origins:
                record.fail(
                    f"{' and '.join(origins)} both bring a plugin named '{name}'.",
                    f'Uninstall one of them, or decide with FMHOST_PREFER = {{"{claim}": '
                    f'"{origins[0]}"}}.',
                )
            elif prefer[claim] != _origin(record):
                record.switch_off(
                    f"FMHOST_PREFER gives the name '{name}' to {prefer[claim]}.",
                    "Change that setting to use this one instead.",
                )


def _origin(record: PluginRecord) -> str:
    return record.entry_point if record.listed else record.distribution


def settle(records: Sequence[PluginRecord], prefer: Preferences) -> None:
    """Withhold every contested claim from all who make it, unless the host has decided.

    The rest of what these plugins offer goes on working, so that a newcomer that claims the name
    of a built-in command cannot take all built-in commands away. Plugins that fail here, or
    because they require one that does, contest nothing.

    :param prefer: who keeps a contested claim, ``{"scheduler:Greedy": "acme"}``
        (``FMHOST_PREFER``).
    """
    _yield_to_kernel(records)
    _settle_claims(records, prefer, lambda kind: kind in INDIVISIBLE)
    _separate_prefixes(records)
    dismiss_unmet(records)
    _settle_claims(records, prefer, lambda kind: kind not in INDIVISIBLE)


def _yield_to_kernel(records: Sequence[PluginRecord]) -> None:
    """What the kernel has itself no plugin can have."""
    for record in records:
        if not record.active or record.manifest is None:
            continue
        for kind, name in record.manifest.claims():
            if not kernel.owns(kind, name):
                continue
            cause = f"It claims the {kind} '{name}', which belongs to fmhost itself."
            fix = f"Ask the author of {record.distribution} for another name."
            if kind in INDIVISIBLE:
                record.fail(cause, fix)
            else:
                record.contested[f"{kind}:{name}"] = Problem(cause, fix)


def _settle_claims(
    records: Sequence[PluginRecord], prefer: Preferences, chosen: Callable[[str], bool]
) -> None:
    claimants: dict[tuple[str, str], list[PluginRecord]] = {}
    for record in records:
        if record.active and record.manifest:
            for kind, name in record.manifest.claims():
                if chosen(kind):
                    claimants.setdefault((kind, name), []).append(record)
    for (kind, name), rivals in claimants.items():
        if len(rivals) > 1:
            _settle_one(kind, name, rivals, prefer.get(f"{kind}:{name}"))


def _settle_one(kind: str, name: str, rivals: Sequence[PluginRecord], keeper: str | None) -> None:
    claim = f"{kind}:{name}"
    names = [record.name for record in rivals]
    unknown = f" FMHOST_PREFER names '{keeper}', which does not claim it." if keeper else ""
    for record in rivals:
        others = " and ".join(f"'{other}'" for other in names if other != record.name)
        cause = f"It claims the {kind} '{name}', and so does {others}."
        fix = (
            f'Decide with FMHOST_PREFER = {{"{claim}": "{names[0]}"}}, or disable one of them '
            "with FMHOST_PLUGINS_DISABLED."
        )
        if record.name == keeper:
            continue
        if keeper in names:
            cause = f"FMHOST_PREFER gives the {kind} '{name}' to '{keeper}'."
            fix = "Change that setting to use this one instead."
            if kind in INDIVISIBLE:
                record.switch_off(cause, fix)
            else:
                record.withheld[claim] = Problem(cause, fix)
        elif kind in INDIVISIBLE:
            record.fail(cause + unknown, fix)
        else:
            record.contested[claim] = Problem(cause + unknown, fix)


def _separate_prefixes(records: Sequence[PluginRecord]) -> None:
    """Fail plugins of whose table prefixes one begins with another.

    The tables of one would be taken for tables of the other, and purged with them.
    """
    prefixes = {
        record.manifest.table_prefix: record
        for record in records
        if record.active and record.manifest and record.manifest.table_prefix
    }
    for prefix, record in prefixes.items():
        for longer, other in prefixes.items():
            if longer != prefix and longer.startswith(prefix):
                for one, two in ((record, other), (other, record)):
                    one.fail(
                        f"Its table prefix clashes with that of '{two.name}': "
                        f"'{longer}' begins with '{prefix}'.",
                        "Disable one of them with FMHOST_PLUGINS_DISABLED.",
                    )
