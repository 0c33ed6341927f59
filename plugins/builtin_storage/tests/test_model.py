from __future__ import annotations

import numpy as np
import pytest

from fmhost_storage.model import ModelBuilder


def test_blocks_are_assembled_by_columns() -> None:
    builder = ModelBuilder()
    x = builder.columns("x", (2, 3), lower=-1.0, upper=[1.0, 2.0, 3.0], cost=5.0)
    y = builder.columns("y", (3,), integer=True, upper=1.0)
    rows = builder.rows("sum", (3,), lower=0.0, upper=[7.0, 8.0, 9.0])
    builder.enter(rows, y, -1.0)
    builder.enter(rows, x, [[1.0], [2.0]])
    builder.enter(rows[:1], x[0, :1] + 1, 0.0)
    model = builder.build()
    dense = np.zeros((model.rows, model.columns))
    for column in range(model.columns):
        run = slice(model.starts[column], model.starts[column + 1])
        dense[model.indices[run], column] = model.values[run]
    expected = np.hstack([np.eye(3), 2 * np.eye(3), -np.eye(3)])
    np.testing.assert_array_equal(dense, expected)
    assert len(model.values) == 9
    np.testing.assert_array_equal(model.column_upper, [1, 2, 3, 1, 2, 3, 1, 1, 1])
    np.testing.assert_array_equal(model.integer, [False] * 6 + [True] * 3)
    np.testing.assert_array_equal(model.row_upper, [7, 8, 9])
    point = np.arange(9.0)
    np.testing.assert_allclose(model.activity(point), expected @ point)


def test_columns_and_rows_have_names() -> None:
    builder = ModelBuilder()
    x = builder.columns("charge", (2, 3))
    builder.columns("import", (3,))
    rows = builder.rows("balance", (3,))
    model = builder.build()
    assert model.column_name(int(x[1, 2])) == "charge[1,2]"
    assert model.column_name(6) == "import[0]"
    assert model.row_name(int(rows[2])) == "balance[2]"


@pytest.mark.parametrize(
    ("point", "holds"),
    [([1.0, 2.0], True), ([1.0, 2.1], False), ([0.5, 2.5], False), ([4.0, -1.0], False)],
)
def test_whether_a_point_satisfies_the_model(point: list[float], holds: bool) -> None:
    builder = ModelBuilder()
    x = builder.columns("x", (1,), upper=3.0, integer=True)
    y = builder.columns("y", (1,), lower=-np.inf)
    rows = builder.rows("sum", (1,), lower=3.0, upper=3.0)
    builder.enter(rows, x, 1.0)
    builder.enter(rows, y, 1.0)
    assert builder.build().holds(np.array(point)) is holds
