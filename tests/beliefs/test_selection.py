"""One value from several beliefs about an event."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmhost.beliefs import Beliefs
from fmhost.beliefs.selection import latest_versions, medians, most_recent, most_recent_per_source
from fmhost.model import Source

EVENT = np.datetime64("2026-03-01T10:00", "us")


def beliefs(*rows: tuple[int, int, int, float, float]) -> Beliefs:
    """Rows of event number, source, horizon [min], probability and value."""
    events, sources, horizons, probabilities, values = zip(*rows, strict=True)
    return Beliefs(
        EVENT + np.array(events) * np.timedelta64(15, "m"),
        np.array(horizons) * np.timedelta64(1, "m"),
        np.array(sources),
        np.array(probabilities),
        np.array(values),
    ).by_key()


def median(*quantiles: tuple[float, float]) -> float:
    found = medians(beliefs(*((0, 1, 0, p, value) for p, value in quantiles)))
    assert found.cumulative_probability.tolist() == [0.5]
    return float(found.event_value[0])


def test_the_shortest_horizon_is_the_most_recent() -> None:
    found = beliefs((0, 1, 60, 0.5, 1), (0, 1, 0, 0.5, 2), (0, 2, 30, 0.5, 3), (1, 2, -5, 0.5, 4))
    assert most_recent_per_source(found).event_value.tolist() == [2, 3, 4]
    assert most_recent(found).event_value.tolist() == [2, 4]


def test_of_equal_horizons_the_source_with_the_highest_id_counts() -> None:
    found = beliefs((0, 3, 0, 0.5, 3), (0, 7, 0, 0.5, 7), (0, 5, 0, 0.5, 5))
    assert most_recent(found).event_value.tolist() == [7]


def test_a_probabilistic_belief_keeps_all_its_rows() -> None:
    found = beliefs((0, 1, 0, 0.1, 1), (0, 1, 0, 0.9, 9), (0, 1, 5, 0.5, 5), (0, 2, 5, 0.5, 6))
    assert most_recent(found).event_value.tolist() == [1, 9]


def test_the_latest_version_counts_event_by_event() -> None:
    sources = [
        Source(id=1, name="acme", type="forecaster", model="naive", version="1.9"),
        Source(id=2, name="acme", type="forecasting script", model="naive", version="1.10"),
        Source(id=3, name="acme", type="forecaster", model="clever", version="0.1"),
        Source(id=4, name="meter", type="user"),
    ]
    found = beliefs(
        (0, 1, 0, 0.5, 1),
        (0, 2, 60, 0.5, 2),
        (0, 3, 60, 0.5, 3),
        (1, 1, 0, 0.5, 4),
        (1, 4, 0, 0.5, 5),
    )
    assert latest_versions(found, sources).event_value.tolist() == [2, 3, 4, 5]


def test_the_median_of_one_value_is_that_value() -> None:
    assert median((0.5, 3)) == 3
    assert median((0.2, 3)) == 3


def test_the_median_lies_between_its_neighbours() -> None:
    assert median((0.1, 1), (0.5, 7), (0.9, 8)) == 7
    assert median((0.25, 1), (0.75, 2)) == 1.5
    assert median((0.0, 0), (0.4, 4), (0.9, 9), (1.0, 10)) == pytest.approx(5)


def test_quantiles_on_one_side_only_give_the_nearest() -> None:
    assert median((0.6, 6), (0.9, 9)) == 6
    assert median((0.1, 1), (0.4, 4)) == 4
    assert median((1.0, 5), (0.9, 4)) == 4


def test_a_missing_quantile_next_to_the_median_makes_it_missing() -> None:
    assert np.isnan(median((0.4, float("nan")), (0.9, 9)))
    assert median((0.4, 4), (0.5, 5), (0.9, float("nan"))) == 5


@given(
    st.lists(
        st.dictionaries(st.floats(0, 1), st.floats(-100, 100), min_size=1, max_size=5),
        min_size=1,
        max_size=6,
    )
)
def test_medians_are_those_of_numpy_belief_by_belief(
    distributions: list[dict[float, float]],
) -> None:
    rows = [
        (n, 1, 0, p, v) for n, quantiles in enumerate(distributions) for p, v in quantiles.items()
    ]
    expected = [
        np.interp(0.5, sorted(quantiles), [quantiles[p] for p in sorted(quantiles)])
        for quantiles in distributions
    ]
    found = medians(beliefs(*rows))
    np.testing.assert_allclose(found.event_value, expected, rtol=1e-6, atol=1e-6)


def test_nothing_in_nothing_out() -> None:
    nothing = Beliefs.empty()
    for choose in (most_recent, most_recent_per_source, medians):
        assert len(choose(nothing)) == 0
    assert len(latest_versions(nothing, [])) == 0
