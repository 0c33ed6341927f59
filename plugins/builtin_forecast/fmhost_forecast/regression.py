"""Linear regression that is cheap to repeat: on parts of the rows, and for medians."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fmhost_forecast.timeline import Floats, Integers

#: Half-lives of a row's weight [rows, as a share of the history]; infinite for equal weights.
HALF_LIVES = (0.08, 0.3, 1.0, np.inf)
#: Penalties on standardised coefficients, per unit of the rows' weight.
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1)
#: Columns are scaled by what about so many rows say of their size.
_SCALED_BY = 4000


@dataclass(frozen=True)
class Line:
    """A linear function of a row of features.

    :param coefficients: of the columns as they are.
    """

    coefficients: Floats
    intercept: float

    def of(self, rows: Floats) -> Floats:
        """One value per row."""
        return np.asarray(rows @ self.coefficients + self.intercept)


@dataclass(frozen=True)
class CrossFitted:
    """A regression, and what it would have said about each row without the rows around it.

    :param left_out: one value per row, from the coefficients of all other blocks of rows.
    :param penalty: and `half_life` did best there.
    """

    line: Line
    left_out: Floats
    penalty: float
    half_life: float


def cross_fit(rows: Floats, target: Floats, blocks: Integers) -> CrossFitted:
    """Ridge regression, its penalty and its memory chosen by leaving out blocks of rows.

    Sums of products are kept by block, so that leaving one out is a subtraction.

    :param rows: (n, p), without missing values.
    :param blocks: number of the block of each row, ascending from 0.
    """
    some = rows[:: max(1, len(rows) // _SCALED_BY)]
    mean, scale = some.mean(axis=0), some.std(axis=0)
    scale = np.where(scale > 1e-9 * (1.0 + np.abs(mean)), scale, np.inf)
    standard = np.empty((rows.shape[1] + 1, len(rows))).T
    np.subtract(rows, mean, out=standard[:, :-1])
    standard[:, :-1] /= scale
    standard[:, -1] = 1.0
    level, spread = float(target.mean()), float(target.std()) or 1.0
    wanted = (target - level) / spread
    count = int(blocks[-1]) + 1
    edges = np.searchsorted(blocks, np.arange(count + 1))
    squares, products = _by_block(standard, wanted, edges)
    age = (len(rows) - (edges[1:] + edges[:-1]) / 2) / len(rows)
    recent = range(count - max(1, min(count, max(3, count // 3))), count)
    best = (np.inf, PENALTIES[1], np.inf)
    for half_life in HALF_LIVES:
        weights = 0.5 ** (age / half_life)
        for penalty in PENALTIES:
            error = 0.0
            for block in recent:
                solution = _solve(squares, products, weights, penalty, without=block)
                part = slice(edges[block], edges[block + 1])
                error += float(np.abs(wanted[part] - standard[part] @ solution).sum())
            if error < best[0]:
                best = (error, penalty, half_life)
    _, penalty, half_life = best
    weights = 0.5 ** (age / half_life)
    left_out = np.empty(len(rows))
    for block in range(count):
        part = slice(edges[block], edges[block + 1])
        solution = _solve(squares, products, weights, penalty, without=block)
        left_out[part] = standard[part] @ solution
    solution = _solve(squares, products, weights, penalty)
    coefficients = solution[:-1] / scale * spread
    intercept = level + spread * float(solution[-1]) - float(mean @ coefficients)
    return CrossFitted(Line(coefficients, intercept), left_out * spread + level, penalty, half_life)


def _by_block(standard: Floats, wanted: Floats, edges: Integers) -> tuple[Floats, Floats]:
    parts = [slice(begin, end) for begin, end in pairwise(edges)]
    squares = np.stack([standard[part].T @ standard[part] for part in parts])
    products = np.stack([standard[part].T @ wanted[part] for part in parts])
    return squares, products


def _solve(
    squares: Floats,
    products: Floats,
    weights: Floats,
    penalty: float,
    *,
    without: int | None = None,
) -> Floats:
    if without is not None and len(weights) > 1:
        weights = weights.copy()
        weights[without] = 0.0
    matrix = np.tensordot(weights, squares, axes=1)
    size = len(matrix)
    total = matrix[-1, -1]
    diagonal = np.arange(size - 1)
    matrix[diagonal, diagonal] += penalty * total + 1e-9
    matrix[-1, -1] += 1e-9
    return np.asarray(np.linalg.solve(matrix, weights @ products))


def median_fit(rows: Floats, target: Floats, *, penalty: float, rounds: int = 6) -> Floats:
    """Coefficients that make the sum of absolute errors small, by reweighted least squares.

    The first column is not penalised. Method: Schlossmacher, 1973 (JASA 68, 857-859).
    """
    scale = np.sqrt(np.mean(rows**2, axis=0))
    scale = np.where(scale > 0, scale, np.inf)
    standard = rows / scale
    spread = float(np.mean(np.abs(target))) or 1.0
    wanted = target / spread
    weights: Floats = np.ones(len(wanted))
    pull = np.full(rows.shape[1], penalty)
    pull[0] = 0.0
    solution: Floats = np.zeros(rows.shape[1])
    for _ in range(rounds):
        weighted = standard * weights[:, None]
        matrix = weighted.T @ standard
        matrix[np.diag_indices_from(matrix)] += pull * weights.sum() + 1e-9
        solution = np.asarray(np.linalg.solve(matrix, weighted.T @ wanted))
        weights = 1.0 / np.maximum(np.abs(wanted - standard @ solution), 0.05)
    return np.asarray(solution / scale * spread)
