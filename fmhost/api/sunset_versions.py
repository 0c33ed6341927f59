"""Versions of the API that are gone: each of their endpoints says so, and by what to replace it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NoReturn

from flask import Blueprint
from werkzeug.exceptions import Gone

from fmhost.api.deprecation import deprecate

#: The text in a path, and what people call the version.
_VERSIONS = {"v1": "1.0", "v1_1": "1.1", "v1_2": "1.2", "v1_3": "1.3", "v2_0": "2.0"}

_DEPRECATED = date(2022, 12, 14)
_SUNSET = date(2023, 5, 1)

#: Where each version is still documented.
_PAGE = "https://flexmeasures.readthedocs.io/en/v0.13.0/api/{version}.html"

_READINGS = {"getMeterData": ("GET",), "postMeterData": ("POST",)}
_CONNECTIONS = {
    "getConnection": ("GET",),
    "getPrognosis": ("GET",),
    "postPrognosis": ("POST",),
    "postPriceData": ("POST",),
    "postWeatherData": ("POST",),
}
_SCHEDULES = {"getDeviceMessage": ("GET",), "postUdiEvent": ("POST",)}
_RESOURCES = {
    "assets": ("GET", "POST"),
    "asset/<id>": ("GET", "PATCH", "DELETE"),
    "users": ("GET",),
    "user/<id>": ("GET", "PATCH"),
    "user/<id>/password-reset": ("PATCH",),
}
_SERVICE = {"getService": ("GET",)}

#: The methods of each path, by version.
_PATHS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "v1": {**_SERVICE, **_READINGS, "getMeterData": ("GET", "POST")},
    "v1_1": {**_SERVICE, **_READINGS, **_CONNECTIONS},
    "v1_2": {**_SERVICE, **_READINGS, **_CONNECTIONS, **_SCHEDULES},
    "v1_3": {**_SERVICE, **_READINGS, **_CONNECTIONS, **_SCHEDULES},
    "v2_0": {**_SERVICE, **_READINGS, **_CONNECTIONS, **_SCHEDULES, **_RESOURCES},
}


def _is_gone(**_path: str) -> NoReturn:
    """Not reached: what is removed is refused before."""
    raise Gone


def _sunset(version: str) -> Blueprint:
    blueprint = Blueprint(f"sunset_{version}", __name__, url_prefix=f"/api/{version}")
    for number, (path, methods) in enumerate(_PATHS[version].items()):
        blueprint.add_url_rule(f"/{path}", f"endpoint_{number}", _is_gone, methods=methods)
    return deprecate(
        blueprint,
        date=_DEPRECATED,
        sunset_date=_SUNSET,
        sunset_link=_PAGE.format(version=version),
        stage="removed",
        message=f"API version {_VERSIONS[version]} has been sunset. Please upgrade to API version "
        "3.0.",
    )


sunset_versions = tuple(_sunset(version) for version in _VERSIONS)
