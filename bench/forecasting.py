"""How good and how fast forecasts are, on measured series that packages ship.

The series and their licences are in ``bench/real_series/series.py``; the packages are downloaded
once. With the path of FlexMeasures' command as argument, or in ``FMHOST_BENCH_PEER``, its
forecaster runs over the same moments:

    python bench/forecasting.py --every 28 --peer /srv/peer/venv/bin/flexmeasures homes wind

Accuracy is 1 - WAPE, 1, 6, 24 and 48 hours ahead; the coverage is also that of all events up to
then. Times are of the CPU, so that other work does not count; one core is used where
``OPENBLAS_NUM_THREADS=1``.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_series.ours import forecast
from real_series.peer import Peer
from real_series.series import ALL, Series, homes

from fmhost_forecast import memory
from fmhost_forecast.forecaster import RegressionForecaster
from fmhost_forecast.naive import SeasonalNaiveForecaster

HOURS = (1, 6, 24, 48)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def accuracy(truth: NDArray[np.float64], values: NDArray[np.float64]) -> list[float]:
    """1 - WAPE by horizon, of what both know."""
    known = ~np.isnan(truth) & ~np.isnan(values)
    wrong = np.where(known, np.abs(truth - values), 0).sum(axis=0)
    return list(1 - wrong / np.where(known, np.abs(truth), 0).sum(axis=0))


def coverage(
    truth: NDArray[np.float64], quantiles: NDArray[np.float64], places: Sequence[int]
) -> list[float]:
    """Share of what was measured between the outermost quantiles, at these places and at all.

    Intervals without a width are left out: at night, solar power is known to be nothing.
    """
    known = ~np.isnan(truth) & (quantiles[..., -1] > quantiles[..., 0])
    inside = (truth >= quantiles[..., 0]) & (truth <= quantiles[..., -1]) & known
    return [*(inside.sum(axis=0) / known.sum(axis=0))[places], inside.sum() / known.sum()]


def shown(name: str, numbers: Sequence[float], unit: str = "%") -> None:
    """A line of the table."""
    cells = "".join(f"{100 * each:9.1f}" for each in numbers)
    print(f"  {name:<24}{cells} {unit}", flush=True)


def compare(
    series: Series, days: float, every: int, peer: Peer | None
) -> list[tuple[bool, bool, bool]]:
    """Print the table of a series.

    :param every: hours between forecasts; not a divisor of 24, to meet all times of the day.
    :return: by horizon: ahead of the naive forecast, and of the peer; and whether the intervals of
        the series cover what they should.
    """
    places = [hours * HOUR // series.step - 1 for hours in HOURS]
    ahead = range(1, places[-1] + 2)
    end = series.start + series.step * len(series.values) - 2 * DAY
    begin = end - days * DAY
    begin = series.start + (begin - series.start) // DAY * DAY
    count = int((end - begin) / (every * HOUR))
    moments = [begin + every * HOUR * number for number in range(count)]
    origins = np.array([(each - series.start) // series.step for each in moments])
    measured = series.values[origins[:, None] + np.array(ahead)[None, :] - 1]
    truth = measured[:, places]
    started = time.process_time()
    weekly = {"retrain-frequency": "P7D"}  # as the peer's
    ours = forecast(RegressionForecaster, series, moments, ahead, **weekly)
    took = time.process_time() - started
    naive = forecast(SeasonalNaiveForecaster, series, moments, ahead)
    mine, simple = accuracy(truth, ours[:, places, 1]), accuracy(truth, naive[:, places, 0])
    print(f"{series.name}: {len(moments)} forecasts, mean {np.nanmean(truth):.4g} {series.unit}")
    print("  hours ahead".ljust(26) + "".join(f"{hours:9d}" for hours in HOURS))
    shown("RegressionForecaster", mine)
    shown("SeasonalNaiveForecaster", simple)
    other = [-np.inf] * len(HOURS)
    if peer is not None:
        values, seconds = peer.forecast(series, moments, ahead)
        other = accuracy(truth, values[:, places])
        shown("FlexMeasures", other)
        print(f"  {took:.1f} s against {seconds:.1f} s for all of them")
    covered = coverage(measured, ours, places)
    shown("80 % interval covers", covered[:-1], f"%; all events {100 * covered[-1]:.1f} %")
    honest = 0.75 <= covered[-1] <= 0.85
    return [(m > s, m > o, honest) for m, s, o in zip(mine, simple, other, strict=True)]


def speed(peer: Peer | None) -> None:
    """Train on a year of quarters of an hour and forecast 48 hours; again; and 100 sensors."""
    series = homes()
    end = series.start + series.step * len(series.values)
    moments = [end - DAY, end - DAY + HOUR]
    for text, moment in zip(("train and forecast", "forecast again"), moments, strict=True):
        started, busy = time.perf_counter(), time.process_time()
        forecast(RegressionForecaster, series, [moment], [192], **{"retrain-frequency": "P30D"})
        took, used = time.perf_counter() - started, time.process_time() - busy
        print(f"{text}: {took:.2f} s, {used:.2f} s of CPU (target 2 s)")
    if peer is not None:
        year = timedelta(days=365)
        _, seconds = peer.forecast(series, moments[:1], range(1, 193), year)
        print(f"FlexMeasures, train and forecast: {seconds:.2f} s of CPU")
    sizes = []
    for number in range(100):
        other = Series(
            "copy", series.start, series.step, series.values[: 40 * 96] * (1 + number), "kW", "UTC"
        )
        forecast(RegressionForecaster, other, [series.start + 39 * DAY], [192])
        if number in (9, 99):
            sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    grown = sizes[1] - sizes[0]
    print(f"100 sensors: {memory.count()} models kept, {grown:.0f} MB more than after 10")


def main() -> None:
    """Compare on the series that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="*", help=f"of {[each.__name__ for each in ALL]}")
    parser.add_argument("--days", type=float, default=28)
    parser.add_argument(
        "--every",
        type=int,
        default=7,
        help="hours between forecasts; with the peer, a divisor of 168",
    )
    parser.add_argument("--peer", type=Path, default=os.environ.get("FMHOST_BENCH_PEER"))
    asked = parser.parse_args()
    peer = Peer(asked.peer) if asked.peer else None
    won = []
    for made in ALL:
        if not asked.series or made.__name__ in asked.series:
            won += compare(made(), asked.days, asked.every, peer)
    print(f"ahead of SeasonalNaiveForecaster in {sum(n for n, _, _ in won)} of {len(won)} cells")
    if peer is not None:
        print(f"ahead of FlexMeasures in {sum(p for _, p, _ in won)} of {len(won)} cells")
    print(f"intervals cover 75-85 % in {sum(c for *_, c in won) // 4} of {len(won) // 4} series")
    speed(peer)


if __name__ == "__main__":
    main()
