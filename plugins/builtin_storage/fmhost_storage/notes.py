"""What a schedule should be read with: assumed inputs, and warnings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fmhost_storage.arrays import FloatArray
from fmhost_storage.grid import Grid


@dataclass
class Notes:
    """Collected while a problem is put together; both lists hold sentences."""

    assumed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def gaps(self, name: str, origin: str, values: FloatArray, grid: Grid, instead: str) -> None:
        """Note where there is no value, and what is taken instead.

        :param origin: who has no value, in words.
        """
        missing = np.flatnonzero(np.isnan(values))
        if missing.size:
            first = grid.moment(int(missing[0])).isoformat()
            self.assumed.append(
                f"{name}: {origin} has no value for {missing.size} of {len(values)} steps (the "
                f"first at {first}); {instead}."
            )
