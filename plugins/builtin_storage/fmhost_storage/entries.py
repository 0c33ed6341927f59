"""Entries of the model that more than one block has."""

from __future__ import annotations

import numpy as np

from fmhost_storage.arrays import FloatArray, IntArray
from fmhost_storage.model import ModelBuilder

#: Column number of what a device does not have.
ABSENT = -1


def exclude(
    builder: ModelBuilder,
    name: str,
    first: IntArray,
    first_upper: FloatArray,
    second: IntArray,
    second_upper: FloatArray,
) -> None:
    """Only one of each pair of columns may exceed zero: the first where its binary is one."""
    if first.size == 0:
        return
    binary = builder.columns(name, first.shape, upper=1.0, integer=True)
    rows = builder.rows(f"{name}: first", first.shape, upper=0.0)
    builder.enter(rows, first, 1.0)
    builder.enter(rows, binary, -first_upper)
    rows = builder.rows(f"{name}: second", first.shape, upper=second_upper)
    builder.enter(rows, second, 1.0)
    builder.enter(rows, binary, second_upper)


def enter_present(
    builder: ModelBuilder, rows: IntArray, columns: IntArray, values: FloatArray | float
) -> None:
    """Enter matrix entries of the columns that exist."""
    present = columns != ABSENT
    if not present.any():
        return
    entries = np.broadcast_to(values, columns.shape)
    if not present.all():
        rows, columns, entries = rows[present], columns[present], entries[present]
    builder.enter(rows, columns, entries)
