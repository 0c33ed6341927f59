"""What counts: declared once per module, used wherever something happens."""

from __future__ import annotations

import json
import logging
import os
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from fmhost.settings import Settings
from fmhost.telemetry.metrics.cells import Cells
from fmhost.telemetry.metrics.guests import has_guests

logger = logging.getLogger("fmhost.metrics")

#: Upper bounds of the classes of durations [s].
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class _Present:
    """Where this process counts at present."""

    folder: Path | None = None
    cells: Cells | None = None
    #: Goes up whenever places of numbers that were known do not hold any more.
    generation = 0


_present = _Present()


def keep_metrics(settings: Settings) -> None:
    """Count from now on, or no longer, as the settings want it."""
    count_in(metrics_folder(settings) if has_guests(settings) else None)


def metrics_folder(settings: Settings) -> Path:
    """Where the processes of an installation count."""
    return Path(settings["FMHOST_METRICS_FOLDER"] or settings.instance / "metrics")


def count_in(folder: Path | None) -> None:
    """Count in a file in this folder; None: no longer."""
    if folder != _present.folder:
        _forget()
        _present.folder = folder


def are_kept() -> bool:
    """Whether this process counts."""
    return _present.folder is not None


def _forget() -> None:
    if _present.cells is not None:
        _present.cells.close()
    _present.cells = None
    _present.generation += 1


# A forked process begins a file of its own: that of its parent goes on being the parent's.
os.register_at_fork(after_in_child=_forget)


def _cells() -> Cells | None:
    if _present.cells is None and _present.folder is not None:
        try:
            _present.cells = Cells(_present.folder)
        except OSError as error:
            logger.error("Nothing is counted: %s. See FMHOST_METRICS_FOLDER.", error)
            _present.folder = None
    return _present.cells


class Instrument:
    """One figure, told apart by labels.

    :param name: as Prometheus wants it: ``fmhost_jobs_ended_total``.
    :param help_line: what it says, with the unit.
    :param labels: names of what it is told apart by; each takes few values.
    """

    kind: str

    def __init__(self, name: str, help_line: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.help_line = help_line
        self.labels = tuple(labels)
        self._places: dict[tuple[Any, ...], Any] = {}
        self._generation = -1

    def _at(self, cells: Cells, values: tuple[str, ...]) -> Any:
        """The place or places of the numbers for these labels."""
        if self._generation != _present.generation:
            self._places = {}
            self._generation = _present.generation
        found = self._places.get(values)
        if found is None:
            cells.place(_key("help", self.kind, self.name, {"help": self.help_line}))
            labels = dict(zip(self.labels, values, strict=True))
            found = self._places[values] = self._made(cells, labels)
        return found

    def _made(self, cells: Cells, labels: dict[str, str]) -> Any:
        return cells.place(_key("value", self.kind, self.name, labels))


class Counter(Instrument):
    """How often something happened since the installation counts."""

    kind = "counter"

    def add(self, amount: float, *values: str) -> None:
        """Count; the values are those of the labels."""
        cells = _cells()
        if cells is not None:
            cells.add(self._at(cells, values), amount)


class Gauge(Instrument):
    """How much of something all processes have at present."""

    kind = "gauge"

    def put(self, value: float, *values: str) -> None:
        """How much this process has; the values are those of the labels."""
        cells = _cells()
        if cells is not None:
            cells.put(self._at(cells, values), value)


class Histogram(Instrument):
    """How long something took, by classes of durations [s]."""

    kind = "histogram"

    def observe(self, seconds: float, *values: str) -> None:
        """Note one duration; the values are those of the labels."""
        cells = _cells()
        if cells is not None:
            classes, total = self._at(cells, values)
            cells.add(classes[bisect_left(SECONDS, seconds)], 1.0)
            cells.add(total, seconds)

    def _made(self, cells: Cells, labels: dict[str, str]) -> tuple[list[int], int]:
        bounds = [*(f"{bound:g}" for bound in SECONDS), "+Inf"]
        classes = [
            cells.place(_key("class", self.kind, self.name, {**labels, "le": bound}))
            for bound in bounds
        ]
        return classes, cells.place(_key("sum", self.kind, self.name, labels))


def _key(role: str, kind: str, name: str, labels: dict[str, str]) -> bytes:
    return json.dumps([name, kind, role, labels], ensure_ascii=False).encode()
