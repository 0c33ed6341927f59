"""What is on its way out says so in every answer, and is gone when its time has come."""

from __future__ import annotations

import logging

import pytest

from fmhost.app import create
from fmhost.errors import ConfigurationError
from fmhost.testing.contract import ContractClient
from fmhost.testing.distributions import plugin
from fmhost.testing.web import token_headers

#: An operation per stage, a blueprint that is deprecated as a whole, and an operation of which two
#: fields are.
AGING = plugin(
    "aging",
    """
    manifest = Manifest(
        name="aging",
        pages=(
            Pages(
                "acme_aging.views:operations",
                routes=("/api/aging/old", "/api/aging/older", "/api/aging/oldest",
                        "/api/aging/kept", "/api/aging/tanks"),
            ),
            Pages("acme_aging.views:pages", routes=("/aging",)),
        ),
    )
    """,
    {
        "views.py": """
            from datetime import date

            from flask import Blueprint
            from marshmallow import Schema, fields as marshmallow_fields

            from fmhost.plugin import Resource, deprecate, deprecated, note_deprecated_fields, web

            class Done(Schema):
                status = marshmallow_fields.String()

            class Tank(Schema):
                size = marshmallow_fields.Float()
                volume = marshmallow_fields.Float()
                litres = marshmallow_fields.Float()

            operations = Resource("aging", __name__, url_prefix="/api/aging")

            DATES = {"date": date(2030, 1, 1), "sunset_date": date(2030, 7, 1)}

            @operations.operation("GET", "/old", answer=Done)
            @deprecated(
                **DATES,
                link="https://example.org/old",
                sunset_link="https://example.org/end",
                links={"successor-version": "/api/aging/new"},
            )
            def old():
                "Do it the old way."
                return {"status": "DONE"}

            @operations.operation("GET", "/older", public=True, answer=Done)
            @deprecated(**DATES, stage="sunset")
            def older():
                "Do it the older way."
                return {"status": "DONE"}

            @operations.operation("GET", "/oldest", public=True, answer=Done)
            @deprecated(**DATES, stage="removed", message="The oldest way has been given up.",
                        sunset_link="/docs/")
            def oldest():
                "Do it the oldest way."

            @operations.operation("GET", "/kept", public=True, answer=Done)
            @deprecated()
            def kept():
                "Do it in a way that stays."
                return {"status": "DONE"}

            @operations.operation("POST", "/tanks", schema=Tank(), answer=Done, errors={410: ()})
            def add_tank(given):
                "Add a tank."
                note_deprecated_fields(sorted({"volume", "litres"} & given.keys()), **DATES)
                return {"status": "DONE"}

            pages = Blueprint("aging_pages", __name__)
            deprecate(pages, date=date(2029, 1, 1), sunset_date=date(2031, 1, 1))

            @pages.get("/aging")
            @web.login_required
            def page():
                return "An old page."
            """
    },
)

DEPRECATED = "Mon, 31 Dec 2029 23:59:59 GMT"
SUNSET = "Sun, 30 Jun 2030 23:59:59 GMT"


@pytest.fixture
def open_app(site, open_installation):
    """An application with that plugin; the keywords are settings."""
    site.install(AGING)

    def open_it(**overrides):
        app = create(installation=open_installation(**overrides))
        app.test_client_class = ContractClient
        return app

    return open_it


def test_a_deprecated_operation_works_and_says_so(open_app, tenant):
    client = open_app().test_client()
    answer = client.get("/api/aging/old", headers=token_headers(client, tenant.member))
    assert answer.get_json() == {"status": "DONE"}
    assert answer.headers["Deprecation"] == DEPRECATED
    assert answer.headers["Sunset"] == SUNSET
    assert answer.headers.getlist("Link") == [
        '<https://example.org/old>; rel="deprecation"; type="text/html"',
        '<https://example.org/end>; rel="sunset"; type="text/html"',
        '<http://localhost/api/aging/new>; rel="successor-version"',
    ]


def test_its_errors_say_so_too(open_app):
    answer = open_app().test_client().get("/api/aging/old")
    assert answer.status_code == 401
    assert answer.headers["Deprecation"] == DEPRECATED


def test_other_operations_say_nothing(open_app):
    answer = open_app().test_client().get("/api/")
    assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers.keys())


def test_each_use_is_logged_with_its_user(open_app, tenant, caplog):
    client = open_app().test_client()
    headers = token_headers(client, tenant.member)
    with caplog.at_level(logging.WARNING, "fmhost.requests"):
        client.get("/api/aging/old", headers=headers)
        client.get("/api/aging/old")
    uses = [record.message for record in caplog.records if "Deprecated" in record.message]
    begin = "Deprecated endpoint GET /api/aging/old called by"
    assert uses == [f"{begin} user {tenant.member.id}", f"{begin} nobody who is logged in"]


@pytest.mark.parametrize(
    ("active", "gone"),
    [
        (None, {"older", "oldest"}),
        (True, {"old", "older", "oldest"}),
        (False, {"oldest"}),
    ],
)
def test_the_stages(open_app, tenant, active, gone):
    overrides = {} if active is None else {"FLEXMEASURES_API_SUNSET_ACTIVE": active}
    client = open_app(**overrides).test_client()
    headers = token_headers(client, tenant.member)
    for name in ("old", "older", "oldest", "kept"):
        answer = client.get(f"/api/aging/{name}", headers=headers)
        assert answer.status_code == (410 if name in gone else 200), name
        assert "Deprecation" in answer.headers


