"""A corner in the making: the value of each column, and on which bound it is, if on any."""

from __future__ import annotations

import numpy as np

from fmhost_storage.arrays import BoolArray, FloatArray, IntArray
from fmhost_storage.entries import ABSENT
from fmhost_storage.formulation import Formulation
from fmhost_storage.solvers import BASIC, LOWER, UPPER

#: Power, energy or room up to this size counts as none [model units].
NONE = 1e-9


class Draft:
    """Devices that run already, and what they leave of the site's connection.

    Everything is in units of the model.

    :ivar values: of the columns, shape (n,).
    :ivar columns: place of each column, shape (n,).
    :ivar rows: place of each row, shape (m,). A row that is not basic holds with equality.
    :ivar net: power of the site [consumption positive], shape (T,).
    :ivar is_begun: whether any device was planned.
    :ivar has_stores: whether one of them is a store with columns for its state of charge.
    :ivar is_close: whether nothing is known that would keep the corner far from the optimum.
    """

    def __init__(self, formulation: Formulation) -> None:
        self.formulation = formulation
        model, problem = formulation.model, formulation.problem
        self.values = np.zeros(model.columns)
        self.columns = np.full(model.columns, LOWER, np.int32)
        self.rows = np.full(model.rows, BASIC, np.int32)
        self.net = problem.site.inflexible_power / formulation.scale.power
        self.there = problem.links.on_site(len(problem.devices.names))
        self.is_begun = self.has_stores = False
        self.is_close = True
        self._single = model.column_lower[formulation.site_import] < 0
        exports = np.where(
            self._single,
            -model.column_lower[formulation.site_import],
            model.column_upper[formulation.site_export],
        )
        self._limits = {
            1: _Limit(formulation, 1, model.column_upper[formulation.site_import]),
            -1: _Limit(formulation, -1, exports),
        }
        #: Where a device fills the connection: 1 by consumption, -1 by production.
        self._filled = np.zeros(problem.steps, np.int32)

    @property
    def consuming(self) -> FloatArray:
        """What one more unit of consumption costs at each step, shape (T,)."""
        return np.where(self.net >= 0, self._buying, self._selling)

    @property
    def producing(self) -> FloatArray:
        """What one more unit of production earns, or saves, at each step, shape (T,)."""
        return np.where(self.net > 0, self._buying, self._selling)

    @property
    def is_open(self) -> BoolArray:
        """Where no device fills the connection yet, shape (T,)."""
        return np.asarray(self._filled == 0)

    @property
    def has_cheap_surplus(self) -> bool:
        """Whether some consumption would come from production that earns less than it saves."""
        return bool(np.any((self.net < 0) & (self._selling < self._buying)))

    @property
    def _buying(self) -> FloatArray:
        return self.formulation.model.cost[self.formulation.site_import]

    @property
    def _selling(self) -> FloatArray:
        return -self.formulation.model.cost[self.formulation.site_export]

    def room(self, sign: int) -> FloatArray:
        """How much more the site can consume (1) or produce (-1) at each step, shape (T,)."""
        left = self._limits[sign].most - sign * self.net
        return np.where(self.is_open & (left > NONE), left, 0.0)

    def run(self, columns: IntArray, wanted: BoolArray, sign: int) -> None:
        """Run at full power where that is wanted, as far as the connection allows.

        :param columns: of the consumption (1) or production (-1) of a device, shape (T,).
        """
        upper = self.formulation.model.column_upper[columns]
        room = self.room(sign)
        fills = wanted & (room < upper) & (room > 0)
        full = wanted & (room >= upper)
        power = np.where(full, upper, np.where(fills, room, 0.0))
        places = np.where(full, UPPER, np.where(fills, BASIC, LOWER))
        self.take(columns[None], places[None], power[None], fills, sign)

    def take(
        self,
        columns: IntArray,
        places: IntArray,
        power: FloatArray,
        fills: BoolArray,
        sign: int = 1,
    ) -> None:
        """Enter what devices run that were planned elsewhere.

        :param columns: of the consumption (1) or production (-1) of devices, shape (K, T).
        :param fills: where they fill the connection, shape (T,).
        """
        self.columns[columns] = places
        self.values[columns] = power
        self._filled[fills] = sign
        self.net = self.net + sign * power.sum(axis=0)
        self.is_begun = True

    def connect(self) -> None:
        """Let import and export follow from what runs."""
        formulation = self.formulation
        imports = self._single | (self.net >= 0)
        self.values[formulation.site_import] = np.where(imports, self.net, 0.0)
        self.values[formulation.site_export] = np.where(imports, 0.0, -self.net)
        at_bound = np.zeros(len(imports), bool)
        for sign, limit in self._limits.items():
            filled = self._filled == sign
            by_row = filled & (limit.rows != ABSENT)
            self.rows[limit.rows[by_row]] = UPPER
            at_bound |= filled & ~by_row
        self.columns[formulation.site_import[~at_bound & imports]] = BASIC
        self.columns[formulation.site_export[~at_bound & ~imports]] = BASIC
        self.columns[formulation.site_import[at_bound & (self._filled > 0)]] = UPPER
        # The signed column stands for production on its lower bound, which is the default.
        self.columns[formulation.site_export[at_bound & (self._filled < 0) & ~self._single]] = UPPER
        self.rows[formulation.site_balance] = LOWER

    def holds(self) -> bool:
        """Whether all rows hold, without paying for a peak or a breach."""
        model = self.formulation.model
        activity = model.activity(self.values)
        return not np.any((activity > model.row_upper + NONE) | (activity < model.row_lower - NONE))


class _Limit:
    """The most that a site consumes or produces without paying for it.

    :ivar most: power [model units, >= 0 in that direction], shape (T,).
    :ivar rows: the row of a soft limit that sets it; ABSENT where the connection does; shape (T,).
    """

    def __init__(self, formulation: Formulation, sign: int, hard: FloatArray) -> None:
        model, flows = formulation.model, formulation.site_import
        self.most = hard.copy()
        self.rows = np.full(len(hard), ABSENT, np.int32)
        # In rows of soft limits a column of its own stands for what is beyond.
        first = int(formulation.site_export[-1]) + 1
        beyond = first + np.flatnonzero(np.diff(model.starts[first:]) == 1)
        entries = model.starts[beyond]
        soft = np.zeros(model.rows, bool)
        soft[model.indices[entries[model.values[entries] == -1.0]]] = True
        soft &= np.isinf(model.row_lower) & np.isfinite(model.row_upper)
        if not soft.any():
            return
        begin, end = model.starts[flows[0]], model.starts[flows[-1] + 1]
        rows, values = model.indices[begin:end], model.values[begin:end]
        steps = np.repeat(np.arange(len(flows)), np.diff(model.starts[flows[0] : flows[-1] + 2]))
        at = soft[rows] & (values == sign)
        for step, row in zip(steps[at].tolist(), rows[at].tolist(), strict=True):
            if 0 <= model.row_upper[row] < self.most[step]:
                self.most[step], self.rows[step] = model.row_upper[row], row
