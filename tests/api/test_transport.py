"""How requests reach the server: HTTPS, proxies, host names, sizes."""

from __future__ import annotations

import logging

import pytest

from fmhost.api.transport import is_loopback
from fmhost.app import create
from fmhost.services.installation import Installation
from fmhost.settings import load
from fmhost.testing.tenants import PASSWORD

FORCED = "FLEXMEASURES_FORCE_HTTPS"
OUTSIDE = "http://energy.example.org"


@pytest.fixture
def open_client(open_installation):
    """A client of an application; the keywords are settings."""
    return lambda **overrides: create(installation=open_installation(**overrides)).test_client()


@pytest.fixture
def client_in(open_installation, tmp_path):
    """A client of an application in an environment."""
    opened = []

    def open_it(environment, **overrides):
        settings = load(
            environ={"FMHOST_INSTANCE": str(tmp_path), "HOME": str(tmp_path)},
            environment=environment,
            overrides={
                "SECRET_KEY": "key",
                "SQLALCHEMY_DATABASE_URI": open_installation().settings.database_uri,
                "TRUSTED_HOSTS": None,
                **overrides,
            },
        )
        opened.append(Installation.open(settings))
        return create(installation=opened[-1]).test_client()

    yield open_it
    for installation in opened:
        installation.close()


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_who_serves_others_gets_plain_requests_redirected(client_in, environment, caplog):
    client = client_in(environment)
    with caplog.at_level(logging.WARNING, "fmhost.requests"):
        answer = client.get("/docs/?a=b", base_url=OUTSIDE)
        client.get("/docs/", base_url=OUTSIDE)
    assert answer.status_code == 307
    assert answer.headers["Location"] == "https://energy.example.org/docs/?a=b"
    assert len(answer.headers["X-Request-ID"]) == 32
    assert caplog.text.count("FLEXMEASURES_FORCE_HTTPS = False") == 1
    assert client.get("/docs/", base_url="https://energy.example.org").status_code == 200


def test_below_api_the_redirect_is_explained_in_json(client_in):
    client = client_in("production")
    answer = client.post("/api/requestAuthToken", json={}, base_url=f"{OUTSIDE}:5000")
    assert answer.status_code == 307
    assert answer.headers["Location"] == "https://energy.example.org:5000/api/requestAuthToken"
    assert answer.get_json() == {"message": "This server is reached by HTTPS.", "status": 307}


def test_on_this_very_machine_requests_may_be_plain(client_in):
    client = client_in("production")
    for host in ("localhost", "127.0.0.1:5000", "[::1]:5000"):
        assert client.get("/api/", base_url=f"http://{host}").status_code == 200


def test_balancers_ask_plainly(client_in):
    client = client_in("production")
    assert client.get("/api/v3_0/health/ready", base_url=OUTSIDE).status_code == 200


@pytest.mark.parametrize("environment", ["development", "documentation", "testing"])
def test_elsewhere_requests_may_be_plain(client_in, environment):
    assert client_in(environment).get("/api/", base_url=OUTSIDE).status_code == 200


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_cookies_of_a_server_for_others(client_in, tenant, environment):
    client = client_in(environment, WTF_CSRF_ENABLED=False)
    form = {"email": "member@example.org", "password": PASSWORD, "remember": "y"}
    answer = client.post("/login", data=form, base_url="https://energy.example.org")
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"session", "remember_token"}
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_hosts_can_have_plain_requests_served(client_in):
    client = client_in("production", **{FORCED: False})
    assert client.get("/api/", base_url=OUTSIDE).status_code == 200


def test_hosts_can_insist_on_https_everywhere(open_client):
    client = open_client(**{FORCED: True})
    assert client.get("/api/").status_code == 307
    assert client.get("/api/", base_url="https://localhost").status_code == 200


def test_a_proxy_that_ends_https_is_no_reason_for_a_redirect(open_client):
    client = open_client(**{FORCED: True})
    assert client.get("/api/", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    assert client.get("/api/", headers={"X-Forwarded-Proto": "http"}).status_code == 307


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost:5000", True),
        ("app.localhost", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("localhost.example.org", False),
        ("192.168.1.2:5000", False),
        ("[fe80::1]:80", False),
        ("", False),
    ],
)
def test_loopback_hosts(host, loopback):
    assert is_loopback(host) is loopback


