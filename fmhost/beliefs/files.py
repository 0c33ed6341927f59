"""Reading beliefs from CSV and Excel files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, TextIO, TypeVar, cast

import numpy as np

from fmhost.beliefs import csv_cells
from fmhost.beliefs.csv_cells import Cells
from fmhost.beliefs.excel_cells import OTHER_SPREADSHEETS, is_excel, sheet_rows
from fmhost.domain.arrays import Durations, Flags, Floats, Moments, as_integers
from fmhost.domain.zones import time_zone
from fmhost.errors import InvalidInput, UnreadableFile

_Column = TypeVar("_Column", bound=np.ndarray[Any, Any])

Kind = Literal["number", "datetime", "dayfirst datetime", "timedelta"]
"""What the values of a file are; moments and durations become seconds."""

#: How many characters are read before progress is told.
_PROGRESS_STEP: Final = 100_000
_ESCAPES: Final = {"\\t": "\t", "tab": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvOptions:
    """How a CSV or Excel file is to be read.

    :param delimiter: one character between cells; `\\t` is understood as a tab.
    :param decimal: the decimal sign; `thousands`: the sign between thousands, if any.
    :param skiprows: lines before the first row; the last of them has the names of the columns.
    :param nrows: read so many rows at most.
    :param datecol: position of the column with event starts, from 0; likewise `valuecol`, and
        `beliefcol` for a column with belief times, if there is one.
    :param na_values: texts that stand for a missing value, besides an empty cell.
    :param keep_default_na: whether the usual texts (`NA`, `NaN`, `null`, ...) do so, too.
    :param filters: pairs of a column, by name or position, and the text that it must have for a
        row to count.
    :param timezone: on whose clock datetimes without an offset are.
    :param sheet_number: position of the sheet of an Excel file, from 0.
    :param by_name: whether columns named `belief_time`, `belief_horizon` and
        `cumulative_probability` say more about the beliefs.
    :param left_out: lines of rows that do not count.
    :param progress: is told how many bytes more have been read, for a progress bar.
    """

    delimiter: str = ","
    decimal: str = "."
    thousands: str | None = None
    skiprows: int = 1
    nrows: int | None = None
    datecol: int = 0
    valuecol: int = 1
    beliefcol: int | None = None
    na_values: tuple[str, ...] = ()
    keep_default_na: bool = False
    filters: tuple[tuple[str, str], ...] = ()
    timezone: str = "UTC"
    sheet_number: int = 0
    by_name: bool = False
    left_out: frozenset[int] = frozenset()
    progress: Callable[[int], object] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "delimiter", _ESCAPES.get(self.delimiter, self.delimiter))
        for name, text in (("delimiter", self.delimiter), ("decimal", self.decimal)):
            if len(text) != 1:
                raise InvalidInput(f"The {name} must be one character.", field=name)
        if self.decimal in (self.delimiter, self.thousands):
            raise InvalidInput("The decimal sign must differ from the others.", field="decimal")
        for name in ("skiprows", "nrows", "datecol", "valuecol", "beliefcol", "sheet_number"):
            number = getattr(self, name)
            if number is not None and number < 0:
                raise InvalidInput(f"The option {name} cannot be negative.", field=name)


@dataclass(frozen=True, slots=True, eq=False)
class FileContent:
    """What a file says, missing values left out; one entry a row.

    :param file: name of the file.
    :param lines: the line of the file on which each row ends, from 1.
    :param event_start: `datetime64[us]`, UTC.
    :param event_value: in the unit of the file; seconds for moments and durations.
    :param belief_time: when each belief was formed, if the file says so.
    :param belief_horizon: how long before its event was known, if the file says so.
    :param cumulative_probability: of each value, if the file says so.
    """

    file: str
    lines: np.ndarray[tuple[int], np.dtype[np.int64]]
    event_start: Moments
    event_value: Floats
    belief_time: Moments | None = None
    belief_horizon: Durations | None = None
    cumulative_probability: Floats | None = None

    def __len__(self) -> int:
        return len(self.event_start)

    def take(self, rows: Flags) -> FileContent:
        """The content of some rows."""
        return replace(
            self,
            lines=self.lines[rows],
            event_start=self.event_start[rows],
            event_value=self.event_value[rows],
            belief_time=_taken(self.belief_time, rows),
            belief_horizon=_taken(self.belief_horizon, rows),
            cumulative_probability=_taken(self.cumulative_probability, rows),
        )


def _taken(column: _Column | None, rows: Flags) -> _Column | None:
    return None if column is None else cast(_Column, column[rows])


def read_csv(
    path: Path, options: CsvOptions | None = None, *, kind: Kind = "number"
) -> FileContent:
    """The content of a CSV or Excel file.

    :param kind: what its values are.
    :raises UnreadableFile: naming file, row, column and reason.
    :raises InvalidInput: where the options are impossible.
    """
    options = options or CsvOptions()
    zone = time_zone(options.timezone, field="timezone")
    table = _filtered(_read_rows(path, options), options)
    values = table.cells(options.valuecol)
    words = frozenset(options.na_values)
    known = ~csv_cells.missing(
        values, words | csv_cells.USUAL_MISSING if options.keep_default_na else words
    )
    table = table.take(known)
    belief_time = None
    beliefcol = options.beliefcol
    horizons = probabilities = None
    if options.by_name:
        beliefcol = table.position("belief_time")
        horizoncol = table.position("belief_horizon")
        if horizoncol is not None and beliefcol is None:
            seconds = csv_cells.durations(table.cells(horizoncol))
            horizons = np.rint(seconds * 1e6).astype("timedelta64[us]")
        probabilitycol = table.position("cumulative_probability")
        if probabilitycol is not None:
            probabilities = _values(table.cells(probabilitycol), options, "number")
    if beliefcol is not None:
        belief_time = csv_cells.moments(table.cells(beliefcol), zone)
    return FileContent(
        table.file,
        np.array(table.lines, dtype=np.int64),
        csv_cells.moments(table.cells(options.datecol), zone),
        _values(table.cells(options.valuecol), options, kind),
        belief_time,
        horizons,
        probabilities,
    )


def read_rows(path: Path, options: CsvOptions) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the rows as they stand in a file, with their lines.

    :raises UnreadableFile: where it is no file with rows.
    """
    table = _read_rows(path, options)
    return table.header, list(zip(table.lines, table.rows, strict=True))


