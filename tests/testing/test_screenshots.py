"""The pictures in the documentation are of pages that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fmhost.testing.screenshots import ACCOUNTS, PICTURES, PLANS

ROOT = Path(__file__).parents[2]


def test_each_picture_is_of_a_page(app: Any) -> None:
    adapter = app.url_map.bind("localhost")
    for picture in PICTURES:
        endpoint, _ = adapter.match(picture.path.format(battery=1))
        assert endpoint.startswith("ui."), picture.name


def test_names_of_pictures_and_of_planned_assets_are_known() -> None:
    names = [picture.name for picture in PICTURES]
    assert len(set(names)) == len(names)
    assert set(PLANS) <= {name for assets in ACCOUNTS.values() for _, name, *_ in assets}
