"""Whatever goes wrong in a view has one shape: JSON below /api, a page elsewhere."""

from __future__ import annotations

import pytest

from fmhost.app import create
from fmhost.model import Account
from fmhost.services.installation import Installation
from fmhost.testing.distributions import plugin
from fmhost.testing.web import token_headers

#: Raises what its URL names; writes before it does.
TROUBLE = plugin(
    "trouble",
    """
    manifest = Manifest(
        name="trouble",
        pages=(
            Pages(
                "acme_trouble.views:blueprint",
                routes=("/trouble/<kind>", "/api/trouble/<kind>", "/private"),
            ),
        ),
    )
    """,
    {
        "views.py": """
            from flask import Blueprint, abort
            from sqlalchemy.exc import DataError, IntegrityError, OperationalError

            from fmhost.plugin import Account, Conflict, InvalidInput, NotFound, UnknownPrices, web

            blueprint = Blueprint("trouble", __name__)

            TROUBLES = {
                "unforeseen": ZeroDivisionError("secret detail"),
                "input": InvalidInput("Too small.", field="tank.size", hint="Take a larger one."),
                "no-field": InvalidInput("Contradicts itself."),
                "missing": NotFound("No tank found with ID 3."),
                "conflict": Conflict("It exists already."),
                "prices": UnknownPrices("No prices."),
                "integrity": IntegrityError("INSERT secret", {}, Exception("secret detail")),
                "unfit": DataError("INSERT secret", {}, Exception("secret detail")),
                "lost": OperationalError("SELECT secret", {}, Exception("secret detail")),
            }

            @blueprint.route("/trouble/<kind>", methods=["GET", "POST"])
            @blueprint.route("/api/trouble/<kind>", methods=["GET", "POST"])
            def make_trouble(kind):
                if kind.startswith("http-"):
                    abort(int(kind[5:]), "As you wish.")
                web.session().add(Account(name="half-written"))
                web.session().flush()
                raise TROUBLES[kind]

            @blueprint.route("/private")
            @web.login_required
            def private():
                return web.user().username
            """
    },
)


@pytest.fixture
def installation(site, open_installation):
    site.install(TROUBLE)
    return open_installation(PROPAGATE_EXCEPTIONS=False)


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (
            "input",
            422,
            {
                "result": "Rejected",
                "status": "UNPROCESSABLE_ENTITY",
                "message": {"json": {"tank": {"size": ["Too small. Take a larger one."]}}},
            },
        ),
        (
            "no-field",
            422,
            {
                "result": "Rejected",
                "status": "UNPROCESSABLE_ENTITY",
                "message": {"json": {"_schema": ["Contradicts itself."]}},
            },
        ),
        ("missing", 404, {"message": "No tank found with ID 3.", "status": 404}),
        (
            "conflict",
            409,
            {"result": "Rejected", "status": "CONFLICT", "message": "It exists already."},
        ),
        (
            "prices",
            400,
            {"result": "Rejected", "status": "UNKNOWN_PRICES", "message": "No prices."},
        ),
        ("http-418", 418, {"message": "As you wish.", "status": 418}),
        ("http-410", 410, {"message": "As you wish.", "status": 410}),
    ],
)
def test_errors_of_the_api(client, tenant, kind, status, body):
    answer = client.post(f"/api/trouble/{kind}")
    assert answer.status_code == status
    assert answer.get_json() == body


@pytest.mark.parametrize(
    ("kind", "status"), [("unforeseen", 500), ("integrity", 409), ("unfit", 422), ("lost", 503)]
)
def test_what_failed_inside_is_not_told(client, tenant, caplog, kind, status):
    answer = client.post(f"/api/trouble/{kind}", headers={"X-Request-ID": "trace-42"})
    assert answer.status_code == status
    assert "secret" not in answer.text
    assert "secret" in caplog.text
    assert answer.headers["X-Request-ID"] == "trace-42"


def test_an_unforeseen_error_names_the_request(client, tenant):
    answer = client.post("/api/trouble/unforeseen", headers={"X-Request-ID": "trace-42"})
    assert answer.get_json() == {
        "message": "Something went wrong in the server; it is logged under trace-42.",
        "status": 500,
    }


@pytest.mark.parametrize("kind", ["input", "missing", "conflict", "prices", "unforeseen"])
def test_errors_of_pages_are_pages(client, tenant, kind):
    api, page = client.post(f"/api/trouble/{kind}"), client.post(f"/trouble/{kind}")
    assert page.status_code == api.status_code
    assert page.mimetype == "text/html"
    assert "secret" not in page.text


@pytest.mark.parametrize("kind", ["input", "conflict", "unforeseen", "integrity"])
def test_nothing_is_half_written(client, installation, tenant, kind):
    client.post(f"/api/trouble/{kind}")
    with installation.database.reading() as session:
        assert session.query(Account).filter_by(name="half-written").count() == 0


def test_a_page_for_users_leads_to_the_login(client, tenant):
    answer = client.get("/private")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/login?next=/private")
    headers = token_headers(client, tenant.member)
    assert client.get("/private", headers=headers).text == "member"


def test_texts_of_errors_are_escaped_in_pages(client):
    assert "<script>" not in client.get("/<script>alert(1)</script>").text


def test_a_database_that_fails_during_the_login_is_no_wrong_token(
    installation, tenant, empty_database
):
    working = create(installation=installation).test_client()
    headers = token_headers(working, tenant.member)
    bare = Installation(installation.settings, installation.host, empty_database)
    answer = create(installation=bare).test_client().get("/api/v3_0/assets", headers=headers)
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "DATABASE_NOT_READY"
    assert "fmhost db upgrade" in answer.get_json()["message"]
