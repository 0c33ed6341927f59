"""Pages of other origins may call the API where the settings let them."""

from __future__ import annotations

import logging

import pytest

from fmhost.app import create
from fmhost.errors import ConfigurationError
from fmhost.testing.web import token_headers

APP = "https://app.example.org"


@pytest.fixture
def open_client(open_installation):
    """A client of an application; the keywords are settings below ``CORS_``."""

    def open_it(**overrides):
        named = {f"CORS_{name}": value for name, value in overrides.items()}
        return create(installation=open_installation(**named)).test_client()

    return open_it


def allowed(client, origin=APP, path="/api/", **options):
    """What an answer says about the origin."""
    headers = client.get(path, headers={"Origin": origin, **options}).headers
    return headers.get("Access-Control-Allow-Origin")


def test_by_default_nobody_may(open_client):
    assert allowed(open_client()) is None


def test_named_origins_may_and_others_may_not(open_client, tenant):
    client = open_client(ORIGINS=[APP, "null"])
    assert allowed(client) == APP
    assert allowed(client, "null") == "null"
    assert allowed(client, "https://evil.example.org") is None
    assert allowed(client, "https://app.example.org.evil.org") is None
    headers = token_headers(client, tenant.member)
    assert allowed(client, path="/api/v3_0/assets", **headers) == APP
    assert allowed(client, path="/docs/") is None


def test_errors_can_be_read_too(open_client):
    client = open_client(ORIGINS=[APP])
    for path, status in (
        ("/api/v3_0/assets", 401),
        ("/api/nowhere", 404),
        ("/api/v1/getService", 410),
    ):
        answer = client.get(path, headers={"Origin": APP})
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == APP


def test_a_regular_expression_must_match_the_whole_origin(open_client):
    client = open_client(ORIGINS=[r"https://.*\.example\.org"])
    assert allowed(client) == APP
    assert allowed(client, "https://app.example.org.evil.org") is None


def test_a_browser_asks_beforehand(open_client):
    client = open_client(ORIGINS=[APP])
    asked = {
        "Origin": APP,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    answer = client.options("/api/v3_0/assets/1", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert answer.headers["Access-Control-Max-Age"] == "600"


def test_pages_can_read_our_headers(open_client):
    answer = open_client(ORIGINS=[APP]).get("/api/", headers={"Origin": APP})
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"Deprecation", "Retry-After", "X-Request-ID"} <= set(exposed.split(", "))


def test_cookies_may_be_sent_unless_the_host_says_otherwise(open_client):
    header = "Access-Control-Allow-Credentials"
    asked = {"headers": {"Origin": APP}}
    assert open_client(ORIGINS=[APP]).get("/api/", **asked).headers[header] == "true"
    without = open_client(ORIGINS=[APP], SUPPORTS_CREDENTIALS=False)
    assert header not in without.get("/api/", **asked).headers


@pytest.mark.parametrize("everybody", ["*", ".*"])
def test_all_origins_may_but_without_cookies(open_client, everybody, caplog):
    with caplog.at_level(logging.WARNING, "fmhost.requests"):
        client = open_client(ORIGINS=[everybody])
    answer = client.get("/api/", headers={"Origin": "https://anywhere.example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "may not send cookies" in caplog.text


def test_resources_with_options_of_their_own(open_client):
    client = open_client(
        RESOURCES={"/api/v3_0/.*": {"origins": APP}, "/docs/": {}}, ORIGINS=["null"]
    )
    assert allowed(client, path="/api/v3_0/health/ready") == APP
    assert allowed(client, path="/docs/") is None
    assert allowed(client, "null", path="/docs/") == "null"
    assert allowed(client, path="/api/") is None


@pytest.mark.parametrize("resources", [["/api/["], {"/api/*": "everybody"}])
def test_settings_that_make_no_sense(open_client, resources):
    with pytest.raises(ConfigurationError, match="CORS_RESOURCES"):
        open_client(ORIGINS=[APP], RESOURCES=resources)
