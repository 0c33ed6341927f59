"""Where the solver starts: at what each device would do if it came after those before it.

Simplex goes from corner to corner of what is feasible, and HiGHS begins where all devices stand
still. The corner that is drafted here is often next to the optimum: a store alone against prices is
planned exactly (:mod:`fmhost_storage.start.alone`), and devices that must charge some energy in
time take the cheapest steps that others have left (:mod:`fmhost_storage.start.rising`), those with
the least choice first. It need not be optimal, nor even feasible: the solver goes on from it to the
optimum, or proves that it is one.
"""

from __future__ import annotations

from fmhost_storage.formulation import Formulation
from fmhost_storage.solvers import Corner
from fmhost_storage.start.draft import Draft
from fmhost_storage.start.rising import run_rising
from fmhost_storage.start.stores import run_others, run_stores


def likely_corner(formulation: Formulation) -> Corner | None:
    """A corner of a linear model that is likely to be near its optimum.

    :return: None where nothing is known that is better than to begin with all devices off.
    """
    links = formulation.problem.links
    if links.owners or links.limits or links.couplings or links.bands or links.ramps:
        return None
    draft = Draft(formulation)
    run_others(draft)
    run_rising(draft)
    run_stores(draft)
    draft.connect()
    is_close = draft.is_close and draft.holds()
    # Dual simplex gains nothing from devices that only charge, and much from stores.
    if not draft.is_begun or not (is_close or draft.has_stores):
        return None
    return Corner(is_close, draft.columns, draft.rows)