def _values(cells: Cells, options: CsvOptions, kind: Kind) -> Floats:
    if kind == "number":
        return csv_cells.numbers(cells, options.decimal, options.thousands)
    if kind == "timedelta":
        return csv_cells.durations(cells)
    zone = time_zone(options.timezone, field="timezone")
    moments = csv_cells.moments(cells, zone, day_first=kind == "dayfirst datetime")
    return as_integers(moments) / 1e6


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of texts, the lines on which they end, and the names of the columns."""

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def name(self, column: int) -> str:
        named = f" ({self.header[column].strip()})" if column < len(self.header) else ""
        return f"column {column + 1}{named}"

    def cells(self, column: int) -> Cells:
        """One column.

        :raises UnreadableFile: where a row has fewer columns.
        """
        try:
            texts = [row[column].strip() for row in self.rows]
        except IndexError:
            short = next(i for i, row in enumerate(self.rows) if len(row) <= column)
            cells = Cells(self.file, self.name(column), [], self.lines)
            count = len(self.rows[short])
            plural = "" if count == 1 else "s"
            cells.blame(
                short,
                f"the column is missing, as the row has {count} column{plural}.",
                "Check the delimiter and the positions of the columns, which count from 0.",
            )
        return Cells(self.file, self.name(column), texts, self.lines)

    def take(self, kept: Flags) -> _Table:
        rows = [row for row, keep in zip(self.rows, kept, strict=True) if keep]
        lines = [line for line, keep in zip(self.lines, kept, strict=True) if keep]
        return replace(self, rows=rows, lines=lines)

    def position(self, name: str) -> int | None:
        """The position of a column by its name, if there is one, beyond the first two."""
        names = [named.strip().lower() for named in self.header]
        return names.index(name, 2) if name in names[2:] else None

    def column(self, reference: str) -> int:
        """The position of a column that is given by its name, or by its position.

        :raises InvalidInput: where there is none.
        """
        names = [name.strip() for name in self.header]
        if reference in names:
            return names.index(reference)
        if reference.isdecimal():
            return int(reference)
        raise InvalidInput(
            f"{self.file} has no column '{reference}'.",
            field="filter-column",
            hint=f"Its columns are: {', '.join(names) or 'not named; give a position from 0'}.",
        )


def _read_rows(path: Path, options: CsvOptions) -> _Table:
    suffix = path.suffix.lower()
    try:
        excel = is_excel(path)
        if suffix in OTHER_SPREADSHEETS and not excel:
            _refuse(path, f"{suffix} is a format that is not read", "Save it as xlsx or as CSV.")
        if excel:
            return _rows(path, sheet_rows(path, options.sheet_number, options.decimal), options)
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = _counted(stream, options.progress)
            return _rows(path, _csv_rows(lines, options), options)
    except UnicodeDecodeError:
        _refuse(path, "it is not a text in UTF-8", "Save it as CSV in UTF-8.")
    except OSError as error:
        _refuse(path, error.strerror or str(error), "Check the path and its permissions.")


def _counted(stream: TextIO, progress: Callable[[int], object] | None) -> Iterator[str]:
    """The lines of a text, while somebody is told how far it is read."""
    if progress is None:
        yield from stream
        return
    read = 0
    for line in stream:
        read += len(line)
        if read >= _PROGRESS_STEP:
            progress(read)
            read = 0
        yield line


class _Malformed(Exception):
    """A line of a CSV file that cannot be taken apart."""


def _csv_rows(lines: Iterator[str], options: CsvOptions) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=options.delimiter, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise _Malformed(f"row {reader.line_num}: {error}.") from error


def _rows(path: Path, read: Iterator[tuple[int, list[str]]], options: CsvOptions) -> _Table:
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        skipped = [row for _, row in islice(read, options.skiprows)]
        for line, row in read:
            if any(row) and line not in options.left_out:
                rows.append(row)
                lines.append(line)
            if len(rows) == options.nrows:
                break
    except _Malformed as error:
        raise UnreadableFile(
            f"{path.name}, {error}",
            field="file",
            hint="Check the delimiter, and that each quotation mark has its pair.",
        ) from error
    if not rows:
        after = f" after {len(skipped)} skipped lines" if skipped else ""
        _refuse(path, f"it has no rows{after}", "Check --skiprows and --nrows.")
    return _Table(path.name, skipped[-1] if skipped else [], rows, lines)


def _refuse(path: Path, reason: str, hint: str) -> NoReturn:
    raise UnreadableFile(f"{path.name} cannot be read: {reason}.", field="file", hint=hint)


def _filtered(table: _Table, options: CsvOptions) -> _Table:
    for reference, wanted in options.filters:
        cells = table.cells(table.column(reference))
        table = table.take(np.array([text == wanted for text in cells.texts], dtype=np.bool_))
        if not table.rows:
            raise UnreadableFile(
                f"{table.file} has no row with '{wanted}' in column '{reference}'.", field="file"
            )
    return table
