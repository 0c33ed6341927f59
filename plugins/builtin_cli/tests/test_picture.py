"""The standalone picture of a schedule."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from fmhost_cli.demo.picture import Panel, Trace, render

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2026, 4, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _render(panels: list[Panel], title: str = "Title", steps: int = 4) -> ElementTree.Element:
    text = render(
        panels,
        title=title,
        subtitle="What it costs",
        start=START,
        end=START + steps * HOUR,
        zone=UTC,
    )
    return ElementTree.fromstring(text)


def _paths(picture: ElementTree.Element, colour: str) -> list[str]:
    return [
        path.get("d", "")
        for path in picture.iter(f"{SVG}path")
        if colour in (path.get("class") or "").split()
    ]


def test_steps_become_corners_and_equal_neighbours_one_line() -> None:
    trace = Trace("price", "price", HOUR, [0.0, 0.0, 10.0, 10.0])
    (path,) = _paths(_render([Panel("Price", [trace])]), "price")
    points = path.removeprefix("M").split("L")
    assert len(points) == 4
    xs = [float(point.split()[0]) for point in points]
    assert xs[0] == 64
    assert xs[1] == xs[2] == 64 + (960 - 64 - 24) / 2
    assert xs[3] == 936


def test_a_gap_interrupts_the_line() -> None:
    trace = Trace("price", "price", HOUR, [1.0, math.nan, 2.0, 3.0])
    assert len(_paths(_render([Panel("Price", [trace])]), "price")) == 2


def test_each_step_tells_its_values_when_pointed_at() -> None:
    panels = [
        Panel("Price", [Trace("price", "price", 2 * HOUR, [5.0, 7.5])]),
        Panel("Charge", [Trace("charge", "soc", HOUR, [1, 2, 3, 4, 5], "veiled", joined=True)]),
    ]
    hits = [e for e in _render(panels).iter(f"{SVG}rect") if e.get("class") == "hit"]
    texts = [hit.findtext(f"{SVG}title") for hit in hits]
    assert texts[0] == "Tue 14 Apr 00:00\nprice: 5.00\ncharge: 1.00"
    assert texts[3] == "Tue 14 Apr 03:00\nprice: 7.50\ncharge: 4.00"


def test_the_picture_stands_alone_in_light_and_dark() -> None:
    panel = Panel("Price", [Trace("a < b & c", "price", HOUR, [1.0] * 4)] * 2)
    picture = _render([panel], title="<script>")
    style = picture.findtext(f"{SVG}style") or ""
    assert "prefers-color-scheme: dark" in style
    text = ElementTree.tostring(picture, encoding="unicode")
    assert "href" not in text
    assert "&lt;script&gt;" in text
    assert not list(picture.iter(f"{SVG}script"))
    assert float(picture.get("height", "0")) > 200


def test_a_flat_series_of_zeros_is_drawn() -> None:
    trace = Trace("power", "charge", HOUR, [0.0] * 4, "area")
    assert _paths(_render([Panel("Power", [trace])]), "f-charge")
