"""How far ahead a schedule looks: set-points of the state of charge may lie beyond its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fmhost_storage.device_config import DeviceConfig
from fmhost_storage.quantities import Quantity, Segment, Segments

#: Fields of :class:`DeviceConfig` that hold set-points, and how people write them.
SET_POINTS = {
    "soc_targets": "soc-targets",
    "soc_minima": "soc-minima",
    "soc_maxima": "soc-maxima",
}


def extended_window(
    start: datetime, end: datetime, longest: timedelta | None, devices: Iterable[DeviceConfig]
) -> tuple[datetime, list[DeviceConfig], list[str]]:
    """The end of the window, moved to the last set-point; and the devices without those beyond.

    :param longest: how long a window may be; None for no limit.
    :return: the end, the devices, and a warning for each set-point that is ignored.
    """
    limit = None if longest is None else max(end, start + longest)
    kept: list[DeviceConfig] = []
    warnings: list[str] = []
    for device in devices:
        changes: dict[str, Any] = {}
        for attribute, field in SET_POINTS.items():
            quantity: Quantity | None = getattr(device, attribute)
            if not isinstance(quantity, Segments):
                continue
            inside = tuple(part for part in quantity.parts if _within(part, limit))
            if len(inside) < len(quantity.parts):
                beyond = [part for part in quantity.parts if not _within(part, limit)]
                warnings += [_ignored(device, field, part, limit) for part in beyond]
                changes[attribute] = Segments(inside) if inside else None
            for part in inside:
                if part.end > end:
                    end = part.end if limit is None else min(part.end, limit)
        if changes:
            device = replace(device, **changes)
        kept.append(device)
    return end, kept, warnings


def _within(part: Segment, limit: datetime | None) -> bool:
    return limit is None or part.start <= limit


def _ignored(device: DeviceConfig, field: str, part: Segment, limit: datetime | None) -> str:
    assert limit is not None
    return (
        f"{device.name}: {field} at {part.start.isoformat()} is ignored: it lies beyond the "
        f"longest planning horizon, which ends at {limit.isoformat()}."
    )
