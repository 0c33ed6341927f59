"""In which order plugins stand, and which cannot be active because another one is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmhost.host.lifecycle import PluginRecord


def dismiss_unmet(records: Sequence[PluginRecord]) -> None:
    """Fail every plugin that requires one which is not active, and so on up the chain."""
    changed = True
    while changed:
        changed = False
        by_name = {record.name: record for record in records if record.active}
        known = {record.name: record for record in records}
        for record in by_name.values():
            missing = [name for name in _requires(record) if name not in by_name]
            if missing:
                other = known.get(missing[0])
                state = f"is {other.status}" if other else "is not installed"
                record.fail(
                    f"It requires the plugin '{missing[0]}', which {state}.",
                    f"Install or enable '{missing[0]}', or disable '{record.name}' with "
                    "FMHOST_PLUGINS_DISABLED.",
                )
                changed = True


def in_order(records: Sequence[PluginRecord]) -> list[PluginRecord]:
    """The active plugins so that each comes after those it names in `after` and `requires`.

    Among equals, plugins that the settings list come first, in the order of that list, so that
    their routes win; then the others by name. Those that are not active stand at the end. Plugins
    that wait for each other in a circle are failed.
    """
    active = [record for record in records if record.active]
    # Sorting is stable: those that are listed keep the order of their list.
    active.sort(key=lambda record: (not record.listed, "" if record.listed else record.name))
    waiting = {record.name: record for record in active}
    ordered: list[PluginRecord] = []
    while waiting:
        ready = next((r for r in waiting.values() if not _awaited(r, waiting)), None)
        if ready is not None:
            ordered.append(waiting.pop(ready.name))
            continue
        circle = _circle(waiting)
        names = " after ".join(f"'{name}'" for name in (*circle, circle[0]))
        for name in circle:
            waiting.pop(name).fail(
                f"These plugins wait for each other: {names} (`after`, `requires`).",
                "Disable one of them with FMHOST_PLUGINS_DISABLED.",
            )
    others = [record for record in records if record not in ordered]
    return ordered + sorted(others, key=lambda record: (record.name, record.distribution))


def _requires(record: PluginRecord) -> Sequence[str]:
    return record.manifest.requires if record.manifest else ()


def _awaited(record: PluginRecord, waiting: Mapping[str, PluginRecord]) -> list[str]:
    """The plugins that come before `record` and are not placed yet."""
    if record.manifest is None:
        return []
    named = sorted({*record.manifest.after, *record.manifest.requires})
    return [name for name in named if name in waiting and name != record.name]


def _circle(waiting: Mapping[str, PluginRecord]) -> list[str]:
    """Names of plugins of which each waits for the next, and the last for the first."""
    path = [next(iter(waiting))]
    while True:
        following = _awaited(waiting[path[-1]], waiting)[0]
        if following in path:
            return path[path.index(following) :]
        path.append(following)
