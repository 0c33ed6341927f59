"""Numbers, moments and lengths as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fmhost_ui.wording import clock, length, number, with_clock, with_unit

ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (-1.5, "−1.5"),
        (12.345, "12.3"),
        (0.012345, "0.0123"),
        (1234.5, "1\u202f234"),
        (9.999, "10"),
        (-1e-9, "0"),
        (100, "100"),
    ],
)
def test_numbers_have_about_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_units_stay_with_their_number() -> None:
    assert with_unit(2, "kW") == "2\u00a0kW"
    assert with_unit(2, "%") == "2%"
    assert with_unit(2, "") == "2"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 2, 18), "18:00"),
        (datetime(2026, 3, 3, 0), "tomorrow 00:00"),
        (datetime(2026, 3, 1, 23, 45), "yesterday 23:45"),
        (datetime(2026, 3, 8, 7), "Sun 07:00"),
        (datetime(2026, 3, 9, 7), "Mon 9 Mar 07:00"),
        (datetime(2026, 2, 20, 7), "Fri 20 Feb 07:00"),
    ],
)
def test_days_are_named_from_today(moment: datetime, text: str) -> None:
    now = datetime(2026, 3, 1, 23, 30, tzinfo=ZoneInfo("UTC"))  # 2 March in Amsterdam
    assert clock(moment.replace(tzinfo=ZONE), now) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "instantaneous"),
        (15, "15 minutes"),
        (60, "1 hour"),
        (1440, "1 day"),
        (0.5, "30 seconds"),
    ],
)
def test_lengths_are_words(minutes: float, text: str) -> None:
    assert length(timedelta(minutes=minutes)) == text


def test_moments_in_sentences_are_told_on_a_clock() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=ZoneInfo("UTC"))
    text = "no value at 2026-03-31T08:00:00.500000+00:00, nor at 2026-13-31T08:00:00+00:00."
    told = "no value at tomorrow 10:00, nor at 2026-13-31T08:00:00+00:00."
    assert with_clock(text, ZONE, now) == told