def test_what_is_gone_says_why_without_a_login(open_app):
    client = open_app(FLEXMEASURES_API_SUNSET_ACTIVE=True).test_client()
    answer = client.get("/api/aging/old")
    assert answer.get_json() == {
        "message": "This endpoint has been sunset. See https://example.org/end for more "
        "information.",
        "status": 410,
    }
    assert answer.headers["Sunset"] == SUNSET
    message = client.get("/api/aging/oldest").get_json()["message"]
    assert message == (
        "The oldest way has been given up. See http://localhost/docs/ for more information."
    )


def test_a_deprecation_without_dates(open_app):
    answer = open_app().test_client().get("/api/aging/kept")
    assert answer.headers["Deprecation"] == "true"
    assert "Sunset" not in answer.headers


def test_the_host_names_date_and_page_of_the_sunset(open_app):
    client = open_app(
        FLEXMEASURES_API_SUNSET_DATE="2032-02-02",
        FLEXMEASURES_API_SUNSET_LINK="https://host.example.org/sunset",
    ).test_client()
    answer = client.get("/api/aging/old")
    assert answer.headers["Sunset"] == "Sun, 01 Feb 2032 23:59:59 GMT"
    assert '<https://host.example.org/sunset>; rel="sunset"; type="text/html"' in (
        answer.headers.getlist("Link")
    )
    assert "Sunset" not in client.get("/api/aging/kept").headers
    assert "https://host.example.org/sunset" in client.get("/api/aging/oldest").text


def test_a_date_that_is_none(open_app):
    with pytest.raises(ConfigurationError, match="FLEXMEASURES_API_SUNSET_DATE is 'soon'"):
        open_app(FLEXMEASURES_API_SUNSET_DATE="soon")


def test_a_whole_blueprint(open_app, tenant):
    app = open_app()
    client = app.test_client()
    answer = client.get("/aging", headers=token_headers(client, tenant.member))
    assert answer.text == "An old page."
    assert answer.headers["Deprecation"] == "Sun, 31 Dec 2028 23:59:59 GMT"
    gone = open_app(FLEXMEASURES_API_SUNSET_ACTIVE=True).test_client().get("/aging")
    assert gone.status_code == 410
    assert gone.mimetype == "text/html"


def test_deprecated_fields(open_app, tenant, caplog):
    client = open_app().test_client()
    headers = token_headers(client, tenant.member)
    good = client.post("/api/aging/tanks", json={"size": 1}, headers=headers)
    assert "Deprecation" not in good.headers
    with caplog.at_level(logging.WARNING, "fmhost.requests"):
        old = client.post("/api/aging/tanks", json={"volume": 1, "litres": 1}, headers=headers)
    assert old.status_code == 200
    assert (old.headers["Deprecation"], old.headers["Sunset"]) == (DEPRECATED, SUNSET)
    assert (
        f"Endpoint POST /api/aging/tanks called by user {tenant.member.id} with deprecated "
        "fields: litres, volume"
    ) in caplog.text


def test_deprecated_fields_in_a_blackout_test(open_app, tenant):
    client = open_app(FLEXMEASURES_API_SUNSET_ACTIVE=True).test_client()
    headers = token_headers(client, tenant.member)
    assert client.post("/api/aging/tanks", json={"size": 1}, headers=headers).status_code == 200
    old = client.post("/api/aging/tanks", json={"litres": 1}, headers=headers)
    assert old.status_code == 410
    assert old.get_json()["message"] == "The use of litres here has been sunset."
    assert old.headers["Sunset"] == SUNSET


def test_a_browser_may_ask_beforehand(open_app):
    client = open_app(FLEXMEASURES_API_SUNSET_ACTIVE=True).test_client()
    assert client.options("/api/aging/old").status_code == 200


def test_the_document_tells(open_app):
    paths = open_app().test_client().get("/api/v3_0/openapi.json").get_json()["paths"]
    assert paths["/api/aging/old"]["get"]["deprecated"] is True
    assert "410" in paths["/api/aging/old"]["get"]["responses"]
    assert paths["/api/aging/kept"]["get"]["deprecated"] is True
    assert "410" not in paths["/api/aging/kept"]["get"]["responses"]
    assert "deprecated" not in paths["/api/aging/tanks"]["post"]
    assert paths["/api/v3_0/sensors/data"]["post"]["deprecated"] is True


def test_the_path_with_an_address_is_deprecated_for_good(member, tenant, caplog):
    answer = member.get("/sensors/data", sensor="ea1.2021-01.localhost:fm1.1")
    assert answer.headers["Deprecation"] == "Tue, 09 Sep 2025 23:59:59 GMT"
    assert "Sunset" not in answer.headers
    assert answer.headers["Link"] == (
        '<http://localhost/api/v3_0/docs/>; rel="deprecation"; type="text/html"'
    )
    assert f"called by user {tenant.member.id}" in caplog.text
    assert "Deprecation" not in member.get(f"/sensors/{tenant.power.id}/data").headers


def test_a_blackout_test_spares_the_path_with_an_address(open_app, tenant):
    client = open_app(FLEXMEASURES_API_SUNSET_ACTIVE=True).test_client()
    answer = client.get("/api/v3_0/sensors/data", headers=token_headers(client, tenant.member))
    assert answer.status_code == 422
