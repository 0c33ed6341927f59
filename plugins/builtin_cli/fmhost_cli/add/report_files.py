"""Reports as files: tables with one column per result."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from fmhost.plugin import InvalidInput, ReportResult, time_zone

_KINDS = (".csv", ".xlsx")


def named(template: str, reporter: str, result: ReportResult, now: datetime) -> Path:
    """The path that a template stands for.

    It may have ``$now``, ``$start``, ``$reporter`` and ``$name`` (of the first result).

    :raises InvalidInput: where it has others, or is no name of a CSV or Excel file.
    """
    zone = time_zone(result.sensor.timezone)
    values = {
        "now": _compact(now, zone),
        "start": _compact(result.start, zone),
        "reporter": reporter,
        "name": result.name.replace("/", "-"),
    }
    try:
        path = Path(Template(template).substitute(values))
    except (KeyError, ValueError) as error:
        raise InvalidInput(
            f"The name '{template}' cannot be filled in.",
            field="output-file",
            hint=f"It may have {', '.join('$' + name for name in values)}.",
        ) from error
    if path.suffix.lower() not in _KINDS:
        raise InvalidInput(
            f"'{path}' is not the name of a CSV or Excel file.",
            field="output-file",
            hint="It ends with .csv or .xlsx.",
        )
    return path


def write(path: Path, computed: Sequence[ReportResult]) -> None:
    """Write the results, one row per event.

    :raises InvalidInput: where the file cannot be written.
    """
    try:
        if path.suffix.lower() == ".csv":
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows(_rows(computed))
            return
        from openpyxl import Workbook  # needed for such files only

        book = Workbook(write_only=True)
        sheet = book.create_sheet("report")
        for row in _rows(computed):
            sheet.append(row)
        book.save(path)
    except OSError as error:
        raise InvalidInput(
            f"The file {path} cannot be written: {error.strerror}.", field="output-file"
        ) from error


def _rows(computed: Sequence[ReportResult]) -> Iterator[list[Any]]:
    yield ["event_start", *(f"{each.name} [{each.unit}]" for each in computed)]
    columns: list[dict[datetime, float]] = [
        dict(zip(_moments(each), each.values.tolist(), strict=True)) for each in computed
    ]
    zone = time_zone(computed[0].sensor.timezone)
    for moment in sorted(set().union(*columns)):
        values = [column.get(moment, math.nan) for column in columns]
        yield [
            moment.astimezone(zone).isoformat(),
            *(None if math.isnan(value) else value for value in values),
        ]


def _moments(result: ReportResult) -> list[datetime]:
    return [each.replace(tzinfo=UTC) for each in result.event_starts().tolist()]


def _compact(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H%M%S")
