"""When users logged in, and when they were last seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from fmhost.app import create
from fmhost.model import User
from fmhost.testing.tenants import PASSWORD
from fmhost.testing.web import token_headers


@pytest.fixture
def stored(installation, tenant):
    """The member as the database has it now."""

    def read():
        with installation.database.reading() as session:
            return session.get_one(User, tenant.member.id)

    return read


def test_requests_for_tokens_are_logins(member, stored, clock, as_user, tenant):
    assert (stored().login_count, stored().last_login_at) == (1, clock())
    clock.advance(timedelta(hours=1))
    as_user(tenant.member)
    assert (stored().login_count, stored().last_login_at) == (2, clock())
    assert stored().last_seen_at == clock()


def test_logging_in_by_the_page_is_a_login(client, stored, clock):
    form = {"email": "member@example.org", "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 302
    assert (stored().login_count, stored().last_login_at) == (1, clock())
    assert stored().last_seen_at == clock()
    clock.advance(timedelta(hours=1))
    assert client.get("/api/v3_0/assets").status_code == 200
    assert stored().last_seen_at == clock()


def test_wrong_passwords_are_none(client, stored):
    body = {"email": "member@example.org", "password": "wrong"}
    assert client.post("/api/requestAuthToken", json=body).status_code == 401
    client.post("/login", data=body)
    assert (stored().login_count, stored().last_login_at, stored().last_seen_at) == (0, None, None)


def test_users_are_seen_with_each_request_of_whatever_outcome(member, stored, clock, tenant):
    requests = (
        lambda: member.get("/assets"),
        lambda: member.get(f"/assets/{tenant.other_battery.id}"),
        lambda: member.delete(f"/assets/{tenant.battery.id}"),
        lambda: member.patch(f"/assets/{tenant.battery.id}", {"name": "B"}),
        lambda: member.patch(f"/assets/{tenant.battery.id}", {"name": 3}),
    )
    for request in requests:
        clock.advance(timedelta(minutes=1))
        request()
        assert stored().last_seen_at == clock()
    assert stored().login_count == 1


def test_within_a_minute_nothing_is_written(member, stored, clock, statements):
    def statements_of_a_request():
        with statements() as counted:
            assert member.get("/assets/types").status_code == 200
        return counted.number

    seen = clock()
    few = statements_of_a_request()
    clock.advance(timedelta(seconds=59))
    assert statements_of_a_request() == few
    assert stored().last_seen_at == seen
    clock.advance(timedelta(seconds=1))
    assert statements_of_a_request() > few
    assert stored().last_seen_at == clock()


@pytest.fixture
def writes():
    """``writes(app)``: a list that grows with every statement by which an application writes."""

    def watch(app):
        written = []

        def note(_connection, _cursor, statement, *_others):
            if statement.startswith(("UPDATE", "INSERT", "DELETE")):
                written.append(statement)

        engine = app.extensions["fmhost"]["installation"].database.engine
        event.listen(engine, "before_cursor_execute", note)
        return written

    return watch


def test_a_flood_of_refused_requests_is_noted_once_a_minute(
    open_installation, tenant, clock, writes
):
    limits = {
        "RATELIMIT_ENABLED": True,
        "FLEXMEASURES_API_DEFAULT_RATE_LIMIT": "10 per hour",
    }
    app = create(installation=open_installation(**limits))
    client = app.test_client()
    headers = token_headers(client, tenant.member)
    other, own = (
        f"/api/v3_0/assets/{asset.id}" for asset in (tenant.other_battery, tenant.battery)
    )

    def flood():
        return [
            client.get(other, headers=headers).status_code,
            client.get("/api/v3_0/assets/none", headers=headers).status_code,
            client.patch(own, json={"name": 3}, headers=headers).status_code,
            client.delete(own, headers=headers).status_code,
        ]

    written = writes(app)
    clock.advance(timedelta(seconds=59))
    assert flood() == [403, 422, 422, 403]
    assert written == []
    clock.advance(timedelta(seconds=1))
    assert flood() == [403, 422, 422, 403]
    assert len(written) == 1
    clock.advance(timedelta(seconds=59))
    assert flood() == [403, 422, 429, 429]
    assert flood() == [429] * 4
    assert len(written) == 1


def test_refused_requests_with_a_key_are_noted_once_a_minute(
    open_installation, tenant, clock, writes
):
    app = create(installation=open_installation())
    client = app.test_client()
    body = {"name": "meter", "scopes": ["read"]}
    token = token_headers(client, tenant.member)
    key = client.post("/api/v3_0/api-keys", json=body, headers=token).get_json()["key"]
    path = f"/api/v3_0/assets/{tenant.battery.id}"
    written = writes(app)
    for _ in range(3):
        clock.advance(timedelta(seconds=25))
        answer = client.patch(path, json={"name": "B"}, headers={"Authorization": key})
        assert answer.status_code == 403
    assert [statement.split()[1] for statement in written] == ["api_key", "fm_user"]


def test_nobody_and_those_who_may_not_log_in_are_not_seen(
    nobody, stored, member, clock, installation
):
    seen = stored().last_seen_at
    clock.advance(timedelta(hours=1))
    with installation.database.transaction() as session:
        session.get_one(User, stored().id).active = False
    assert member.get("/assets").status_code == 401
    nobody.get("/assets")
    nobody.client.get("/api/v3_0/assets", headers={"Authorization": "forged"})
    nobody.get("/health/ready")
    assert stored().last_seen_at == seen


def test_who_writes_does_not_keep_a_reader_waiting(member, stored, clock, installation):
    seen = stored().last_seen_at
    clock.advance(timedelta(hours=1))
    with installation.database.transaction() as session:
        session.get_one(User, stored().id).timezone = "Asia/Seoul"
        session.flush()
        assert member.get("/assets").status_code == 200
        assert stored().last_seen_at == seen
    assert member.get("/assets").status_code == 200
    assert stored().last_seen_at == clock()
