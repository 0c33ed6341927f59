"""Figures about the running program, for Prometheus: counted by every process, told by any server.

Each process counts in a file of its own, see :mod:`~fmhost.telemetry.metrics.cells`. Whoever is
asked adds up the files of all processes of the installation. Nothing is counted, and no file made,
where the settings let nobody ask.
"""

from __future__ import annotations

from fmhost.telemetry.metrics.instruments import (
    Counter,
    Gauge,
    Histogram,
    are_kept,
    count_in,
    keep_metrics,
)

__all__ = ["Counter", "Gauge", "Histogram", "are_kept", "count_in", "keep_metrics"]
