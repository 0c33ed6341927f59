"""Checks of single values."""

from __future__ import annotations

import pytest

from fmhost.errors import InvalidInput
from fmhost.services import checks


@pytest.mark.parametrize(
    ("given", "kept"), [("#aabbcc", "#aabbcc"), ("AB0", "#AB0"), (" 012345 ", "#012345")]
)
def test_colours_have_three_or_six_hex_digits(given: str, kept: str) -> None:
    assert checks.color(given, "primary-color") == kept


@pytest.mark.parametrize("given", ["", "red", "#12", "#1234567", "##123456", "#ggg", "#abcd"])
def test_other_colours_are_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="is not a valid hex color code") as failure:
        checks.color(given, "primary-color")
    assert failure.value.field == "primary-color"


@pytest.mark.parametrize(
    "given",
    [
        "https://example.org/logo.png?size=2",
        "http://192.168.0.1:8000/logo",
        "ftp://files.example.co.uk/x",
        "HTTPS://Example.ORG",
    ],
)
def test_urls_have_a_scheme_and_a_host(given: str) -> None:
    assert checks.url(given, "logo-url") == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.org/logo.png",
        "javascript:alert(1)",
        "https://",
        "https://localhost/logo",
        "https://-bad-.org",
        "https://example.org:port",
        "https://exa mple.org",
        "https://example.org/a b",
        "https://999.1.1.1",
        f"https://example.org/{'x' * 250}",
    ],
)
def test_other_urls_are_refused(given: str) -> None:
    with pytest.raises(InvalidInput):
        checks.url(given, "logo-url")


def test_missing_values_stay_missing() -> None:
    assert checks.url(None, "logo-url") is None
    assert checks.color(None, "primary-color") is None
    assert checks.coordinate(None, "latitude", limit=90) is None
    assert checks.json_object(None, "attributes") == {}


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc/passwd", "Europe", "UTC+1"])
def test_unknown_time_zones_are_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="is unknown!"):
        checks.timezone(zone)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -90.5, 1e300])
def test_impossible_coordinates_are_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="latitude"):
        checks.coordinate(value, "latitude", limit=90)


def test_coordinates_keep_seven_decimals() -> None:
    assert checks.coordinate(52.1234567, "latitude", limit=90) == 52.1234567
    with pytest.raises(InvalidInput, match="more than 7 decimals"):
        checks.coordinate(52.12345678, "latitude", limit=90)
