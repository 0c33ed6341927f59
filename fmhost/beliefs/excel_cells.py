"""Rows of an Excel sheet as texts, to be read like those of a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, is_zipfile

from fmhost.errors import InvalidInput, UnreadableFile

#: What can be read. The older binary formats (xls, xlsb) need a library of their own each.
_EXCEL: Final = frozenset({".xlsx", ".xlsm"})
OTHER_SPREADSHEETS: Final = frozenset({".xls", ".xlsb", ".ods"})


def is_excel(path: Path) -> bool:
    """Whether a file is one of Excel that can be read; many that are named xls are xlsx."""
    suffix = path.suffix.lower()
    return suffix in _EXCEL or (suffix == ".xls" and is_zipfile(path))


def sheet_rows(path: Path, sheet_number: int, decimal: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet with their numbers, from 1; of formulas the values that were saved.

    :param sheet_number: position of the sheet, from 0.
    :param decimal: the decimal sign with which numbers are written, as the reader expects it.
    :raises UnreadableFile: where the file is none of Excel.
    :raises InvalidInput: where it has no such sheet.
    """
    # Heavy, and needed for spreadsheets only.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    with path.open("rb") as stream:  # known by its content, whatever its name ends with
        try:
            book = load_workbook(stream, read_only=True, data_only=True)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError) as error:
            raise UnreadableFile(
                f"{path.name} cannot be read: it is no Excel file.",
                field="file",
                hint="Save it as xlsx or as CSV.",
            ) from error
        with closing(book):
            sheets = book.worksheets
            if sheet_number >= len(sheets):
                raise InvalidInput(
                    f"{path.name} has {len(sheets)} sheets, counted from 0.", field="sheet_number"
                )
            for line, row in enumerate(sheets[sheet_number].iter_rows(values_only=True), start=1):
                yield line, [_text(cell, decimal) for cell in row]


def _text(cell: Any, decimal: str) -> str:
    match cell:
        case None:
            return ""
        case float():
            return repr(cell).replace(".", decimal)
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return str(cell)
