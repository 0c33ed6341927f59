"""Tables and words of ``fmhost show``."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost_cli.tables import duration_text, echo_json, echo_table


def test_cells_may_have_several_lines(capsys: pytest.CaptureFixture[str]) -> None:
    echo_table(["ID", "Attributes"], [(1, "a: 1\nb: 2"), (None, "")])
    assert capsys.readouterr().out.splitlines() == [
        "ID  Attributes",
        "--  ----------",
        "1   a: 1",
        "    b: 2",
        "",
    ]


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "instantaneous"),
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(hours=1), "an hour"),
        (timedelta(days=1), "a day"),
        (timedelta(days=2, hours=3), "2 days and 3 hours"),
        (timedelta(days=1, hours=1, minutes=5), "a day, an hour and 5 minutes"),
        (timedelta(seconds=1), "a second"),
    ],
)
def test_durations_in_words(duration: timedelta, text: str) -> None:
    assert duration_text(duration) == text


def test_json_keeps_letters_and_writes_durations(capsys: pytest.CaptureFixture[str]) -> None:
    echo_json({"unit": "°C", "resolution": timedelta(minutes=15)})
    assert capsys.readouterr().out == '{\n  "unit": "°C",\n  "resolution": "PT15M"\n}\n'
