"""Where the lines of a chart go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fmhost.plugin import Asset, Sensor, outlook
from fmhost_ui.chart import Drawing, draw

START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # midnight in Amsterdam
HOUR = timedelta(hours=1)


def drawing(
    values: list[tuple[float, float]], step: timedelta = HOUR, hours: float = 24, now: float = 12
) -> Drawing:
    """The chart of values at hours after the start."""
    sensor = Sensor(
        name="power", unit="kW", timezone="Europe/Amsterdam", generic_asset=Asset(name="device")
    )
    starts = [START + hour * HOUR for hour, _ in values]
    strand = outlook.Strand("recorded", starts, [value for _, value in values], ["some meter"])
    around = outlook.Outlook(sensor, START, START + hours * HOUR, step, [strand] if values else [])
    return draw(around, START + now * HOUR, width=1000, height=400, most_times=9)


def test_events_are_steps_and_level_ones_are_one_line() -> None:
    chart = drawing([(0, 0.0), (1, 10.0), (2, 10.0)])
    (line,) = chart.lines
    hour = (chart.right - chart.left) / 24
    x = [round(chart.left + each * hour, 1) for each in (0, 1, 3)]
    low, high = chart.bottom, chart.top
    assert line.path == f"M{x[0]} {low}L{x[1]} {low}L{x[1]} {high}L{x[2]} {high}"
    assert line.dots == ()


def test_a_gap_stays_a_gap() -> None:
    assert drawing([(0, 1.0), (2, 1.0)]).lines[0].path.count("M") == 2


def test_moments_are_dots_joined_by_lines() -> None:
    (line,) = drawing([(0, 1.0), (5, 2.0)], step=timedelta(0)).lines
    assert line.path.count("M") == 1
    assert len(line.dots) == 2


def test_values_far_from_zero_are_not_squeezed_by_it() -> None:
    chart = drawing([(0, 1013.0), (1, 1014.0)])
    assert min(float(tick.label.replace("\u202f", "")) for tick in chart.values) > 1000
    assert chart.lines[0].area == ""


@pytest.mark.parametrize("values", [[0.0], [5.0], [-5.0], [3.0, -4.0], [1e-6], [1e9]])
def test_the_axis_holds_the_values(values: list[float]) -> None:
    chart = drawing([(float(hour), value) for hour, value in enumerate(values)])
    numbers = [float(tick.label.replace("\u202f", "").replace("−", "-")) for tick in chart.values]
    assert numbers == sorted(set(numbers))
    assert numbers[0] <= min(values)
    assert max(values) <= numbers[-1]
    assert all(chart.top <= tick.at <= chart.bottom for tick in chart.values)


def test_days_begin_at_midnight_of_the_sensor() -> None:
    chart = drawing([(0, 1.0)], hours=48)
    assert [(tick.label, tick.day) for tick in chart.times if tick.day] == [
        ("00:00", "Mon 2 Mar"),
        ("00:00", "Tue 3 Mar"),
    ]
    assert [tick.kind for tick in chart.times if tick.day] == ["midnight", "midnight"]


def test_now_is_on_the_chart_while_it_is_shown() -> None:
    chart = drawing([(0, 1.0)], now=12)
    assert chart.now == pytest.approx((chart.left + chart.right) / 2, abs=0.1)
    assert drawing([(0, 1.0)], now=50).now is None
