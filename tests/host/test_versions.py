"""Ranges of plugin-API versions."""

from __future__ import annotations

import pytest

from fmhost.errors import PluginError
from fmhost.host import versions


@pytest.mark.parametrize(
    ("version_range", "version", "contained"),
    [
        (">=1.0,<2", (1, 0), True),
        (">=1.0,<2", (1, 7), True),
        (">=1.0,<2", (2, 0), False),
        (">=1.1", (1, 0), False),
        ("==1", (1, 0), True),
        ("==1.0.0", (1, 0), True),
        ("!=1.2", (1, 2), False),
        (" >= 1.0 , < 2 ", (1, 10), True),
        ("<1.10", (1, 9), True),
        ("<=1.9", (1, 10), False),
        (">1", (1, 0), False),
    ],
)
def test_a_range_contains_a_version_by_its_numbers(
    version_range: str, version: tuple[int, ...], contained: bool
) -> None:
    assert versions.contains(version_range, version) is contained


@pytest.mark.parametrize("text", ["", "1.0", "~=1.0", ">=one", ">=1.0;<2", ">=1.", 1.0, None])
def test_what_is_no_range_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(PluginError, match=r"Manifest\.plugin_api is .*>=1\.0,<2"):
        versions.require_range(text, "Manifest.plugin_api")