def session_cookie(client, **options):
    """The header that sets the cookie of a login."""
    form = {"email": "member@example.org", "password": PASSWORD}
    answer = client.post("/login", data=form, **options)
    cookies = answer.headers.getlist("Set-Cookie")
    (cookie,) = (each for each in cookies if each.startswith("session="))
    return cookie


def test_a_session_that_begins_by_https_stays_there(open_client, tenant):
    client = open_client()
    assert "Secure" not in session_cookie(client)
    encrypted = session_cookie(open_client(), base_url="https://localhost")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(encrypted.split("; "))
    behind = session_cookie(open_client(), headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in behind


def test_proxies_are_believed_where_there_are_some(open_client):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "energy.example.org"}

    def listed(client):
        (url, *_) = (
            each["url"]
            for each in client.get("/api/v3_0", headers=forwarded).get_json()["services"]
        )
        return url.partition("/api")[0]

    assert listed(open_client()) == "http://localhost"
    assert listed(open_client(FMHOST_PROXIES=1)) == "https://energy.example.org"


def test_a_proxy_tells_who_is_counted(open_client):
    limits = {"RATELIMIT_ENABLED": True, "FLEXMEASURES_API_DEFAULT_RATE_LIMIT": "1 per hour"}
    client = open_client(FMHOST_PROXIES=1, **limits)

    def ask(address):
        # What a client writes there itself stands before what the proxy adds.
        headers = {"X-Forwarded-For": f"10.9.9.9, {address}"}
        return client.get("/api/", headers=headers).status_code

    assert [ask("10.0.0.1"), ask("10.0.0.2"), ask("10.0.0.1")] == [200, 200, 429]


def test_pages_load_everything_by_https_where_the_host_wants_it(open_client):
    client = open_client(FLEXMEASURES_ENFORCE_SECURE_CONTENT_POLICY=True)
    own = client.get("/docs/").headers["Content-Security-Policy"]
    assert own.endswith("frame-ancestors 'none'; upgrade-insecure-requests")
    others = {"Accept": "application/json"}  # what has no policy of its own
    page = client.get("/nowhere", headers=others)
    assert page.headers["Content-Security-Policy"] == "upgrade-insecure-requests"
    assert "Content-Security-Policy" not in client.get("/api/").headers
    assert "Content-Security-Policy" not in open_client().get("/nowhere", headers=others).headers


def test_other_host_names_are_refused(open_client):
    client = open_client(TRUSTED_HOSTS=["energy.example.org"], **{FORCED: True})
    answer = client.get("/api/", base_url="http://evil.example.org")
    assert answer.status_code == 400
    assert answer.get_json()["status"] == 400
    assert len(answer.headers["X-Request-ID"]) == 32
    assert client.get("/docs/", base_url="https://evil.example.org").status_code == 400
    assert client.get("/api/", base_url="https://energy.example.org").status_code == 200


@pytest.mark.parametrize("path", ["/api/v3_0/assets", "/api/requestAuthToken"])
def test_a_body_that_is_too_large(open_client, path):
    answer = open_client().post(
        path, data=b" " * (4 * 1024**2 + 1), content_type="application/json"
    )
    assert answer.status_code == 413
    assert answer.get_json() == {
        "result": "Rejected",
        "status": "PAYLOAD_TOO_LARGE",
        "message": "The body of the request is too large.",
    }
    assert len(answer.headers["X-Request-ID"]) == 32


def test_answers_of_all_kinds_carry_the_id_of_their_request(open_client):
    client = open_client()
    given = {"X-Request-ID": "trace-42"}
    for method, path, status in (
        ("GET", "/api/v3_0/assets", 401),
        ("GET", "/api/v3_0/nowhere", 404),
        ("PUT", "/api/v3_0/assets", 405),
        ("POST", "/api/v1/postMeterData", 410),
        ("GET", "/nowhere", 404),
        ("GET", "/login", 200),
    ):
        answer = client.open(path, method=method, headers=given)
        assert (answer.status_code, answer.headers["X-Request-ID"]) == (status, "trace-42"), path
