"""What requests are answered when the connection to the database is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from fmhost.app import create
from fmhost.testing.contract import ContractClient
from fmhost.testing.distributions import plugin
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import request_token, token_headers

DATA = {"values": [1], "start": "2026-03-02T08:00:00+01:00", "duration": "PT15M", "unit": "kW"}
LOGIN = {"email": "member@example.org", "password": PASSWORD}

#: A page that goes on after its database has failed.
STUBBORN = plugin(
    "stubborn",
    """
    manifest = Manifest(
        name="stubborn",
        pages=(Pages("acme_stubborn.views:rooms", routes=("/api/stubborn",)),),
    )
    """,
    {
        "views.py": """
            from flask import Blueprint, current_app
            from sqlalchemy import text
            from fmhost.plugin import FmhostError, web

            rooms = Blueprint("rooms", __name__)

            @rooms.route("/api/stubborn")
            @web.login_required
            def ask_twice():
                current_app.lose_connections()
                for _ in range(2):
                    try:
                        web.session().execute(text("SELECT 1"))
                    except FmhostError:
                        pass
                return "fine"
            """
    },
)


@pytest.fixture
def database_kind():
    """Connections can only be lost to a server."""
    return "postgresql"


@pytest.fixture
def lose_connections(database):
    """Ends all connections to the database of the test."""

    def lose():
        engine = create_engine(database.url, poolclass=NullPool)
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with engine.begin() as connection:
            assert connection.execute(text(query)).all() != []
        engine.dispose()

    return lose


@pytest.fixture
def client(site, open_installation, tenant, lose_connections):
    site.install(STUBBORN)
    # Connections are used untried, as they are where hardly any time has passed.
    untried = {"pool_pre_ping": False}
    app = create(installation=open_installation(SQLALCHEMY_ENGINE_OPTIONS=untried))
    app.lose_connections = lose_connections
    app.test_client_class = ContractClient
    return app.test_client()


@pytest.fixture(params=["token", "session", "key", "session and token"])
def headers(request, client, tenant):
    """Those of a member who came in that way."""
    if request.param == "session":
        assert client.post("/login", data=LOGIN).status_code == 302
        return {}
    token = token_headers(client, tenant.member)
    if request.param == "session and token":
        client.post("/login", data=LOGIN)
    if request.param != "key":
        return token
    body = {"name": "meter", "scopes": ["read", "write-data"]}
    made = client.post("/api/v3_0/api-keys", json=body, headers=token)
    return {"Authorization": made.get_json()["key"]}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_lost_before_anybody_was_looked_up(
    client, tenant, headers, lose_connections, caplog, method
):
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    options = {"json": DATA} if method == "POST" else {"query_string": DATA | {"values": None}}
    assert client.open(path, method=method, headers=headers, **options).status_code == 200
    lose_connections()
    answer = client.open(path, method=method, headers=headers, **options)
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "DATABASE_NOT_READY"
    assert answer.get_json()["result"] == "Rejected"
    assert "postgresql" not in answer.text
    assert "fmhost_test" in caplog.text
    assert client.open(path, method=method, headers=headers, **options).status_code == 200


def test_a_token_that_could_not_be_looked_up_makes_no_password_wrong(
    client, headers, lose_connections
):
    lose_connections()
    answer = client.post("/api/requestAuthToken", json=LOGIN, headers=headers)
    assert answer.status_code == 503
    assert request_token(client, LOGIN["email"], PASSWORD).status_code == 200


def test_a_page_says_so_without_asking_again_who_looks_at_it(client, lose_connections):
    client.post("/login", data=LOGIN)
    assert client.get("/").status_code == 200
    lose_connections()
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert "postgresql" not in answer.text
    assert client.get("/").status_code == 200


def test_a_form_of_the_login_page_says_so(client, lose_connections):
    assert client.post("/login", data=LOGIN | {"password": "wrong"}).status_code == 200
    lose_connections()
    assert client.post("/login", data=LOGIN).status_code == 503
    assert client.post("/login", data=LOGIN).status_code == 302


def test_who_asks_again_after_it_was_lost_in_the_middle(client, tenant):
    answer = client.get("/api/stubborn", headers=token_headers(client, tenant.member))
    assert answer.status_code == 503
    assert answer.get_json()["message"] == (
        "The database cannot be reached. Try again in a minute."
    )
