"""A linear or mixed-integer model as arrays, and a builder that assembles it block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Block:
    """A run of columns or rows that belong together; names a single one for messages.

    :param first: index of the first column or row.
    :param shape: shape of the block, in C order.
    """

    name: str
    first: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    def label(self, index: int) -> str:
        place = np.unravel_index(index - self.first, self.shape)
        return f"{self.name}[{','.join(str(int(i)) for i in place)}]"


@dataclass(frozen=True)
class LinearModel:
    """Minimise ``cost @ x`` subject to row and column bounds; n columns, m rows.

    The matrix is stored by columns (CSC): the entries of column ``j`` are ``values[k]`` in row
    ``indices[k]`` for ``starts[j] <= k < starts[j + 1]``. Bounds may be infinite.

    :param integer: which columns must be whole numbers; shape (n,).
    """

    cost: FloatArray
    starts: IntArray
    indices: IntArray
    values: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    column_lower: FloatArray
    column_upper: FloatArray
    integer: BoolArray
    column_blocks: tuple[Block, ...] = ()
    row_blocks: tuple[Block, ...] = ()

    @property
    def columns(self) -> int:
        """Number of columns n."""
        return len(self.cost)

    @property
    def rows(self) -> int:
        """Number of rows m."""
        return len(self.row_lower)

    @property
    def is_mixed_integer(self) -> bool:
        return bool(self.integer.any())

    def objective(self, primal: FloatArray) -> float:
        """``cost @ primal``.

        The product of NumPy itself shares long vectors out among threads, whose waiting takes many
        times as long as the work.
        """
        return float(np.einsum("i,i", self.cost, primal))

    def activity(self, primal: FloatArray) -> FloatArray:
        """Value of each row at `primal`; shape (m,)."""
        products = self.values * np.repeat(primal, np.diff(self.starts))
        sums = np.bincount(self.indices, weights=products, minlength=self.rows)
        return np.asarray(sums, dtype=np.float64)

    def holds(self, primal: FloatArray, *, tolerance: float = 1e-6) -> bool:
        """Whether `primal` satisfies every bound and row, and is whole where it must be."""
        activity = self.activity(primal)
        fraction = primal[self.integer] - np.round(primal[self.integer])
        excess = np.concatenate(
            [
                self.column_lower - primal,
                primal - self.column_upper,
                self.row_lower - activity,
                activity - self.row_upper,
                np.abs(fraction),
            ]
        )
        return bool(excess.max(initial=0.0) <= tolerance)

    def column_name(self, index: int) -> str:
        return _name(self.column_blocks, index, "column")

    def row_name(self, index: int) -> str:
        return _name(self.row_blocks, index, "row")


def _name(blocks: Sequence[Block], index: int, otherwise: str) -> str:
    for block in blocks:
        if block.first <= index < block.first + block.size:
            return block.label(index)
    return f"{otherwise}[{index}]"


class ModelBuilder:
    """Collects blocks of columns, rows and matrix entries and assembles them once."""

    def __init__(self) -> None:
        self._columns: list[tuple[Block, FloatArray, FloatArray, FloatArray, bool]] = []
        self._rows: list[tuple[Block, FloatArray, FloatArray]] = []
        self._entries: list[tuple[IntArray, IntArray, FloatArray]] = []
        self._prices: list[tuple[IntArray, FloatArray]] = []
        self._column_count = 0
        self._row_count = 0

    def columns(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        integer: bool = False,
    ) -> IntArray:
        """Add a block of columns; bounds and cost broadcast to `shape`.

        :return: the index of each column, in that shape.
        """
        block = Block(name, self._column_count, shape)
        self._columns.append(
            (block, _flat(lower, shape), _flat(upper, shape), _flat(cost, shape), integer)
        )
        self._column_count += block.size
        return _numbers(block)

    def price(self, columns: IntArray, cost: FloatArray) -> None:
        """Add to the cost of columns, each of which is named once."""
        self._prices.append((columns.ravel(), cost.ravel()))

    def rows(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> IntArray:
        """Add a block of rows; the bounds broadcast to `shape`.

        :return: the index of each row, in that shape.
        """
        block = Block(name, self._row_count, shape)
        self._rows.append((block, _flat(lower, shape), _flat(upper, shape)))
        self._row_count += block.size
        return _numbers(block)

    def enter(self, rows: IntArray, columns: IntArray, values: ArrayLike) -> None:
        """Add matrix entries; the three arrays broadcast against each other.

        No two entries may name the same row and column.
        """
        rows_, columns_, values_ = np.broadcast_arrays(rows, columns, values)
        self._entries.append(
            (rows_.ravel(), columns_.ravel(), values_.astype(np.float64, copy=False).ravel())
        )

    def build(self) -> LinearModel:
        """Assemble the model; entries of value zero are dropped."""
        columns = _joined([columns for _, columns, _ in self._entries], np.int32)
        values = _joined([values for _, _, values in self._entries], np.float64)
        rows = _joined([rows for rows, _, _ in self._entries], np.int32)
        order = np.argsort(columns, kind="stable")
        order = order[values[order] != 0]
        starts = np.zeros(self._column_count + 1, np.int32)
        np.cumsum(np.bincount(columns[order], minlength=self._column_count), out=starts[1:])
        integer = [np.full(block.size, whole) for block, _, _, _, whole in self._columns]
        cost = _joined([cost for _, _, _, cost, _ in self._columns], np.float64)
        for priced, more in self._prices:
            cost[priced] += more
        return LinearModel(
            cost=cost,
            starts=starts,
            indices=rows[order],
            values=values[order],
            row_lower=_joined([lower for _, lower, _ in self._rows], np.float64),
            row_upper=_joined([upper for _, _, upper in self._rows], np.float64),
            column_lower=_joined([lower for _, lower, _, _, _ in self._columns], np.float64),
            column_upper=_joined([upper for _, _, upper, _, _ in self._columns], np.float64),
            integer=_joined(integer, np.bool_),
            column_blocks=tuple(block for block, *_ in self._columns),
            row_blocks=tuple(block for block, *_ in self._rows),
        )


def _flat(values: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), shape).ravel()


def _numbers(block: Block) -> IntArray:
    return np.arange(block.first, block.first + block.size, dtype=np.int32).reshape(block.shape)


def _joined(parts: Sequence[np.ndarray], kind: type[np.generic]) -> np.ndarray:
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind, copy=False)
