"""``fmhost show chart``: pictures of what the pages show."""

from __future__ import annotations

from typing import Any

import pytest

#: What differs between the kinds of databases is tested with the charts of the API.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

WINDOW = ("--start", "2026-03-02T00:00:00+01:00", "--end", "2026-03-02T06:00:00+01:00")


def test_a_chart_is_written_as_svg_and_png_with_the_clock_of_its_sensors(toy: Any) -> None:
    file = toy.folder / "prices.csv"
    rows = [f"2026-03-02T0{hour}:00:00+01:00,{10 + hour}" for hour in range(6)]
    file.write_text("\n".join(["start,price", *rows]))
    toy.ok("add", "beliefs", file, "--sensor", "3", "--source", "toy-user")
    name = f"{toy.folder}/chart-$start.svg"
    printed = toy.ok("show", "chart", "--asset", "3", *WINDOW, "--filename", name)
    path = toy.folder / "chart-2026-03-02T000000.svg"
    assert printed == f"Chart saved at {path}.\n"
    drawn = path.read_text()
    assert drawn.startswith("<svg")
    for text in ("Day ahead prices", "Mon  2 Mar", "03:00", "EUR/MWh"):
        assert text in drawn, text
    assert "Discharging" not in drawn  # of which nothing is known
    picture = toy.folder / "chart.png"
    several = ("--sensor", "3", "--sensor", "2", "--resolution", "PT2H", "--width", "300")
    toy.ok("show", "chart", *several, *WINDOW, "--filename", picture, "--separate-legends")
    shown = toy.json("show", "chart", *several, *WINDOW)
    assert [each["event_value"] for each in shown["datasets"]["sensor_3"]] == [10.5, 12.5, 14.5]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_told(toy: Any) -> None:
    show = ("show", "chart", *WINDOW)
    assert "Name a sensor or an asset" in toy(*show).stderr
    assert "It ends with .png or .svg." in toy.refused(
        *show, "--sensor", "3", "--filename", "x.gif"
    )
    assert "$now and $start" in toy.refused(*show, "--sensor", "3", "--filename", "$x.png")
    assert "No sensor found" in toy.refused(*show, "--sensor", "99")
    backwards = ("--start", WINDOW[3], "--end", WINDOW[1], "--sensor", "3")
    assert "must be after" in toy.refused("show", "chart", *backwards)
