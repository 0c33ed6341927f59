"""Rate limits: who is counted, what is counted, and what happens beyond."""

from __future__ import annotations

import logging

import pytest

from fmhost.app import create
from fmhost.errors import ConfigurationError
from fmhost.model import Account, Plan
from fmhost.testing.contract import ContractClient
from fmhost.testing.distributions import plugin
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import request_token, token_headers

#: How names of settings begin that tests write without their prefix.
_SHORT = ("DEFAULT_", "TRIGGER_", "RATE_LIMIT_KEY")

#: Two paths that start a computation, the one of an asset and the other of a sensor.
WORKING = plugin(
    "working",
    """
    manifest = Manifest(
        name="working",
        pages=(
            Pages(
                "acme_working.views:operations",
                routes=("/api/working/assets/<id>/trigger", "/api/working/sensors/<id>/trigger"),
            ),
        ),
    )
    """,
    {
        "views.py": """
            from marshmallow import Schema, fields

            from fmhost.plugin import Permission, Resource, loaders

            class Done(Schema):
                status = fields.String()

            class Task(Schema):
                size = fields.Float(required=True)

            operations = Resource("working", __name__, url_prefix="/api/working")

            @operations.operation("POST", "/assets/<id>/trigger", schema=Task(), answer=Done)
            def of_asset(id, given):
                "Work on an asset."
                loaders.load_asset(id, Permission.READ)
                return {"status": "DONE"}

            @operations.operation("POST", "/sensors/<id>/trigger", schema=Task(), answer=Done)
            def of_sensor(id, given):
                "Work on a sensor."
                loaders.load_sensor(id, Permission.READ)
                return {"status": "DONE"}
            """
    },
)


@pytest.fixture
def open_client(site, open_installation, tenant):
    """A client of an application that counts; the keywords are settings, below their prefix."""
    site.install(WORKING)

    def open_it(**overrides):
        named = {
            f"FLEXMEASURES_API_{name}" if name.startswith(_SHORT) else name: value
            for name, value in overrides.items()
        }
        app = create(installation=open_installation(RATELIMIT_ENABLED=True, **named))
        app.test_client_class = ContractClient
        return app.test_client()

    return open_it


@pytest.fixture
def give_plan(installation, tenant):
    """Gives the account of the members a plan."""

    def give(**fields):
        with installation.database.transaction() as session:
            account = session.get_one(Account, tenant.account.id)
            account.plan = Plan(name="gold", **fields)

    return give


def trigger(client, headers, path, body=None):
    """The status of a request for a computation."""
    body = {"size": 1} if body is None else body
    url = f"/api/working/{path}/trigger"
    return client.post(url, json=body, headers=headers).status_code


def test_beyond_the_limit_requests_are_refused(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="3 per hour")
    assert [client.get("/api/").status_code for _ in range(3)] == [200] * 3
    answer = client.get("/api/")
    assert answer.status_code == 429
    assert answer.get_json() == {
        "result": "Rejected",
        "status": "TOO_MANY_REQUESTS",
        "message": "You hit a rate limit. The limit you hit allows 3 per 1 hour.",
    }
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert len(answer.headers["X-Request-ID"]) == 32
    assert answer.headers["FlexMeasures-Version"]


def test_every_answer_tells_what_is_left(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="5 per hour")
    for number, path in enumerate(("/api/", "/api/v3_0/nowhere", "/api/v3_0/assets")):
        headers = client.get(path).headers
        assert headers["X-RateLimit-Limit"] == "5"
        assert headers["X-RateLimit-Remaining"] == str(4 - number)
        assert {"X-RateLimit-Reset", "Retry-After"} <= set(headers.keys())


def test_several_limits_hold_together(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="2 per minute; 100 per day")
    client.get("/api/")
    assert client.get("/api/").headers["X-RateLimit-Limit"] == "2"
    answer = client.get("/api/")
    assert answer.status_code == 429
    assert "2 per 1 minute" in answer.get_json()["message"]


