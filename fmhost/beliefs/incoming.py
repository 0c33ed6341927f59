"""Batches of beliefs on their way into the store: the tables they pass through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    FromClause,
    Integer,
    MetaData,
    Table,
)

from fmhost.domain.arrays import Flags
from fmhost.model.belief_table import beliefs
from fmhost.model.types import Timestamp

Columns = Mapping[str, npt.NDArray[Any]]
"""Columns of numbers and moments by the names of the table's columns."""

#: Beliefs on their way into the store, in the caller's connection only.
#: ``group_size``: rows of the belief; ``earlier_horizon``: horizon of the belief before it in the
#: same batch, of the same event, source and class, if any; ``same_as_earlier``: whether that one
#: says the same. The three are NULL where all beliefs are deterministic and about different events.
batch = Table(
    "belief_batch",
    MetaData(),
    Column("event_start", Timestamp()),
    Column("source_id", Integer()),
    Column("belief_horizon", BigInteger()),
    Column("cumulative_probability", Double()),
    Column("event_value", Double()),
    Column("group_size", Integer()),
    Column("earlier_horizon", BigInteger()),
    Column("same_as_earlier", Boolean()),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)

#: The same for deterministic beliefs about different events of several sensors.
joint_batch = Table(
    "joint_belief_batch",
    MetaData(),
    Column("sensor_id", Integer()),
    *(Column(each.name, each.type) for each in batch.columns[:5]),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)

#: The key of the table of beliefs.
KEY = list(beliefs.primary_key.columns.keys())


@dataclass(frozen=True, slots=True)
class Brought:
    """A batch that statements can read.

    :param rows: what has its columns.
    :param parameters: what a statement about them is to be executed with.
    """

    rows: FromClause
    parameters: Mapping[str, Any]


def batch_for(columns: Columns) -> Table:
    """The table through which these columns pass."""
    return joint_batch if "sensor_id" in columns else batch


def missing(column: npt.NDArray[Any]) -> Flags:
    """The rows without a value: masked ones, and NaN."""
    masked = np.ma.getmaskarray(column)
    if column.dtype.kind == "f":
        masked = masked | np.isnan(np.ma.getdata(column))
    return masked
