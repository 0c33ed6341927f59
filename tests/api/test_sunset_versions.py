"""The older versions of the API are gone, and say so to everybody."""

from __future__ import annotations

import pytest

from fmhost.app import create

ALL = ("v1", "v1_1", "v1_2", "v1_3", "v2_0")
PATHS = [
    *((version, "GET", "getService") for version in ALL),
    *((version, "GET", "getMeterData") for version in ALL),
    ("v1", "POST", "getMeterData"),
    *((version, "POST", "postMeterData") for version in ALL),
    *(
        (version, method, path)
        for version in ALL[1:]
        for method, path in (
            ("GET", "getConnection"),
            ("GET", "getPrognosis"),
            ("POST", "postPrognosis"),
            ("POST", "postPriceData"),
            ("POST", "postWeatherData"),
        )
    ),
    *(
        (version, method, path)
        for version in ALL[2:]
        for method, path in (("GET", "getDeviceMessage"), ("POST", "postUdiEvent"))
    ),
    ("v2_0", "GET", "assets"),
    ("v2_0", "POST", "assets"),
    ("v2_0", "GET", "asset/1"),
    ("v2_0", "PATCH", "asset/1"),
    ("v2_0", "DELETE", "asset/1"),
    ("v2_0", "GET", "users"),
    ("v2_0", "GET", "user/1"),
    ("v2_0", "PATCH", "user/1"),
    ("v2_0", "PATCH", "user/1/password-reset"),
]


def test_every_endpoint_is_gone_without_a_login(client):
    for version, method, path in PATHS:
        answer = client.open(f"/api/{version}/{path}", method=method)
        assert answer.status_code == 410, (method, version, path)
        number = {"v1": "1.0"}.get(version, version[1:].replace("_", "."))
        link = f"https://flexmeasures.readthedocs.io/en/v0.13.0/api/{version}.html"
        assert answer.get_json() == {
            "message": f"API version {number} has been sunset. Please upgrade to API version 3.0. "
            f"See {link} for more information.",
            "status": 410,
        }
        assert answer.headers["Deprecation"] == "Tue, 13 Dec 2022 23:59:59 GMT"
        assert answer.headers["Sunset"] == "Sun, 30 Apr 2023 23:59:59 GMT"
        assert answer.headers.getlist("Link") == [f'<{link}>; rel="sunset"; type="text/html"']


def test_a_host_cannot_bring_them_back(open_installation):
    app = create(installation=open_installation(FLEXMEASURES_API_SUNSET_ACTIVE=False))
    assert app.test_client().get("/api/v2_0/getService").status_code == 410


def test_a_host_names_a_page_of_its_own(open_installation):
    page = "https://host.example.org/sunset"
    app = create(installation=open_installation(FLEXMEASURES_API_SUNSET_LINK=page))
    answer = app.test_client().get("/api/v2_0/getService")
    assert f"See {page} for more information." in answer.get_json()["message"]


@pytest.mark.parametrize("path", ["v1/getConnection", "v2_0/nothing", "v1", "v9/getService"])
def test_anything_else_does_not_exist(client, path):
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 404
    assert answer.get_json()["status"] == 404


def test_the_message_of_a_user_is_not_looked_at(client):
    answer = client.post("/api/v1/postMeterData", data="{", content_type="application/json")
    assert answer.status_code == 410


def test_they_are_no_part_of_the_document(client):
    paths = client.get("/api/v3_0/openapi.json").get_json()["paths"]
    assert not [path for path in paths if path.startswith(("/api/v1", "/api/v2"))]
