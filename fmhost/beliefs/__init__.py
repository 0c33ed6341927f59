"""The time-series engine: what was believed about events, when, and by whom.

Columns in, columns out: :class:`Beliefs` carries numpy columns; :func:`save` writes them in a few
statements, :func:`read` fetches them in one, as :func:`read_several` does for several sensors, and
:func:`series` gives one value a step.
"""

from __future__ import annotations

from fmhost.beliefs.columns import Beliefs
from fmhost.beliefs.delete import Doomed, count, delete, delete_these
from fmhost.beliefs.read import Query, read, read_several
from fmhost.beliefs.repetitions import repetitions
from fmhost.beliefs.series import Series, series
from fmhost.beliefs.write import Saved, save

__all__ = [
    "Beliefs",
    "Doomed",
    "Query",
    "Saved",
    "Series",
    "count",
    "delete",
    "delete_these",
    "read",
    "read_several",
    "repetitions",
    "save",
    "series",
]
