"""What a worker remembers of former runs, so that planning again is quick.

A plan that is made again differs from the last one in prices, forecasts and the state of charge,
not in its structure. The basis of the last run is then nearly the one of the next. It only says
where the solver starts: the schedule is the same as without it (see :mod:`fmhost_storage.settle`).
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from fmhost_storage.model import LinearModel

#: The bases of so many sites and structures are remembered; those used last.
CAPACITY = 64
#: Larger models start afresh: that one schedule of many is chosen in a unique way would take long.
MOST_COLUMNS = 3500


class Memory:
    """Bases by site and structure of the model. May be shared by threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._bases: OrderedDict[bytes, object] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._bases)

    def recall(self, key: bytes) -> object | None:
        """The basis that was kept last for `key`; None where there is none."""
        with self._lock:
            basis = self._bases.get(key)
            if basis is not None:
                self._bases.move_to_end(key)
            return basis

    def keep(self, key: bytes, basis: object) -> None:
        """Remember a basis; the one that was not used for longest gives way."""
        with self._lock:
            self._bases[key] = basis
            self._bases.move_to_end(key)
            while len(self._bases) > self._capacity:
                self._bases.popitem(last=False)

    def forget(self) -> None:
        """Have every run start afresh."""
        with self._lock:
            self._bases.clear()


def key_of(site: str, model: LinearModel) -> bytes:
    """What must be equal for a basis to be of use: the site, and where the matrix has entries.

    :param site: name of the site.
    """
    digest = blake2b(digest_size=16)
    digest.update(f"{site}\0{model.columns}\0{model.rows}\0".encode())
    digest.update(model.starts.tobytes())
    digest.update(model.indices.tobytes())
    return digest.digest()