def test_health_and_pages_are_not_counted(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="1 per hour")
    for path in ("/api/v3_0/health/ready", "/docs/"):
        answers = [client.get(path) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert "X-RateLimit-Limit" not in answers[0].headers


def test_users_are_counted_apart_wherever_they_are(open_client, tenant):
    client = open_client(DEFAULT_RATE_LIMIT="4 per hour")
    member = token_headers(client, tenant.member)
    other = token_headers(client, tenant.other_member)
    path = "/api/v3_0/assets/public"
    assert [client.get(path, headers=member).status_code for _ in range(5)] == [200] * 4 + [429]
    assert client.get(path, headers=other).status_code == 200
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.0.0.9"}}
    assert client.get(path, headers=member, **elsewhere).status_code == 429


def test_without_a_login_the_address_is_counted(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="1 per hour")
    wrong = {"email": "nobody@example.org", "password": "wrong password"}
    login = "/api/requestAuthToken"
    assert client.post(login, json=wrong).status_code == 401
    assert client.post(login, json=wrong).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.0.0.9"}}
    assert client.post(login, json=wrong, **elsewhere).status_code == 401


def test_a_token_that_is_none_does_not_hide_the_address(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="2 per hour")
    found = [
        client.get("/api/", headers={"Authorization": f"made-up-{number}"}).status_code
        for number in range(3)
    ]
    assert found == [200, 200, 429]


def test_only_started_computations_count(open_client, tenant):
    client = open_client(TRIGGER_RATE_LIMIT="2 per hour")
    member = token_headers(client, tenant.member)
    asset = f"assets/{tenant.battery.id}"
    for _ in range(4):
        assert trigger(client, member, asset, body={}) == 422
    assert trigger(client, member, asset) == 200
    assert trigger(client, member, asset) == 200
    answer = client.post(f"/api/working/{asset}/trigger", json={"size": 1}, headers=member)
    assert answer.status_code == 429
    assert "2 per 1 hour" in answer.get_json()["message"]
    assert answer.headers["X-RateLimit-Limit"] == "2"
    assert client.get("/api/v3_0/assets/public", headers=member).status_code == 200


def test_the_stricter_limit_is_told(open_client, tenant):
    client = open_client(TRIGGER_RATE_LIMIT="2 per hour")
    member = token_headers(client, tenant.member)
    url = f"/api/working/assets/{tenant.battery.id}/trigger"
    answer = client.post(url, json={"size": 1}, headers=member)
    assert answer.headers["X-RateLimit-Limit"] == "2"
    assert answer.headers["X-RateLimit-Remaining"] == "1"


def test_by_default_an_account_shares_the_limit_of_computations(open_client, tenant):
    client = open_client(TRIGGER_RATE_LIMIT="1 per hour")
    member = token_headers(client, tenant.member)
    assert trigger(client, member, f"assets/{tenant.battery.id}") == 200
    colleague = token_headers(client, tenant.account_admin)
    assert trigger(client, colleague, f"sensors/{tenant.status.id}") == 429
    admin = token_headers(client, tenant.admin)
    assert trigger(client, admin, f"assets/{tenant.battery.id}") == 200


def test_the_limit_may_be_by_account_and_asset(open_client, tenant):
    client = open_client(TRIGGER_RATE_LIMIT="1 per hour", RATE_LIMIT_KEY="account+asset")
    member = token_headers(client, tenant.member)
    assert trigger(client, member, f"assets/{tenant.battery.id}") == 200
    assert trigger(client, member, f"sensors/{tenant.power.id}") == 429
    assert trigger(client, member, f"sensors/{tenant.status.id}") == 200
    assert trigger(client, member, f"assets/{tenant.inverter.id}") == 429
    assert trigger(client, member, f"sensors/{10**30}") == 422
    assert trigger(client, member, "assets/none") == 422


def test_the_limit_may_be_by_user(open_client, tenant):
    client = open_client(TRIGGER_RATE_LIMIT="1 per hour", RATE_LIMIT_KEY="user")
    asset = f"assets/{tenant.battery.id}"
    member = token_headers(client, tenant.member)
    assert [trigger(client, member, asset) for _ in range(2)] == [200, 429]
    assert trigger(client, token_headers(client, tenant.account_admin), asset) == 200


def test_a_key_that_is_none_is_reported_and_the_account_is_taken(open_client, tenant, caplog):
    with caplog.at_level(logging.ERROR, "fmhost.requests"):
        client = open_client(TRIGGER_RATE_LIMIT="1 per hour", RATE_LIMIT_KEY="planet")
    assert "FLEXMEASURES_API_RATE_LIMIT_KEY is 'planet'" in caplog.text
    asset = f"assets/{tenant.battery.id}"
    assert trigger(client, token_headers(client, tenant.member), asset) == 200
    assert trigger(client, token_headers(client, tenant.account_admin), asset) == 429


def test_a_plan_counts_before_the_settings(open_client, tenant, give_plan):
    give_plan(
        default_rate_limit="3 per hour", trigger_rate_limit="1 per hour", rate_limit_key="user"
    )
    client = open_client(DEFAULT_RATE_LIMIT="100 per hour", TRIGGER_RATE_LIMIT="100 per hour")
    asset = f"assets/{tenant.battery.id}"
    member = token_headers(client, tenant.member)
    assert [trigger(client, member, asset) for _ in range(2)] == [200, 429]
    colleague = token_headers(client, tenant.account_admin)
    assert trigger(client, colleague, asset) == 200
    answers = [client.get("/api/v3_0/assets/public", headers=colleague) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    other = token_headers(client, tenant.other_member)
    answer = client.get("/api/v3_0/assets/public", headers=other)
    assert answer.headers["X-RateLimit-Limit"] == "100"


def test_a_plan_may_allow_everything(open_client, tenant, give_plan):
    give_plan(default_rate_limit="unlimited", trigger_rate_limit="unlimited")
    client = open_client(DEFAULT_RATE_LIMIT="2 per hour", TRIGGER_RATE_LIMIT="1 per hour")
    member = token_headers(client, tenant.member)
    asset = f"assets/{tenant.battery.id}"
    assert [trigger(client, member, asset) for _ in range(4)] == [200] * 4


def test_what_a_plan_leaves_open_or_says_wrongly_is_as_in_the_settings(
    open_client, tenant, give_plan, caplog
):
    give_plan(default_rate_limit="a lot")
    client = open_client(DEFAULT_RATE_LIMIT="5 per hour", TRIGGER_RATE_LIMIT="1 per hour")
    member = token_headers(client, tenant.member)
    answer = client.get("/api/v3_0/assets/public", headers=member)
    assert answer.headers["X-RateLimit-Limit"] == "5"
    assert "no rate limit: a lot" in caplog.text
    asset = f"assets/{tenant.battery.id}"
    assert [trigger(client, member, asset) for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    "overrides",
    [{"FLEXMEASURES_MODE": "play"}, {"DEFAULT_RATE_LIMIT": "unlimited"}],
    ids=["play", "unlimited"],
)
def test_where_nothing_is_limited(open_client, overrides):
    client = open_client(**{"DEFAULT_RATE_LIMIT": "1 per hour", **overrides})
    answers = [client.get("/api/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "X-RateLimit-Limit" not in answers[0].headers


def test_limits_are_off_in_tests_unless_asked_for(open_installation):
    overrides = {"FLEXMEASURES_API_DEFAULT_RATE_LIMIT": "1 per hour"}
    client = create(installation=open_installation(**overrides)).test_client()
    assert [client.get("/api/").status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    "name", ["DEFAULT_RATE_LIMIT", "TRIGGER_RATE_LIMIT", "FMHOST_LOGIN_RATE_LIMIT"]
)
def test_a_limit_that_is_none(open_client, name):
    with pytest.raises(ConfigurationError, match=f"{name} is 'a lot', which is no rate limit"):
        open_client(**{name: "a lot"})


def test_servers_with_redis_count_together(open_client, redis_url, tenant):
    overrides = {"DEFAULT_RATE_LIMIT": "2 per hour", "FLEXMEASURES_REDIS_URL": redis_url}
    first, second = open_client(**overrides), open_client(**overrides)
    here = {"environ_base": {"REMOTE_ADDR": f"10.0.0.{tenant.member.id}"}}
    found = [client.get("/api/", **here).status_code for client in (first, second, first)]
    assert found == [200, 200, 429]


def test_a_redis_that_is_gone_blocks_nobody(open_client, caplog):
    gone = {"FLEXMEASURES_REDIS_URL": "127.0.0.1", "FLEXMEASURES_REDIS_PORT": 1}
    client = open_client(DEFAULT_RATE_LIMIT="2 per hour", **gone)
    assert [client.get("/api/").status_code for _ in range(3)] == [200, 200, 429]
    assert "Requests are counted in memory, as Redis fails" in caplog.text


def test_the_document_tells_of_limits(open_client):
    paths = open_client().get("/api/v3_0/openapi.json").get_json()["paths"]
    assert "429" in paths["/api/v3_0/assets"]["get"]["responses"]
    assert "429" not in paths["/api/v3_0/health/ready"]["get"]["responses"]


def attempt(client, email="member@example.org", password="wrong", **options):
    """The status of a login by the page."""
    form = {"email": email, "password": password}
    return client.post("/login", data=form, **options).status_code


def test_passwords_are_guessed_a_few_times_only(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="3 per hour")
    found = [request_token(client, "member@example.org", "wrong") for _ in range(4)]
    assert [answer.status_code for answer in found] == [401, 401, 401, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in found] == ["2", "1", "0", "0"]
    assert found[3].get_json()["status"] == "TOO_MANY_REQUESTS"
    assert request_token(client, "MEMBER@example.org ", PASSWORD).status_code == 429
    assert attempt(client, "member@example.org", PASSWORD) == 429


def test_the_page_is_limited_as_the_api_is(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="2 per hour")
    assert [attempt(client) for _ in range(3)] == [200, 200, 429]
    answer = client.post("/login", data={"email": "member@example.org", "password": PASSWORD})
    assert answer.mimetype == "text/html"
    assert "You hit a rate limit" in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert client.get("/login").status_code == 200


def test_unknown_users_are_limited_like_others(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="2 per hour")
    assert [attempt(client, "nobody@example.org") for _ in range(3)] == [200, 200, 429]


def test_logins_that_succeed_are_not_counted(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="2 per hour")
    for _ in range(3):
        assert request_token(client, "member@example.org", PASSWORD).status_code == 200
        assert attempt(client, password=PASSWORD) == 302
        client.post("/logout")
    assert attempt(client) == 200


def test_whoever_guesses_keeps_nobody_else_out(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="1 per hour")
    assert [attempt(client), attempt(client)] == [200, 429]
    assert attempt(client, "boss@example.org", PASSWORD) == 302
    client.post("/logout")
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.0.0.9"}}
    assert attempt(client, password=PASSWORD, **elsewhere) == 302


def test_mails_are_asked_for_a_few_times_only(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="2 per hour")
    for email in ("member@example.org", "nobody@example.org"):
        form = {"email": email}
        found = [client.post("/reset", data=form).status_code for _ in range(3)]
        assert found == [200, 200, 429]
    client.application.extensions["fmhost.outbox"].wait()
    assert len(client.application.extensions["mailman"].outbox) == 2


#: A form of Flask-Security writes its choices in an older way of WTForms.
@pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning")
def test_codes_are_guessed_a_few_times_only(open_client):
    client = open_client(FMHOST_LOGIN_RATE_LIMIT="3 per hour", SECURITY_TWO_FACTOR=True)
    assert attempt(client, password=PASSWORD) == 302
    assert client.post("/tf-validate", data={"code": "123"}).status_code == 200
    assert client.post("/tf-rescue", data={"help_setup": "email"}).status_code == 200
    assert client.post("/tf-validate", data={"code": "123"}).status_code == 200
    assert client.post("/tf-rescue", data={"help_setup": "email"}).status_code == 429
    assert client.post("/tf-validate", data={"code": "123"}).status_code == 429


def test_forms_for_logins_count_as_requests_of_their_address(open_client):
    client = open_client(DEFAULT_RATE_LIMIT="2 per hour")
    found = [attempt(client, f"user{number}@example.org") for number in range(3)]
    assert found == [200, 200, 429]
    assert client.get("/api/").status_code == 429
