"""A file of log lines that all processes of an installation write to, and that does not grow."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

#: Beyond which size a file is moved aside [bytes], and how many of those are kept.
LARGEST: Final = 10 * 1024**2
KEPT: Final = 6


class SharedRotatingFile(RotatingFileHandler):
    """Moves the file aside when it is full, to ``<name>.1`` and so on, without losing a line.

    Whoever finds it full does so under a lock; the others notice that it was moved, and go on in
    the new one.

    :raises OSError: where the file cannot be written.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=largest, backupCount=kept, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, to the file that has the name now."""
        try:
            if self._was_moved():
                self._open_again()
        except OSError:
            self.handleError(record)
        else:
            super().emit(record)

    def doRollover(self) -> None:
        """Move the file aside, unless another process has just done so."""
        with self._alone():
            if self._was_moved():
                self._open_again()
            else:
                super().doRollover()

    def _was_moved(self) -> bool:
        try:
            named = os.stat(self.baseFilename)
        except FileNotFoundError:
            return True
        return self.stream is None or not os.path.samestat(named, os.fstat(self.stream.fileno()))

    def _open_again(self) -> None:
        if self.stream is not None:
            self.stream.close()
        self.stream = self._open()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with Path(f"{self.baseFilename}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
