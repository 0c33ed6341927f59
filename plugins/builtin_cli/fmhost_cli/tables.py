"""What ``fmhost show`` prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from fmhost.plugin import format_duration

#: The option that every ``show`` command has.
json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text."
)


def echo_json(value: Any) -> None:
    """Print a JSON value; datetimes and durations in their ISO 8601 form."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_as_json))


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return format_duration(value)
    raise TypeError(f"{type(value).__name__} is no JSON value.")


def echo_banner(text: str) -> None:
    """Print a heading between two rules."""
    rule = "=" * len(text)
    click.echo(f"{rule}\n{click.style(text, bold=True)}\n{rule}\n")


def echo_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; a cell may have several lines, and None is empty."""
    cells = [[_lines(cell) for cell in row] for row in rows]
    widths = [
        max([len(header), *(len(line) for row in cells for line in row[column])])
        for column, header in enumerate(headers)
    ]
    _echo_row(headers, widths)
    _echo_row(["-" * width for width in widths], widths)
    for row in cells:
        for number in range(max(len(cell) for cell in row)):
            _echo_row([cell[number] if number < len(cell) else "" for cell in row], widths)


def _lines(cell: Any) -> list[str]:
    return ("" if cell is None else str(cell)).splitlines() or [""]


def _echo_row(cells: Sequence[str], widths: Sequence[int]) -> None:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    click.echo("  ".join(padded).rstrip())


def attributes_text(attributes: Mapping[str, Any]) -> str:
    """Attributes one a line, as ``capacity_in_mw: 0.5``, sorted by name.

    In the order of the database they would differ from one database to another.
    """
    return "\n".join(f"{name}: {attributes[name]}" for name in sorted(attributes))


def location_text(location: tuple[float, float] | None) -> str:
    """A location as ``(52.374, 4.88969)``."""
    return f"({location[0]}, {location[1]})" if location else ""


def moment_text(moment: datetime | None) -> str:
    """A moment to the minute, with its offset."""
    return moment.isoformat(sep=" ", timespec="minutes") if moment else ""


def duration_text(duration: timedelta) -> str:
    """A duration in words: ``15 minutes``, ``an hour``, ``2 days and 3 hours``."""
    seconds = int(duration.total_seconds())
    parts = []
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            one = "an hour" if name == "hour" else f"a {name}"
            parts.append(one if count == 1 else f"{count} {name}s")
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]])) or "instantaneous"
