"""API keys: made once, good for some scopes, recognised by their hash, revoked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from fmhost.app import create
from fmhost.model import ApiKey, AuditLog, Sensor, User
from fmhost.model.sources import get_or_create_source
from fmhost.services import api_keys
from fmhost.testing.tenants import PASSWORD

DATA = {"values": [1], "start": "2026-03-02T08:00:00+01:00", "duration": "PT15M", "unit": "kW"}
ALL = ["read", "write-data", "trigger"]


@pytest.fixture
def key_of(installation):
    """Gives keys of users."""

    def make(user, *scopes, expires_at=None):
        with installation.database.transaction() as session:
            owner = session.get_one(User, user.id)
            _, key = api_keys.create_key(
                installation,
                session,
                owner,
                name="a program",
                scopes=scopes or ALL,
                expires_at=expires_at,
            )
        return key

    return make


@pytest.fixture
def as_key(nobody):
    """Calls with a key."""
    return lambda key: type(nobody)(nobody.client, {"Authorization": key})


@pytest.fixture
def stored(installation):
    """All keys as the database has them."""

    def read():
        with installation.database.reading() as session:
            return session.scalars(select(ApiKey).order_by(ApiKey.id)).all()

    return read


def wanted(**fields):
    return {"name": "weather robot", "scopes": ["write-data", "read"], **fields}


def test_a_key_is_shown_once_and_kept_as_a_hash(member, stored, tenant, clock):
    answer = member.post("/api-keys", wanted())
    assert answer.status_code == 201
    made = answer.get_json()
    key = made.pop("key")
    assert key.startswith("fmk_")
    assert len(key) > 40
    (kept,) = stored()
    assert made == {
        "id": kept.id,
        "user_id": tenant.member.id,
        "name": "weather robot",
        "prefix": key[:12],
        "scopes": ["read", "write-data"],
        "created_at": clock().isoformat(),
        "expires_at": None,
        "last_used_at": None,
        "status": 201,
    }
    assert key not in str(vars(kept))
    (listed,) = member.get("/api-keys").get_json()
    assert listed == {name: value for name, value in made.items() if name != "status"}


def test_no_two_keys_are_the_same(member):
    keys = {member.post("/api-keys", wanted()).get_json()["key"] for _ in range(5)}
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"expires_at": "2026-03-02T09:00:00+00:00"}, "expires_at"),
        ({"expires_at": "2027-01-01T00:00:00"}, "expires_at"),
        ({"user_id": 1}, "user_id"),
    ],
)
def test_what_does_not_fit_is_named(member, stored, fields, field):
    answer = member.post("/api-keys", wanted(**fields))
    assert answer.status_code == 422
    assert field in answer.get_json()["message"]["json"]
    assert stored() == []


def test_names_and_scopes_are_needed(member):
    assert set(member.post("/api-keys", {}).get_json()["message"]["json"]) == {"name", "scopes"}


# what keys are good for


def test_reading_in_the_name_of_the_user(as_key, key_of, tenant):
    caller = as_key(key_of(tenant.member, "read"))
    assert caller.get(f"/assets/{tenant.battery.id}").status_code == 200
    assert caller.get(f"/assets/{tenant.other_battery.id}").status_code == 403
    assert {each["name"] for each in caller.get("/assets").get_json()} == {"battery", "inverter"}


def test_writing_data(as_key, key_of, tenant):
    caller = as_key(key_of(tenant.member, "write-data"))
    path = f"/sensors/{tenant.power.id}/data"
    assert caller.post(path, DATA).status_code == 200
    assert caller.post(f"/sensors/{tenant.other_power.id}/data", DATA).status_code == 403
    note = {
        "content": "maintenance",
        "start": "2026-03-01T00:00:00+01:00",
        "end": "2026-03-02T00:00:00+01:00",
    }
    assert caller.post(f"/assets/{tenant.battery.id}/annotations", note).status_code == 201
    assert caller.get(f"/assets/{tenant.battery.id}").status_code == 403
    assert as_key(key_of(tenant.account_admin, "write-data")).delete(path).status_code == 204


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_write_that_has_to_give_way_to_another_still_knows_who_asks(
    open_installation, database, key_of, tenant
):
    # The post has made the user's source and waits for the sensor; the other transaction has the
    # sensor, and waits for the source. The database has the post give way, which looks first.
    options = {"connect_args": {"options": "-c timezone=utc -c deadlock_timeout=500ms"}}
    installation = open_installation(SQLALCHEMY_ENGINE_OPTIONS=options)
    client = create(installation=installation).test_client()
    headers = {"Authorization": key_of(tenant.member, "write-data")}
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    waiting = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            session.execute(text("SET LOCAL deadlock_timeout = '1min'"))
            session.execute(select(Sensor.id).where(Sensor.id == tenant.power.id).with_for_update())
            answer = pool.submit(client.post, path, json=DATA, headers=headers)
            with installation.database.engine.connect() as connection:
                while connection.scalar(waiting) < 1:
                    connection.rollback()
            get_or_create_source(session, session.get(User, tenant.member.id))
        assert answer.result().status_code == 200, answer.result().text


#: Methods and paths of each scope, with bodies that the operation takes or refuses after it knows
#: who asks.
SCOPED = {
    "read": [("GET", "/assets"), ("GET", "/users"), ("GET", "/sensors/{power}/data")],
    "write-data": [
        ("POST", "/sensors/{power}/data"),
        ("POST", "/sensors/data"),
        ("POST", "/sensors/{power}/data/upload"),
        ("DELETE", "/sensors/{power}/data"),
        ("POST", "/accounts/{account}/annotations"),
        ("POST", "/assets/{battery}/annotations"),
        ("POST", "/sensors/{power}/annotations"),
    ],
    "trigger": [
        ("POST", "/sensors/{power}/schedules/trigger"),
        ("POST", "/assets/{battery}/schedules/trigger"),
        ("POST", "/sensors/{power}/forecasts/trigger"),
    ],
    None: [
        ("POST", "/assets"),
        ("PATCH", "/assets/{battery}"),
        ("DELETE", "/assets/{battery}"),
        ("POST", "/sensors"),
        ("PATCH", "/users/{member}"),
        ("PATCH", "/users/{member}/password-reset"),
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("DELETE", "/api-keys/1"),
        ("POST", "/assets/default_asset_view"),
    ],
}


@pytest.mark.parametrize("scope", ALL)
def test_a_scope_is_good_for_its_operations_and_for_no_others(as_key, key_of, tenant, scope):
    caller = as_key(key_of(tenant.admin, scope))
    ids = {
        "power": tenant.power.id,
        "battery": tenant.battery.id,
        "account": tenant.account.id,
        "member": tenant.member.id,
    }
    for needed, requests in SCOPED.items():
        for method, path in requests:
            url = f"/api/v3_0{path.format(**ids)}"
            body = {} if method in ("POST", "PATCH") else None
            answer = caller.client.open(url, method=method, headers=caller.headers, json=body)
            refused = answer.status_code == 403
            assert refused is (needed != scope), (method, url, answer.text)
            if refused:
                told = answer.get_json()
                assert told["status"] == "INVALID_SENDER"
                assert (needed or "takes a login") in told["message"]


def test_the_document_names_the_scope_of_each_operation(client):
    document = client.get("/api/v3_0/openapi.json").get_json()
    assert document["components"]["securitySchemes"]["key"]["name"] == "Authorization"
    paths = document["paths"]
    post = paths["/api/v3_0/sensors/{id}/data"]["post"]
    assert {"key": ["write-data"]} in post["security"]
    assert {"key": ["read"]} in paths["/api/v3_0/assets"]["get"]["security"]
    assert "security" not in paths["/api/v3_0/assets"]["post"]
    assert paths["/api/requestAuthToken"]["post"]["security"] == []


def test_a_key_gets_no_token(as_key, key_of, tenant):
    caller = as_key(key_of(tenant.member))
    body = {"email": tenant.member.email}
    answer = caller.client.post("/api/requestAuthToken", json=body, headers=caller.headers)
    assert answer.status_code == 400


def test_pages_do_not_know_keys(open_installation, key_of, tenant):
    client = create(installation=open_installation()).test_client()
    headers = {"Authorization": key_of(tenant.member)}
    answer = client.get("/dashboard", headers=headers)
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_a_key_counts_before_a_session(open_installation, key_of, tenant):
    """And needs no CSRF token, as no browser sends it by itself."""
    client = create(installation=open_installation(WTF_CSRF_ENABLED=False)).test_client()
    client.post("/login", data={"email": tenant.admin.email, "password": PASSWORD})
    path = f"/api/v3_0/assets/{tenant.other_battery.id}"
    assert client.get(path).status_code == 200
    headers = {"Authorization": key_of(tenant.member, "read")}
    assert client.get(path, headers=headers).status_code == 403
    assert client.patch(path, json={"name": "x"}, headers=headers).status_code == 403


def test_a_key_needs_no_proof_against_forged_requests(open_installation, key_of, tenant):
    client = create(installation=open_installation(WTF_CSRF_ENABLED=True)).test_client()
    headers = {"Authorization": key_of(tenant.member, "write-data")}
    path = f"/api/v3_0/sensors/{tenant.power.id}/data"
    assert client.post(path, json=DATA, headers=headers).status_code == 200


# what makes them worthless


def assert_unauthorized(answer):
    assert answer.status_code == 401
    assert answer.get_json() == {
        "status": "UNAUTHORIZED",
        "message": "You could not be properly authenticated for this content or functionality.",
    }


@pytest.mark.parametrize("key", ["fmk_", "fmk_x", "fmk_" + "a" * 43, "fmk_" + "ä" * 9, "FMK_x"])
def test_keys_that_nobody_made(as_key, tenant, key):
    assert_unauthorized(as_key(key).get("/assets"))


def test_a_part_of_a_key_is_no_key(as_key, key_of, tenant):
    key = key_of(tenant.member)
    assert_unauthorized(as_key(key[:-1]).get("/assets"))
    assert_unauthorized(as_key(key[:12]).get("/assets"))


def test_a_hash_is_no_key(as_key, key_of, tenant, stored):
    key_of(tenant.member)
    assert_unauthorized(as_key("fmk_" + stored()[0].key_hash).get("/assets"))


def test_keys_expire(as_key, key_of, tenant, clock):
    caller = as_key(key_of(tenant.member, expires_at=clock() + timedelta(days=30)))
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    assert caller.get("/assets").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert_unauthorized(caller.get("/assets"))


def test_keys_last_longer_than_tokens(as_key, key_of, tenant, clock):
    caller = as_key(key_of(tenant.member))
    clock.advance(timedelta(days=3650))
    assert caller.get("/assets").status_code == 200


def test_revoked_keys(as_key, member, tenant):
    made = member.post("/api-keys", wanted()).get_json()
    other = member.post("/api-keys", wanted()).get_json()
    assert member.delete(f"/api-keys/{made['id']}").status_code == 204
    assert_unauthorized(as_key(made["key"]).get("/assets"))
    assert as_key(other["key"]).get("/assets").status_code == 200
    assert [each["id"] for each in member.get("/api-keys").get_json()] == [other["id"]]
    assert member.delete(f"/api-keys/{made['id']}").status_code == 404


def test_keys_of_users_who_are_inactive_or_gone(as_key, key_of, tenant, installation):
    inactive, deleted = key_of(tenant.member), key_of(tenant.account_admin)
    with installation.database.transaction() as session:
        session.get_one(User, tenant.member.id).active = False
        session.delete(session.get_one(User, tenant.account_admin.id))
    assert_unauthorized(as_key(inactive).get("/assets"))
    assert_unauthorized(as_key(deleted).get("/assets"))


def test_resetting_somebodys_access_ends_the_keys_too(as_key, as_user, key_of, tenant):
    key, other = key_of(tenant.member), key_of(tenant.account_admin)
    boss = as_user(tenant.account_admin)
    assert boss.patch(f"/users/{tenant.member.id}/password-reset", {}).status_code == 200
    assert_unauthorized(as_key(key).get("/assets"))
    assert as_key(other).get("/assets").status_code == 200


def test_ending_tokens_alone_leaves_them(as_key, key_of, tenant, installation):
    key = key_of(tenant.member)
    with installation.database.transaction() as session:
        session.get_one(User, tenant.member.id).revoke_access()
    assert as_key(key).get("/assets").status_code == 200


# who sees and revokes which


def test_everybody_lists_their_own(member, key_of, tenant):
    key_of(tenant.account_admin)
    key_of(tenant.other_member)
    assert member.get("/api-keys").get_json() == []
    key_of(tenant.member)
    assert len(member.get("/api-keys").get_json()) == 1


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("admin", True),
        ("admin_reader", True),
        ("account_admin", True),
        ("consultant", True),
        ("member", False),
        ("other_member", False),
        ("clerk", False),
    ],
)
def test_who_administers_an_account_lists_the_keys_of_its_users(
    as_user, key_of, tenant, name, sees
):
    key_of(tenant.member)
    key_of(tenant.other_member)
    answer = as_user(getattr(tenant, name)).get("/api-keys", account=tenant.account.id)
    assert answer.status_code == (200 if sees else 403)
    if sees:
        assert [each["user_id"] for each in answer.get_json()] == [tenant.member.id]


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("admin", True),
        ("account_admin", True),
        ("consultant", True),
        ("member", True),
        ("admin_reader", False),
        ("other_member", False),
        ("clerk", False),
    ],
)
def test_who_may_change_a_user_revokes_the_keys(as_user, key_of, stored, tenant, name, may):
    key_of(tenant.member)
    (kept,) = stored()
    answer = as_user(getattr(tenant, name)).delete(f"/api-keys/{kept.id}")
    assert answer.status_code == (204 if may else 404)
    assert len(stored()) == (0 if may else 1)


def test_keys_of_others_and_keys_that_do_not_exist_look_the_same(as_user, key_of, stored, tenant):
    key_of(tenant.member)
    (kept,) = stored()
    other = as_user(tenant.other_member)
    hidden, missing = (other.delete(f"/api-keys/{number}") for number in (kept.id, kept.id + 1))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(str(kept.id), "N") == missing.text.replace(str(kept.id + 1), "N")


def test_what_is_done_with_keys_is_recorded(member, installation, tenant):
    made = member.post("/api-keys", wanted()).get_json()
    member.delete(f"/api-keys/{made['id']}")
    with installation.database.reading() as session:
        records = session.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert [record.event for record in records] == [
        f"Created API key 'weather robot': {made['id']}",
        f"Revoked API key 'weather robot': {made['id']}",
    ]
    for record in records:
        assert record.active_user_id == record.affected_user_id == tenant.member.id
        assert record.affected_account_id == tenant.account.id


# what they cost


def test_last_use_is_noted_once_a_minute(as_key, key_of, tenant, stored, clock):
    caller = as_key(key_of(tenant.member))
    begin = clock()
    assert stored()[0].last_used_at is None
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (90, 60), (121, 121)):
        clock.set(begin + timedelta(seconds=seconds))
        caller.get("/assets")
        assert stored()[0].last_used_at == begin + timedelta(seconds=noted)


def test_use_is_noted_where_the_request_fails_and_not_where_the_key_is_worthless(
    as_key, key_of, tenant, stored, clock
):
    caller = as_key(key_of(tenant.member, expires_at=clock() + timedelta(hours=1)))
    caller.get(f"/assets/{tenant.other_battery.id}")
    assert stored()[0].last_used_at == clock()
    clock.advance(timedelta(hours=2))
    caller.get("/assets")
    assert stored()[0].last_used_at < clock()


def test_a_key_costs_no_more_statements_than_a_token(as_key, member, key_of, tenant, statements):
    caller = as_key(key_of(tenant.member, "read"))
    counts = []
    for each in (member, caller, member, caller):  # the first ones note that the user is here
        with statements() as counted:
            assert each.get("/assets/types").status_code == 200
        counts.append(counted.number)
    assert counts[2] == counts[3]


def test_lists_take_as_many_statements_for_many_keys(as_user, key_of, tenant, statements):
    boss = as_user(tenant.account_admin)
    counts = []
    for number in (1, 9):
        for _ in range(number):
            key_of(tenant.member)
        with statements() as counted:
            listed = boss.get("/api-keys", account=tenant.account.id).get_json()
        counts.append(counted.number)
    assert len(listed) == 10
    assert counts[0] == counts[1]
