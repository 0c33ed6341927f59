"""Charts made of characters."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fmhost_cli.terminal_chart import Panel, draw, is_braille_shown

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 27, 23, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def _panel(values: list[float], *, filled: bool = False) -> Panel:
    return Panel("power [kW]", START, HOUR, values, filled=filled)


def test_a_step_up_is_drawn_where_it_happens() -> None:
    lines = draw([_panel([0.0] * 12 + [4.0] * 12)], UTC, width=34, rows=4, braille=False)
    assert lines[:5] == [
        "power [kW]",
        "       4 +            ############",
        "       2 +            #",
        "         |            #",
        "       0 +#############",
    ]


def test_filled_panels_reach_from_zero_up_and_down() -> None:
    panel = _panel([2.0] * 12 + [-2.0] * 12, filled=True)
    lines = draw([panel], UTC, width=34, rows=5, braille=False)
    assert lines[1:6] == [
        "       2 +############",
        "         |############",
        "       0 +########################",
        "         |            ############",
        "      -2 +            ############",
    ]


def test_braille_has_two_dots_a_column_and_four_a_row() -> None:
    lines = draw([_panel([0.0, 7.0])], UTC, width=22, rows=2)
    assert lines[1].startswith("      10 ┤")
    assert any(0x2800 < ord(letter) <= 0x28FF for letter in "".join(lines))


def test_missing_values_leave_a_gap() -> None:
    values = [1.0] * 8 + [math.nan] * 8 + [1.0] * 8
    line = draw([_panel(values, filled=True)], UTC, width=34, rows=2, braille=False)[1]
    assert line.split("+")[1] == "########        ########"


def test_nothing_known_is_an_empty_panel() -> None:
    lines = draw([_panel([math.nan] * 3)], UTC, width=40, rows=3, braille=False)
    assert "#" not in "".join(lines)


def test_panels_share_one_time_axis() -> None:
    late = Panel("late", START + 12 * HOUR, HOUR, [1.0] * 12, filled=True)
    lines = draw([_panel([1.0] * 12, filled=True), late], UTC, width=34, rows=2, braille=False)
    assert lines[1].rstrip() == "     1.0 +############"
    assert lines[4].rstrip() == "     1.0 +            ############"


def test_labels_follow_the_local_clock_through_its_change() -> None:
    lines = draw([_panel([1.0] * 48)], AMSTERDAM, width=80, rows=3)
    clock, dates = lines[-2], lines[-1]
    assert clock.split() == ["00:00", "06:00", "12:00", "18:00", "00:00", "06:00", "12:00", "18:00"]
    assert dates.split("  ")[0].strip() == ""
    assert "Sat 28 Mar 2026" in dates
    assert "Sun 29 Mar 2026" in dates
    # the night of the change has 5 hours between 00:00 and 06:00
    assert clock.index("06:00", clock.index("06:00") + 1) - clock.rindex("00:00") < 9


@given(
    values=st.lists(
        st.floats(-1e6, 1e6, allow_nan=False) | st.just(math.nan), min_size=1, max_size=200
    ),
    width=st.integers(30, 130),
    rows=st.integers(2, 12),
    filled=st.booleans(),
    braille=st.booleans(),
)
def test_any_series_fits_its_width(
    values: list[float], width: int, rows: int, filled: bool, braille: bool
) -> None:
    lines = draw(
        [_panel(values, filled=filled)], AMSTERDAM, width=width, rows=rows, braille=braille
    )
    assert len(lines) == rows + 4
    assert max(map(len, lines)) <= width


def test_long_labels_widen_the_margin_for_all_panels() -> None:
    long = _panel([-123456789.25, -123456789.0])
    lines = draw([long, _panel([1.0, 2.0])], UTC, width=60, rows=3, braille=False)
    assert max(map(len, lines)) <= 60
    bars = {line.index("|" if "|" in line else "+") for line in lines if "|" in line or "+" in line}
    assert len(bars) == 1


def test_streams_that_cannot_show_braille_get_ascii() -> None:
    assert is_braille_shown(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert not is_braille_shown(io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert not is_braille_shown(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
