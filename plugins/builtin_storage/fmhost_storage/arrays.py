"""Types of the arrays that the optimiser passes around, and how they are frozen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


def frozen(values: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """A read-only float64 copy of `values`, broadcast to `shape`.

    :raises ValueError: where the shapes do not fit.
    """
    array = np.empty(shape)
    array[...] = np.asarray(values, dtype=np.float64)
    array.flags.writeable = False
    return array
