"""What a draft does not run itself: the columns by which commitments are kept."""

from __future__ import annotations

import numpy as np

from fmhost_storage.solvers import BASIC, LOWER, UPPER
from fmhost_storage.start.draft import Draft

#: Rows count as held up to this size.
SLACK = 1e-9


def complete(draft: Draft) -> None:
    """Where a row is broken, let the column that pays for it be as large as it has to.

    Such columns come last; each is in rows of one commitment. A plan that pays for breaches or
    peaks without having weighed them is far from the optimum.
    """
    formulation = draft.formulation
    model = formulation.model
    first = int(formulation.site_export[-1]) + 1
    begin = model.starts[first]
    if begin == len(model.values):
        return
    rows, values = model.indices[begin:], model.values[begin:]
    columns = np.repeat(np.arange(first, model.columns), np.diff(model.starts[first:]))
    activity = model.activity(draft.values)
    is_open = draft.rows == BASIC
    above = np.where(is_open, np.maximum(activity - model.row_upper, 0.0), 0.0)
    below = np.where(is_open, np.maximum(model.row_lower - activity, 0.0), 0.0)
    needed = (below[rows] - above[rows]) / values
    # The row of each column that needs it most, and each row but once.
    order = np.lexsort((-needed, columns))
    order = order[needed[order] > SLACK]
    order = order[np.unique(columns[order], return_index=True)[1]]
    order = order[np.unique(rows[order], return_index=True)[1]]
    if order.size:
        draft.is_close = False
    draft.columns[columns[order]] = BASIC
    draft.values[columns[order]] = needed[order]
    draft.rows[rows[order]] = np.where(above[rows[order]] > 0, UPPER, LOWER)
