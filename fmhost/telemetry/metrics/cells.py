"""Numbers of one process in a file that other processes can read at any time.

The file is mapped into memory: to count is to write eight bytes there. It holds, one after the
other, the number of bytes in use, and cells: length of the key, key, value. The process holds a
lock on its file while it lives, so that others can tell what it counted from what it still has.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FIRST: Final = 8
_INITIAL: Final = 1 << 16
_LENGTH = struct.Struct("<Q")
_VALUE = struct.Struct("<d")

#: How the name of every such file ends.
SUFFIX: Final = ".cells"


class Cells:
    """The numbers of this process, each by its key.

    :param folder: where the file is made.
    :raises OSError: where that cannot be.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{os.getpid()}-{os.urandom(4).hex()}{SUFFIX}"
        draft = self.path.with_suffix(".new")
        self._file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.ftruncate(self._file, _INITIAL)
        os.rename(draft, self.path)  # locked before anybody can find it
        self._memory = mmap.mmap(self._file, _INITIAL)
        self._used = _FIRST
        _LENGTH.pack_into(self._memory, 0, self._used)
        self._places: dict[bytes, int] = {}
        self._values: dict[int, float] = {}
        self._lock = threading.Lock()

    def place(self, key: bytes) -> int:
        """Where the number of that key is; it begins with nought."""
        with self._lock:
            found = self._places.get(key)
            if found is None:
                found = self._places[key] = self._append(key)
                self._values[found] = 0.0
            return found

    def add(self, place: int, amount: float) -> None:
        """Add to a number."""
        with self._lock:
            value = self._values[place] = self._values[place] + amount
            _VALUE.pack_into(self._memory, place, value)

    def put(self, place: int, value: float) -> None:
        """Replace a number."""
        with self._lock:
            self._values[place] = value
            _VALUE.pack_into(self._memory, place, value)

    def close(self) -> None:
        """End the use of the file; it stays, for others to add up."""
        with self._lock:
            self._memory.close()
            os.close(self._file)

    def _append(self, key: bytes) -> int:
        padded = key.ljust(-(-len(key) // 8) * 8)
        place = self._used + _LENGTH.size + len(padded)
        end = place + _VALUE.size
        while end > len(self._memory):
            os.ftruncate(self._file, 2 * len(self._memory))
            self._memory.resize(2 * len(self._memory))
        _LENGTH.pack_into(self._memory, self._used, len(padded))
        self._memory[self._used + _LENGTH.size : place] = padded
        _VALUE.pack_into(self._memory, place, 0.0)
        # Last, so that nobody reads a cell that is half written.
        _LENGTH.pack_into(self._memory, 0, end)
        self._used = end
        return place


def read_cells(path: Path) -> Iterator[tuple[bytes, float]]:
    """The keys and numbers in a file."""
    content = path.read_bytes()
    if len(content) < _FIRST:
        return
    (used,) = _LENGTH.unpack_from(content, 0)
    position = _FIRST
    while position < used:
        (length,) = _LENGTH.unpack_from(content, position)
        begin = position + _LENGTH.size
        place = begin + length
        yield content[begin:place].rstrip(), _VALUE.unpack_from(content, place)[0]
        position = place + _VALUE.size


def is_alive(path: Path) -> bool:
    """Whether the process to which a file belongs still lives."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
