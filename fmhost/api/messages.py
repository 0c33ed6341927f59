"""Parts that many answers share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PROCESSED = {"status": "PROCESSED", "message": "Request has been processed."}

ACCEPTED = {"status": "ACCEPTED", "message": "Request has been accepted for processing."}

ALREADY_RECEIVED = {
    "results": "PROCESSED",
    "status": "ALREADY_RECEIVED_AND_SUCCESSFULLY_PROCESSED",
    "message": "Some of the data has already been received and successfully processed.",
}


def json_numbers(values: NDArray[np.float64]) -> list[float | None]:
    """A column as JSON: null for what is missing."""
    numbers: list[float | None] = values.tolist()
    for position in np.flatnonzero(~np.isfinite(values)).tolist():
        numbers[position] = None
    return numbers
